"""The pool, the sheet and the bot in figures, section by section: /stats and /refresh."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.models.offer import Action
from bot.models.results import PoolStats, RowProblem
from bot.models.status import StatusReport
from bot.views import stats_latency, stats_trading
from bot.views import stats_sections as sections
from bot.views.attention import sentence
from bot.views.reply import Button, Reply, in_rows, pack
from bot.views.room import within
from bot.views.text import ago, count_of, duration, escaped, proxies_of, ranges, table

READING = "Reading the sheet. Google is slow just now; the answer follows."
GOOD_FOR = 24 * 3600.0
OVERVIEW, PROBLEMS = "Overview", "Problems"
MAX_PROBLEMS = 20
MAX_NOTES = 5
MAX_REPEATED = 10
RECENT = 24 * 3600.0
ROOM = 1500


def stats(report: StatusReport, section: str = OVERVIEW) -> Reply:
    """One section, with a button for each; the button of the section itself brings its newest figures."""
    show = _SECTIONS.get(section, _overview)
    shown = section if section in _SECTIONS else OVERVIEW
    buttons = [
        Button(f"· {name} ·" if name == shown else name, Action("stats", (name,))) for name in _SECTIONS
    ]
    retry = [Button("Retry: read the sheet again", Action("retry"))] if shown == PROBLEMS else []
    return Reply((show(report),), good_for=GOOD_FOR).with_buttons(retry, *in_rows(buttons, 3))


def refreshed(pool: PoolStats) -> Reply:
    """The answer to /refresh: counts, then every row that cannot be used and why."""
    counts = f"{proxies_of(pool.total_proxies)}, {pool.available} not in use, {pool.expired} expired"
    lines = [
        f"The sheet was read {sections.read_age(pool)}: {counts}.",
        *_duplicates(pool),
        *_rows(pool.problems),
        *_attention(pool.needs_attention),
    ]
    return Reply(pack(lines))


def worries(report: StatusReport) -> list[str]:
    """What an admin should look at now, one line of HTML each, the worst first; nothing when all is well."""
    pool, asking = report.pool, len(report.people.asking)
    rows = len(pool.problems) + pool.duplicates
    return [
        *_away(pool, report.now),
        *(["the sheet has not been read yet: see Sheet"] if pool.cache_age_seconds is None else []),
        *map(sentence, pool.needs_attention[:MAX_NOTES]),
        *stats_trading.worries(report.trading),
        *([f"{count_of(rows, 'row')} of the sheet should be mended: see Problems"] if rows else []),
        *([f"{count_of(asking, 'person', 'people')} would like access: see People"] if asking else []),
        *_failures(report),
    ]


def _overview(report: StatusReport) -> str:
    pool = report.pool
    found = [f"• {line}" for line in worries(report)]
    rows = [
        ("proxies in the sheet", pool.total_proxies),
        ("not in use", pool.available),
        ("handed out", pool.taken + pool.being_checked),
        ("reserved", pool.pending_reservations),
        ("expired", pool.expired),
        ("people", sum(report.people.by_role.values())),
        ("answers", sum(each.count for each in report.commands)),
    ]
    lines = [
        *(["<b>Please look at this</b>", *found] if found else ["<b>All is well</b>"]),
        table(rows),
        *sections.frozen(pool),
        f"<i>Sheet read {sections.read_age(pool)} · answers since the start, {ago(report.uptime)}</i>",
    ]
    return "\n".join(lines)


def _problems(report: StatusReport) -> str:
    pool = report.pool
    lines = [
        *_attention(pool.needs_attention),
        *_rows(pool.problems),
        *_duplicates(pool),
    ]
    return "\n".join(["<b>Problems</b>", *lines, f"<i>Sheet read {sections.read_age(pool)}</i>"])


def _duplicates(pool: PoolStats) -> list[str]:
    if not pool.duplicates:
        return []
    listed = [f"rows {ranges(rows)}: the same proxy" for rows in pool.repeated[:MAX_REPEATED]]
    return [f"{count_of(pool.duplicates, 'duplicate')}: counted once each.", *listed]


def _away(pool: PoolStats, now: float) -> list[str]:
    if pool.away_since is None:
        return []
    waiting = f", {proxies_of(pool.pending)} handed out meanwhile" if pool.pending else ""
    return [f"Google has not answered for {duration(now - pool.away_since)}{waiting}: see Sheet"]


def _failures(report: StatusReport) -> list[str]:
    last = max((error.last_at for error in report.errors if not error.refused), default=0.0)
    jobs = [job.id for job in report.jobs if job.errors]
    return [
        *([f"a request failed {ago(report.now - last)}: see Errors"] if report.now - last < RECENT else []),
        *([f"the job “{jobs[0]}” has failed: see Jobs"] if len(jobs) == 1 else []),
        *([f"{len(jobs)} jobs have failed: see Jobs"] if len(jobs) > 1 else []),
    ]


def _rows(problems: Sequence[RowProblem]) -> list[str]:
    if not problems:
        return ["Every row can be used."]
    shown = [f"row {problem.row}: {escaped(problem.reason[:200])}" for problem in problems]
    return [
        f"{count_of(len(problems), 'row')} cannot be used:",
        *within(shown, most=MAX_PROBLEMS, room=ROOM),
    ]


def _attention(notes: Sequence[str]) -> list[str]:
    if not notes:
        return []
    shown = [f"• {sentence(note)}" for note in notes]
    return ["<b>Needs attention</b>", *within(shown, most=MAX_NOTES, room=ROOM)]


_SECTIONS: dict[str, Callable[[StatusReport], str]] = {
    OVERVIEW: _overview,
    "Pool": sections.pool,
    "People": sections.people,
    "Sheet": sections.sheet,
    "Trading": stats_trading.trading,
    "Caches": sections.caches,
    "Jobs": sections.jobs,
    "Times": sections.times,
    "Latency": stats_latency.latency,
    "Errors": sections.errors,
    PROBLEMS: _problems,
}
