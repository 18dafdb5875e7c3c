"""Which of the prices that sources say is taken for the price, and what is told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isfinite

from bot.errors import PeerError
from bot.models.lookup import Aged
from bot.models.price import Metal, Spot

JUMP = Decimal("0.10")  # of the last good price: what is further away needs a second source
AGREEMENT = Decimal("0.02")  # within which a second source confirms the first


@dataclass(frozen=True, slots=True)
class Verdict:
    """The price that counts, if one does yet, and those that are refused."""

    accepted: Spot | None
    refused: tuple[Spot, ...] = ()


@dataclass(frozen=True, slots=True)
class SpotBoard:
    """Every metal's price, or what kept it away; `closed_until` (epoch seconds) while nothing is traded."""

    prices: Mapping[Metal, Aged[Spot] | PeerError]
    closed_until: float | None = None


def usable(spot: Spot, metal: Metal, now: float) -> Spot | None:
    """The price as of now at the latest, for clocks differ; None where it can be none at all."""
    price, at = spot.price, spot.at
    if spot.metal is not metal or not price.is_finite() or price <= 0 or not (isfinite(at) and at > 0):
        return None
    return replace(spot, at=min(at, now))


def judge(said: Sequence[Spot], known: Decimal | None, *, all_asked: bool) -> Verdict:
    """What counts of what the sources have said so far, in their order; `known` is the last good price.

    The first that is within 10 % of the known price, else the first that another confirms within 2 %. Where none is
    known the first that another does not contradict by 10 %, or the only one there is once all are asked.
    """
    accepted = _near(said, known) if known is not None else _first(said, all_asked=all_asked)
    if accepted is None:
        return Verdict(None, tuple(said) if all_asked else ())
    return Verdict(accepted, tuple(each for each in said if not _agree(each.price, accepted.price, JUMP)))


def _near(said: Sequence[Spot], known: Decimal) -> Spot | None:
    near = next((each for each in said if _agree(each.price, known, JUMP)), None)
    return near or _confirmed(said, AGREEMENT)


def _first(said: Sequence[Spot], *, all_asked: bool) -> Spot | None:
    if len(said) == 1 and all_asked:
        return said[0]
    return _confirmed(said, JUMP)


def _confirmed(said: Sequence[Spot], within: Decimal) -> Spot | None:
    for place, each in enumerate(said):
        if any(_agree(each.price, other.price, within) for other in said[place + 1 :]):
            return each
    return None


def _agree(one: Decimal, other: Decimal, within: Decimal) -> bool:
    """Whether `one` is no further than that fraction from `other`."""
    return abs(one - other) <= within * other
