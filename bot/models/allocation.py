"""An allocation: one proxy for one resource, given to one user; and its states.

reserved → queued → taking → taken → releasing → released
reserved → released (cancelled) | expired      queued, taking → failed (proven absent)
taken → spent | bad → releasing (revived)      releasing → what it was before (refused)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where an allocation stands. `queued` was never sent to the sheet, `taking` perhaps was."""

    RESERVED = "reserved"
    QUEUED = "queued"
    TAKING = "taking"
    TAKEN = "taken"
    SPENT = "spent"
    BAD = "bad"
    RELEASING = "releasing"
    RELEASED = "released"
    EXPIRED = "expired"
    FAILED = "failed"


LIVE = frozenset(State) - {State.RELEASED, State.EXPIRED, State.FAILED}
PROJECTED = frozenset({State.TAKING, State.TAKEN, State.SPENT, State.BAD})
ENDED_USE = {State.SPENT, State.BAD}
SPENT_REASON = "spent"
TURN = "turn"
HELD = frozenset({State.QUEUED, State.TAKING, State.TAKEN, State.RELEASING})


@dataclass(frozen=True, slots=True)
class Allocation:
    """`key` is the proxy's; `row` where it was last seen; `name` as shown in the sheet; times in seconds.

    `replaced`: it was lost, and another one has taken its place in the request. `missing_since`: a reading of the
    whole sheet did not find its entry any more. `promised`: handed out before the sheet showed it. `reason`: why
    it is bad, SPENT_REASON for a spent one, TURN for what is kept for somebody in line.
    """

    id: str
    request: int
    key: str
    resource: str
    user_id: int
    name: str
    issued_on: str
    state: State
    row: int
    expires_at: float | None = None
    release_request: int | None = None
    replaced: bool = False
    missing_since: float | None = None
    promised: bool = False
    reason: str | None = None

    def moved_to(self, state: State, row: int | None = None) -> Allocation:
        """The same allocation in another state, and in another row where one is given."""
        return Allocation(
            self.id,
            self.request,
            self.key,
            self.resource,
            self.user_id,
            self.name,
            self.issued_on,
            state,
            self.row if row is None else row,
            self.expires_at,
            self.release_request,
            self.replaced,
            self.missing_since,
            self.promised,
            self.reason,
        )

    @property
    def before_leaving(self) -> State:
        """What a releasing one becomes again when it cannot be released."""
        if self.reason is None:
            return State.TAKEN
        return State.SPENT if self.reason == SPENT_REASON else State.BAD

    @property
    def is_held(self) -> bool:
        """Somebody has it, or is about to; what is being revived is nobody's."""
        return self.state in HELD and self.before_leaving is State.TAKEN

    @property
    def is_firm(self) -> bool:
        """Live, and not by its time alone."""
        return self.state in LIVE and self.state is not State.RESERVED

    def lapsed(self, now: float) -> bool:
        """A reservation whose time is over: it may be replaced."""
        return self.state is State.RESERVED and self.expires_at is not None and self.expires_at <= now
