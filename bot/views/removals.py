"""What came of an admin's word on many deleted entries."""

from __future__ import annotations

from bot.views.text import count_of, proxies_of

SETTLED = "That is settled already: nothing waits for a word any more."


def freed(count: int) -> str:
    """They were meant."""
    if not count:
        return SETTLED
    return f"{proxies_of(count)} freed. Whoever held them is told."


def restored(count: int) -> str:
    """They were not."""
    if not count:
        return SETTLED
    return f"{count_of(count, 'entry', 'entries')} will stand in the sheet again within a minute."
