"""What an admin reads after a word on many deleted entries."""

from __future__ import annotations

import pytest

from bot.views import removals

SETTLED = (
    "That is settled already: another admin was faster, or the entries are back in the sheet.\n"
    "You need not do anything."
)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (12, "Freed 12 proxies.\nWhoever held them is told."),
        (1, "Freed 1 proxy.\nWhoever held it is told."),
        (0, SETTLED),
    ],
)
def test_freed(count: int, text: str) -> None:
    """They were meant; nothing is left to say where others were faster."""
    assert text == removals.freed(count)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (12, "Nothing was freed: 12 entries will stand in the sheet again within a minute."),
        (1, "Nothing was freed: 1 entry will stand in the sheet again within a minute."),
        (0, SETTLED),
    ],
)
def test_restored(count: int, text: str) -> None:
    """They were not."""
    assert text == removals.restored(count)
