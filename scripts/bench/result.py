"""What a benchmark of handing out found: one way of doing it in one scenario."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """`wall_s` until everybody had theirs, `wait_s` of it for the pace of calls; `latency_s` of one call.

    `taken` counts proxies that users were given, `double_handouts` those that more than one was given, `p50_s` and
    `p99_s` what users waited (None where nobody was served). `projected`: it was cut, and the figures say what the
    whole would have taken: calls by the pace, or one after the other where that takes longer.
    """

    scenario: str
    mode: str
    users: int
    per_user: int
    reads: int
    writes: int
    wall_s: float
    wait_s: float
    taken: int
    proxies_per_s: float
    double_handouts: int
    projected: bool
    latency_s: float
    p50_s: float | None
    p99_s: float | None

    @property
    def calls(self) -> int:
        """Reads and writes."""
        return self.reads + self.writes
