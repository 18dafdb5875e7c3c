"""Drills: a price source of the local world is made to fail on purpose, for a while."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What can be made to happen to a source's calls."""

    STORM = "storm"  # each is refused with 429
    OUTAGE = "outage"  # each loses its connection
    SLOW = "slow"  # each is answered late


@dataclass(frozen=True, slots=True)
class Drill:
    """One source under a fault until then (epoch seconds)."""

    source: str
    fault: Fault
    until: float
