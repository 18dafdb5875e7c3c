"""When to look for an order again, and when it is proven that it never arrived."""

from __future__ import annotations

from dataclasses import dataclass

from bot.models.order import IN_DOUBT, OrderState, VenueOrder
from bot.models.order_record import Cause, Outcome, because, outcome_of

SLOWEST = 30.0
OPEN_EVERY = 15.0
ABSENCES = 2  # looks after the horizon that have to find nothing
BETWEEN_ABSENCES = 2.0
SHOWN_AFTER = 600.0


@dataclass(frozen=True, slots=True)
class Sight:
    """One look for an order at a venue: not `answered` where the venue did not answer, which proves nothing.

    `began`: when the look did (clock.monotonic); `arrives_within` as for an Exchange.
    """

    began: float
    answered: bool
    seen: VenueOrder | None = None
    arrives_within: float | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """The looks for one order so far. `since`: from when on surely nothing was sent any more; `horizon`: until when
    it may arrive and become visible, as far as that is known (clock.monotonic)."""

    since: float
    looks: int = 0
    absences: int = 0
    last_seen: float | None = None
    horizon: float | None = None

    def after(self, sight: Sight) -> Search:
        """The search with one look more."""
        horizon = None if sight.arrives_within is None else self.since + sight.arrives_within
        proves = sight.answered and sight.seen is None and horizon is not None and sight.began > horizon
        return Search(
            self.since,
            self.looks + 1,
            self.absences + proves,
            self.last_seen if sight.seen is None else sight.began,
            horizon if sight.answered else self.horizon,
        )

    def outcome(self, state: OrderState, sight: Sight) -> Outcome | None:
        """What is known after the last look; that it had no effect when it was looked for until it could not arrive
        any more. What the venue has accepted is never absent."""
        if sight.seen is not None:
            return outcome_of(sight.seen)
        if state in IN_DOUBT and self.absences >= ABSENCES:
            return Outcome(OrderState.ABSENT, reason=because(Cause.ABSENT))
        return None

    def pause(self, state: OrderState, now: float) -> float:
        """Seconds until the next look: 1, 2, 4 … 15 while it is open, … 30 while nobody knows, but then as soon as
        a look can prove something."""
        usual = min(SLOWEST, 2.0 ** min(self.looks, 8))
        if state not in IN_DOUBT:
            return min(usual, OPEN_EVERY)
        if self.absences:
            return min(usual, BETWEEN_ABSENCES)
        if self.horizon is not None and now <= self.horizon:
            return min(usual, self.horizon - now + 1)
        return usual

    def is_stuck(self, state: OrderState, sight: Sight, now: float) -> bool:
        """Whether it is time that a person looks: nobody knows of it for long, or the venue does not any more."""
        if state.is_final or not (state in IN_DOUBT or sight.answered):
            return False
        return now - (self.since if self.last_seen is None else self.last_seen) > SHOWN_AFTER
