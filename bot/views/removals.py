"""What came of an admin's word on many deleted entries."""

from __future__ import annotations

from bot.views.text import count_of, proxies_of

SETTLED = (
    "That is settled already: another admin was faster, or the entries are back in the sheet.\n"
    "You need not do anything."
)


def freed(count: int) -> str:
    """They were meant."""
    if not count:
        return SETTLED
    return f"Freed {proxies_of(count)}.\nWhoever held {'it' if count == 1 else 'them'} is told."


def restored(count: int) -> str:
    """They were not."""
    if not count:
        return SETTLED
    return f"Nothing was freed: {count_of(count, 'entry', 'entries')} will stand in the sheet again within a minute."
