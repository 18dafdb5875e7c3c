"""How outside systems are doing, one by one: /sources."""

from __future__ import annotations

from collections.abc import Sequence

from bot.models.drill import Drill
from bot.models.offer import Action
from bot.models.source_status import SourceGroup, SourceStatus, State
from bot.views.drill import another, running
from bot.views.reply import Button, Reply, pack
from bot.views.stats_sections import short
from bot.views.text import ago, count_of, duration, escaped

GOOD_FOR = 24 * 3600.0
MARKS = {State.NEW: "–", State.UP: "✓", State.REFUSING: "⚠", State.FAILING: "⚠", State.RESTING: "✗"}
NOTHING = "No source is in use."
NOTE = "<i>p95 of the last 256 calls each · failures since the start · nothing was asked for this</i>"


def sources(
    groups: Sequence[SourceGroup], drills: Sequence[Drill], now: float, *, can_drill: bool = False
) -> Reply:
    """Each source by its kind: its state, its last answer, its p95 and failures, who is asked next."""
    blocks = ["<b>Sources</b>", *running(drills, now), *map(_group, groups)]
    texts = pack([*blocks, NOTE if groups else NOTHING], between="\n\n")
    refresh = [Button("Refresh", Action("sources"))]
    return Reply(texts, good_for=GOOD_FOR).with_buttons(refresh, *(another(drills) if can_drill else ()))


def _group(group: SourceGroup) -> str:
    resting = group.all_back_in
    none = [] if resting is None else [f"All rest; the first is asked again in {duration(resting)}."]
    lines = [_source(each, is_next=each.name == group.next) for each in group.sources]
    return "\n".join([f"<b>{escaped(group.name)}</b>", *none, *lines])


def _source(each: SourceStatus, *, is_next: bool) -> str:
    facts = " · ".join(fact for fact in (_state(each), "asked next" if is_next else "") if fact)
    head = f"{MARKS[each.state]} <b>{escaped(each.name)}</b>{f' · {facts}' if facts else ''}"
    return f"{head}\n   {_figures(each)}" if each.calls else head


def _state(each: SourceStatus) -> str:
    match each.state:
        case State.NEW:
            return "not asked yet"
        case State.REFUSING:
            return "refused last time"
        case State.FAILING:
            return f"failing, {each.in_a_row} in a row"
        case State.RESTING:
            return f"resting, back in {duration(max(1.0, each.back_in))}"
    return ""


def _figures(each: SourceStatus) -> str:
    answered = "nothing told yet" if each.age is None else f"answered {ago(each.age)}"
    p95 = "" if each.p95 is None else f"p95 {short(each.p95)}"
    failed = f"{each.failures} of {count_of(each.calls, 'call')} failed"
    pace = f"one call in {short(each.delay)}" if each.delay else ""
    return " · ".join(part for part in (answered, p95, failed, pace) if part)
