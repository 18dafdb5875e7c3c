"""Where a proxy stands, in the words that /who, /export and /audit share."""

from __future__ import annotations

from bot.models.allocation import Allocation, State

STATES = {
    State.RESERVED: "reserved",
    State.QUEUED: "being checked",
    State.TAKING: "being checked",
    State.TAKEN: "in use",
    State.SPENT: "used up",
    State.BAD: "not working",
    State.RELEASING: "being freed",
    State.RELEASED: "freed",
    State.EXPIRED: "was reserved, not taken",
    State.FAILED: "not given",
}
PROMISED = "handed out, not in the sheet yet"


def standing(allocation: Allocation) -> str:
    """The state of one, as people say it."""
    checked = allocation.state in {State.QUEUED, State.TAKING}
    return PROMISED if checked and allocation.promised else STATES[allocation.state]
