"""Price sources of the local world made to fail on purpose: /drill."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import PeerError
from bot.models.drill import Drill, Fault
from bot.models.offer import Action
from bot.views.reply import Button, Reply, in_rows, one
from bot.views.text import duration, escaped

NOT_HERE = "/drill is for the local world only: there PRICES_API_URL is an address of this machine."
FAULTS = {Fault.STORM: "429 storm", Fault.OUTAGE: "outage", Fault.SLOW: "slow answers"}
LABELS = {Fault.STORM: "429 storm", Fault.OUTAGE: "Outage", Fault.SLOW: "Slow"}
INTRO = (
    "<b>Drill</b>\nA price source of the local world fails for five minutes; /spot and /screen go on, "
    "and /sources shows how. Which one?"
)


def not_here() -> Reply:
    """There is nothing to be drilled."""
    return one(NOT_HERE)


def choose_source(names: Sequence[str], drills: Sequence[Drill], now: float) -> Reply:
    """The sources, and what is under way."""
    buttons = [Button(name, Action("drill", ("ask", name))) for name in names]
    text = "\n\n".join([INTRO, *running(drills, now)])
    return Reply((text,), in_rows(buttons, 2)).with_buttons(*_heal(drills), [_sources()])


def choose_fault(name: str) -> Reply:
    """What is to happen to the source."""
    faults = [Button(LABELS[fault], Action("drill", (fault, name))) for fault in Fault]
    heal, back = (
        Button("Heal", Action("drill", ("heal", name))),
        Button("‹ Back", Action("drill", ("ask", ""))),
    )
    text = f"<b>Drill: {escaped(name)}</b>\nWhat is to happen to it, for five minutes?"
    return Reply((text,), (tuple(faults), (heal, back)))


def failed(error: PeerError) -> Reply:
    """The local world could not be told."""
    return one(f"The local world does not do it ({escaped(error.detail)}). Is it running?", _sources())


def running(drills: Sequence[Drill], now: float) -> list[str]:
    """What is under way, a line each, as one block; nothing where there is none."""
    lines = [
        f"Drill: {escaped(each.source)} · {FAULTS[each.fault]}, {duration(each.until - now)} left"
        for each in drills
    ]
    return ["\n".join(lines)] if lines else []


def another(drills: Sequence[Drill]) -> tuple[list[Button], ...]:
    """The ways on from /sources: heal what is drilled, drill something."""
    return (*_heal(drills), [Button("Drill", Action("drill", ("ask", "")))])


def _heal(drills: Sequence[Drill]) -> tuple[list[Button], ...]:
    return tuple([Button(f"Heal {each.source}", Action("drill", ("heal", each.source)))] for each in drills)


def _sources() -> Button:
    return Button("Sources", Action("sources"))
