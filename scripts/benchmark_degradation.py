"""How a quota nobody knows is kept, and what a dead peer costs those who ask.

The pace is compared with the rule it grew from, one without memory, by peers that count in different ways
(bench/quotas.py), in virtual time. So is the outage: 50 calls into one with time-outs of 30 s (bench/outage.py).
What a user waits for a second source, and for three at once, is measured by the machine's clock.

The command fails where a promise is broken: 1.5 % of the calls refused, 85 % of the quota used (75 % where no two
calls may come at once), five time-outs and a try a minute, 5 ms past a source that is left alone, three sources
of 1 s each within 1.2 s.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict

from bench.outage import REST, SOURCE_TIME_OUT, THRESHOLD, Outage, Sources, outage, sources
from bench.page import WIDTH, command_line, in_a_terminal, in_markdown, publish, put_into
from bench.quotas import OURS, PACES, PEERS, STRICT, Kept, compare
from rich.console import Console

MOST_REFUSED = 0.015
LEAST_USED = 0.85
LEAST_USED_OF_STRICT = 0.75  # by a peer that takes no two calls at once: who is a moment early is refused
SKIPPED_WITHIN = 0.005
AT_ONCE_WITHIN = 1.2  # times what one takes
ROUNDS = 50

HEAD = ("the quota is kept", "pace", "calls", "refused", "at worst", "of the quota used", "at worst")
OUTAGE_HEAD = ("a dead peer", "promised", "measured")


def lines(kept: Sequence[Kept]) -> list[list[str]]:
    """One for each peer and pace: the mean of all seeds, and the worst of them."""
    found = []
    for peer in PEERS:
        for pace in PACES:
            mine = [one for one in kept if (one.peer, one.pace) == (peer, pace)]
            refused, used = [one.refused for one in mine], [one.used for one in mine]
            found.append(
                [
                    *(peer, pace, f"{sum(one.calls for one in mine):,}"),
                    *(f"{statistics.mean(refused):.2%}", f"{max(refused):.2%}"),
                    *(f"{statistics.mean(used):.1%}", f"{min(used):.1%}"),
                ]
            )
    return found


def outage_lines(dead: Outage, waits: Sources) -> list[list[str]]:
    """One for each promise."""
    minutes = dead.open_for / 60
    return [
        ["time-outs before it is left alone", str(THRESHOLD), str(dead.time_outs)],
        [f"tries in the {minutes:.1f} minutes after", f"≤ {_tries(dead)}", str(dead.tries)],
        [
            f"waited by {dead.calls} callers",
            f"{dead.unguarded:,.0f} s without a breaker",
            f"{dead.waited:,.0f} s",
        ],
        ["a user with a second source", f"≤ {SOURCE_TIME_OUT:.1f} s", f"{waits.hanging:.1f} s"],
        [
            "the same while it is left alone",
            f"< {SKIPPED_WITHIN * 1e3:.0f} ms",
            f"{waits.resting * 1e3:.2f} ms",
        ],
        [
            f"three sources of {waits.answer:g} s at once",
            f"< {AT_ONCE_WITHIN * waits.answer:g} s",
            f"{waits.three:.3f} s",
        ],
    ]


def faults(kept: Sequence[Kept], dead: Outage, waits: Sources) -> list[str]:
    """Promises that have not been kept."""
    found = []
    for one in kept:
        least = LEAST_USED_OF_STRICT if one.peer == STRICT else LEAST_USED
        if one.pace == OURS and (one.refused > MOST_REFUSED or one.used < least):
            found.append(f"{one.peer}, seed {one.seed}: {one.refused:.2%} refused, {one.used:.1%} used")
    if dead.time_outs != THRESHOLD or dead.tries > _tries(dead):
        found.append(f"an outage: {dead.time_outs} time-outs and {dead.tries} tries")
    if waits.hanging > SOURCE_TIME_OUT or waits.resting >= SKIPPED_WITHIN:
        found.append(f"a dead first source: {waits.hanging:.2f} s, then {waits.resting * 1e3:.2f} ms")
    if waits.three >= AT_ONCE_WITHIN * waits.answer:
        found.append(f"three sources at once: {waits.three:.3f} s")
    return found


def _tries(dead: Outage) -> int:
    """One for each rest that has ended."""
    return int(dead.open_for // REST) + 1


def main() -> None:
    """Measure, print two tables, and write files where asked."""
    parser = command_line(__doc__)
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="quotas drawn for each peer (5)")
    parser.add_argument("--hours", type=float, default=10.0, metavar="N", help="of calls for each (10)")
    parser.add_argument("--answer", type=float, default=1.0, metavar="S", help="seconds a source takes (1)")
    options = parser.parse_args()
    kept = compare(options.seeds, options.hours)
    dead = asyncio.run(outage())
    waits = asyncio.run(sources(options.answer, ROUNDS))
    everything = {
        "pace": [asdict(one) for one in kept],
        "outage": asdict(dead),
        "sources": asdict(waits),
    }
    publish(options, "pace", "A quota nobody knows", HEAD, lines(kept), everything)
    dead_lines = outage_lines(dead, waits)
    Console(width=WIDTH).print(in_a_terminal("An outage", OUTAGE_HEAD, dead_lines))
    if options.page:
        put_into(options.page, "outage", in_markdown(OUTAGE_HEAD, dead_lines))
    if broken := faults(kept, dead, waits):
        sys.exit(f"Not as promised: {'; '.join(broken)}.")


if __name__ == "__main__":
    main()
