"""Long lists in little room: as much as fits, and how much more there is."""

from __future__ import annotations

from collections.abc import Sequence

from bot.views.reply import utf16


def within(lines: Sequence[str], *, most: int, room: int) -> list[str]:
    """The first lines, `most` of them at most and no more than fit into `room` UTF-16 units; then `and 7 more`."""
    shown: list[str] = []
    left = room
    for line in lines[:most]:
        left -= utf16(line) + 1
        if left < 0:
            break
        shown.append(line)
    rest = len(lines) - len(shown)
    return [*shown, f"and {rest} more"] if rest else shown
