"""The texts of /pause and /resume."""

from __future__ import annotations

PAUSED = "Paused: I take no new orders from you. Closing and cancelling go on.\nTo trade again: /resume"
RESUMED = "I take orders from you again: /buy and /sell"
PAUSED_ALL = (
    "Paused for everybody: I take no new orders. Closing and cancelling go on.\nTo trade again: /resume all"
)
RESUMED_ALL = "Everybody can trade again, but for those who have paused themselves."
WAS_SO = "It was so before."


def paused(*, everybody: bool, changed: bool = True) -> str:
    """No new orders any more."""
    return _with(PAUSED_ALL if everybody else PAUSED, changed=changed)


def resumed(*, everybody: bool, changed: bool = True) -> str:
    """New orders again."""
    return _with(RESUMED_ALL if everybody else RESUMED, changed=changed)


def _with(text: str, *, changed: bool) -> str:
    return text if changed else f"{text}\n{WAS_SO}"
