"""The sections of /stats, each short enough for one message and a phone; every figure with its age."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.models.results import PoolStats
from bot.models.status import BUTTON, CacheFigures, CommandFigures, JobStatus, StatusReport
from bot.views.room import within
from bot.views.text import ago, count_of, duration, escaped, table

MAX_RESOURCES = 25
MAX_COUNTRIES = 12
MAX_LINES = 40
ROOM = 2600
MEGABYTE = 1024 * 1024
MODES = {
    "strict": "the sheet confirms before anything is shown",
    "fast": "handed out at once, the sheet follows",
    "queue": "handed out at once while Google is away, the sheet follows",
    "refuse": "nothing is handed out while Google is away",
}
SHARED = "shared: I have no column of my own, see /doctor"


def pool(report: StatusReport) -> str:
    """What there is, by resource and by country."""
    figures = report.pool
    names = {*figures.free_by_resource, *figures.held_by_resource, *figures.reserved_by_resource}
    order = sorted(names, key=lambda name: (-figures.held_by_resource.get(name, 0), name))
    lines = [line(("", "free", "held", "kept", "wait")), *(_resource(figures, name) for name in order)]
    return _section(
        "Pool",
        monospaced(lines, MAX_RESOURCES + 1) if names else "",
        *frozen(figures),
        _countries(figures.by_country),
        table(
            [
                ("expired", figures.expired),
                ("expiry unknown", figures.unknown_expiry),
                ("used up", figures.spent),
                ("not working", figures.bad),
            ]
        ),
        f"<i>kept: reserved for somebody · sheet read {read_age(figures)}</i>",
    )


def people(report: StatusReport) -> str:
    """Who is here, who holds most, who asks to come in."""
    figures = report.people
    holders = [(holder.name or str(holder.user_id), holder.count) for holder in report.holders]
    return _section(
        "People",
        table([(f"{role}s", count) for role, count in reversed(figures.by_role.items())] or [("people", 0)]),
        f"<b>Hold most</b>\n{table(holders)}" if holders else "Nobody holds anything.",
        _names("Would like access", figures.asking),
        _names("Have blocked me", figures.blocked),
        "<i>as of now</i>",
    )


def sheet(report: StatusReport) -> str:
    """How we get on with Google."""
    figures = report.pool
    rows = [
        ("reads left just now", figures.reads_left),
        ("writes left just now", figures.writes_left),
        ("reads", figures.reads),
        ("writes", figures.writes),
        ("rounds of writing", figures.commits),
        ("rows a round, mean", f"{figures.mean_commit_rows:.1f}"),
        ("a round, half within", _took(figures.commit_p50)),
        ("a round, 95 % within", _took(figures.commit_p95)),
        ("being checked", figures.being_checked),
        ("not in the sheet yet", figures.pending),
    ]
    return _section(
        "Sheet",
        _presence(figures, report.now),
        f"Mode: {escaped(MODES.get(figures.mode, figures.mode))}",
        SHARED if figures.shared else "",
        table(rows),
        f"<i>Sheet read {read_age(figures)} · counted since the start, {ago(report.uptime)}</i>",
    )


def caches(report: StatusReport) -> str:
    """What is remembered, and how often that helped."""
    fresh = "fresh" if report.pool.cache_valid else "due for another read"
    lines = [line(("", "size", "hit", "load", "old")), *map(_cache, report.caches)]
    return _section(
        "Caches",
        f"The sheet as last read: {count_of(report.pool.total_proxies, 'proxy', 'proxies')}, "
        f"{read_age(report.pool)}, {fresh}",
        monospaced(lines, MAX_LINES) if report.caches else "",
        "<i>hit: answered at once · old: the last value had to do · "
        f"counted since the start, {ago(report.uptime)}</i>"
        if report.caches
        else f"<i>counted since the start, {ago(report.uptime)}</i>",
    )


def jobs(report: StatusReport) -> str:
    """What runs by the clock, and the updates from Telegram."""
    lines = within([_job(job, report.now) for job in report.jobs], most=MAX_LINES, room=ROOM)
    intake = report.intake
    updates = [
        ("received", intake.received),
        ("repeated", intake.repeated),
        ("handled", intake.handled),
        ("failed", intake.failed),
        ("unreadable", intake.undecodable),
        ("postponed", intake.postponed),
        ("waiting", intake.waiting),
    ]
    oldest = "" if intake.oldest_age is None else f"oldest waits {duration(intake.oldest_age)}"
    return _section("Jobs", *lines, f"<b>Updates</b>\n{table(updates)}", oldest, _process(report))


def times(report: StatusReport) -> str:
    """How long answers take, per command and per button."""
    typed = [each for each in report.commands if not each.name.startswith(BUTTON)]
    pressed = [each for each in report.commands if each.name.startswith(BUTTON)]
    head = line(("", "used", "err", "p50", "p95"))
    return _section(
        "Times",
        monospaced([head, *map(_command, typed)], MAX_LINES)
        if typed
        else "Nobody has asked for anything yet.",
        "<b>Buttons</b>\n" + monospaced([head, *map(_command, pressed)], MAX_LINES) if pressed else "",
        f"<i>p50, p95 of the last 256 each · counted since the start, {ago(report.uptime)}</i>",
    )


def errors(report: StatusReport) -> str:
    """What went wrong by our fault, what was refused, and the references that people were given."""
    failed = [(error.name, error.count) for error in report.errors if not error.refused]
    refused = [(error.name, error.count) for error in report.errors if error.refused]
    last = max((error.at for error in report.references), default=None)
    references = [
        f"{escaped(each.number)} · {escaped(each.name)} · {ago(report.now - each.at)}"
        for each in report.references
    ]
    return _section(
        "Errors",
        table(failed[:20]) if failed else "Nothing has failed.",
        f"<b>Refused, as it should be</b>\n{table(refused[:20])}" if refused else "",
        "\n".join(["<b>References in the log</b>", *references]) if last is not None else "",
        f"<i>counted since the start, {ago(report.uptime)}</i>",
    )


def frozen(figures: PoolStats) -> list[str]:
    """The resources for which nothing is handed out, if there are any."""
    if not figures.frozen:
        return []
    names = within([escaped(name) for name in figures.frozen], most=10, room=ROOM // 6)
    return [f"Frozen: {', '.join(names)}"]


def read_age(figures: PoolStats) -> str:
    """When the sheet was read: `12 s ago`, `never`."""
    return "never" if figures.cache_age_seconds is None else ago(figures.cache_age_seconds)


def _section(title: str, *parts: str) -> str:
    return "\n".join([f"<b>{title}</b>", *(part for part in parts if part)])


def _resource(figures: PoolStats, name: str) -> str:
    counts = (
        figures.free_by_resource,
        figures.held_by_resource,
        figures.reserved_by_resource,
        figures.waiting_by_resource,
    )
    return line((name, *(figure(each.get(name, 0)) for each in counts)))


def _countries(free: Mapping[str, int]) -> str:
    if not free:
        return ""
    order = sorted(free.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(count for _, count in order[MAX_COUNTRIES:])
    rows = [(name or "no country", count) for name, count in order[:MAX_COUNTRIES]]
    return f"<b>Not in use, by country</b>\n{table([*rows, *([('others', rest)] if rest else [])])}"


def _names(title: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    lines = within([escaped(name[:32]) for name in names], most=10, room=ROOM // 3)
    return f"{title}: {', '.join(lines)}"


def _presence(figures: PoolStats, now: float) -> str:
    if figures.away_since is None:
        return "Google answers."
    return f"Google has not answered for {duration(now - figures.away_since)}; I try again by myself."


def _cache(cache: CacheFigures) -> str:
    asked, loads = cache.hits + cache.misses, cache.misses if cache.loads is None else cache.loads
    rate = f"{100 * cache.hits // asked}%" if asked else "–"
    return line((cache.name, figure(cache.entries), rate, figure(loads), figure(cache.stale)))


def _job(job: JobStatus, now: float) -> str:
    last = "not run yet" if job.last_run_at is None else ago(now - job.last_run_at)
    took = "" if job.last_duration_s is None else f" ({_seconds(job.last_duration_s)})"
    following = "" if job.next_run_at is None else f", next in {duration(job.next_run_at - now)}"
    troubles = ((job.misses, "missed"), (job.errors, "failed"))
    faults = "".join(f" · {count} {what}" for count, what in troubles if count)
    return f"{escaped(job.id)}: {last}{took}{following}{faults}"


def _process(report: StatusReport) -> str:
    memory = f"{report.memory / MEGABYTE:.0f} MB"
    return f"<i>as of now · up for {duration(report.uptime)} · {memory} of memory</i>"


def _command(figures: CommandFigures) -> str:
    name = figures.name.removeprefix(BUTTON)
    counts = map(figure, (figures.count, figures.errors))
    return line((name, *counts, short(figures.p50), short(figures.p95)))


def line(cells: Iterable[str]) -> str:
    """A name and figures, 32 letters wide at most for four figures; a name that is too long is cut."""
    name, *figures = cells
    shown = name if len(name) <= 12 else f"{name[:11]}…"
    return f"{shown:12}" + "".join(f"{figure:>5}" for figure in figures)


def monospaced(lines: Sequence[str], most: int) -> str:
    """The lines under each other, as many as there is room for."""
    return "<pre>" + "\n".join(within(list(map(escaped, lines)), most=most, room=ROOM // 2)) + "</pre>"


def figure(number: int) -> str:
    """At most four letters: `9999`, `16k`, `1.2M`, `90M`."""
    if number < 10_000:
        return str(number)
    if number < 999_500:
        return f"{number / 1000:.0f}k"
    return f"{number / 1e6:.1f}M" if number < 9.95e6 else f"{number / 1e6:.0f}M"


def short(seconds: float) -> str:
    """At most four letters: `41ms`, `0.4s`, `12s`, `11m`, `5h`."""
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f}ms"
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    if seconds < 600:
        return f"{seconds:.0f}s"
    return f"{seconds / 60:.0f}m" if seconds < 18_000 else f"{seconds / 3600:.0f}h"


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _took(seconds: float | None) -> str:
    return "not yet" if seconds is None else _seconds(seconds)
