"""The pool, the sheet and the bot in figures: /stats and /refresh."""

from __future__ import annotations

from collections.abc import Sequence

from bot.models.results import PoolStats, RowProblem
from bot.models.status import CommandFigures, IntakeFigures, JobStatus, StatusReport
from bot.views.reply import Reply, pack
from bot.views.text import ago, count_of, duration, escaped, proxies_of, table

MAX_RESOURCES = 15
MAX_PROBLEMS = 20
MAX_NOTES = 5
MEGABYTE = 1024 * 1024
READING = "Reading the sheet. Google is slow just now; the answer follows."


def stats(report: StatusReport) -> Reply:
    """Every section of /stats; long ones are cut with a count of what is left out."""
    sections = [
        _attention(report.pool.needs_attention),
        _pool(report.pool),
        _resources(report.pool.free_by_resource),
        _sheet(report.pool),
        _commands(report.commands),
        _updates(report.intake),
        *(_job(job, report.now) for job in report.jobs),
        _process(report.uptime, report.memory),
    ]
    return Reply(pack([section for section in sections if section], between="\n\n"))


def refreshed(pool: PoolStats) -> Reply:
    """The answer to /refresh: counts, then every row that cannot be used and why."""
    counts = f"{proxies_of(pool.total_proxies)}, {pool.available} not in use, {pool.expired} expired"
    lines = [
        f"The sheet was read {_read(pool)}: {counts}.",
        *([f"{count_of(pool.duplicates, 'duplicate')}: counted once each."] if pool.duplicates else []),
        *_problems(pool.problems),
        *([_attention(pool.needs_attention)] if pool.needs_attention else []),
    ]
    return Reply(pack(lines))


def _pool(pool: PoolStats) -> str:
    rows = [
        ("in the sheet", pool.total_proxies),
        ("not in use", pool.available),
        ("handed out", pool.taken),
        ("expired", pool.expired),
        ("expiry unknown", pool.unknown_expiry),
        ("reserved", pool.pending_reservations),
        ("being checked", pool.being_checked),
        ("duplicates", pool.duplicates),
        ("unreadable rows", len(pool.problems)),
    ]
    freshness = "" if pool.cache_valid else ", due for another read"
    return f"<b>Proxies</b>\n{table(rows)}\nsheet read {_read(pool)}{freshness}"


def _resources(free: dict[str, int]) -> str:
    if not free:
        return ""
    ordered = sorted(free.items(), key=lambda item: (-item[1], item[0]))
    more = f"\nand {len(ordered) - MAX_RESOURCES} more" if len(ordered) > MAX_RESOURCES else ""
    return f"<b>Free by resource</b>\n{table(ordered[:MAX_RESOURCES])}{more}"


def _sheet(pool: PoolStats) -> str:
    rows = [
        ("reads left this minute", pool.reads_left),
        ("writes left this minute", pool.writes_left),
        ("reads so far", pool.reads),
        ("writes so far", pool.writes),
        ("commits", pool.commits),
        ("rows a commit, mean", f"{pool.mean_commit_rows:.1f}"),
    ]
    return f"<b>Google Sheets</b>\n{table(rows)}"


def _commands(commands: Sequence[CommandFigures]) -> str:
    if not commands:
        return ""
    lines = [f"{'':8}{'asked':>6}{'err':>4}{'p50':>7}{'p95':>7}", *(_command(one) for one in commands)]
    return "<b>Commands</b>\n<pre>" + "\n".join(lines) + "</pre>"


def _command(figures: CommandFigures) -> str:
    timing = f"{_seconds(figures.p50):>7}{_seconds(figures.p95):>7}"
    return escaped(f"{figures.name[:8]:8}{figures.count:>6}{figures.errors:>4}{timing}")


def _updates(intake: IntakeFigures) -> str:
    rows = [
        ("received", intake.received),
        ("repeated", intake.repeated),
        ("handled", intake.handled),
        ("failed", intake.failed),
        ("undecodable", intake.undecodable),
        ("postponed", intake.postponed),
        ("waiting", intake.waiting),
    ]
    oldest = intake.oldest_age
    return f"<b>Updates</b>\n{table(rows)}" + ("" if oldest is None else f"\noldest waits {duration(oldest)}")


def _job(job: JobStatus, now: float) -> str:
    last = "not run yet" if job.last_run_at is None else f"last run {ago(now - job.last_run_at)}"
    took = "" if job.last_duration_s is None else f" ({_seconds(job.last_duration_s)})"
    following = "" if job.next_run_at is None else f" · next in {duration(job.next_run_at - now)}"
    return f"<b>Job {escaped(job.id)}</b>\n{last}{took}{following}\n{job.misses} missed · {job.errors} failed"


def _process(uptime: float, memory: int) -> str:
    return f"<b>Bot</b>\n{table([('up for', duration(uptime)), ('memory', f'{memory / MEGABYTE:.0f} MB')])}"


def _attention(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    shown = [f"• {escaped(note[:150])}" for note in notes[:MAX_NOTES]]
    more = [f"and {len(notes) - MAX_NOTES} more"] if len(notes) > MAX_NOTES else []
    return "\n".join(["<b>Needs attention</b>", *shown, *more])


def _problems(problems: Sequence[RowProblem]) -> list[str]:
    if not problems:
        return ["Every row can be used."]
    shown = [f"row {problem.row}: {escaped(problem.reason[:200])}" for problem in problems[:MAX_PROBLEMS]]
    more = [f"and {len(problems) - MAX_PROBLEMS} more"] if len(problems) > MAX_PROBLEMS else []
    return [f"{count_of(len(problems), 'row')} cannot be used:", *shown, *more]


def _read(pool: PoolStats) -> str:
    return "never" if pool.cache_age_seconds is None else ago(pool.cache_age_seconds)


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
