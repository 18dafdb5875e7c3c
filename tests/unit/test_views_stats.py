"""Figures for admins, on a phone."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace

from bot.models.results import PoolStats, RowProblem
from bot.models.status import CommandFigures, JobStatus, StatusReport
from bot.views.reply import MESSAGE_LIMIT, utf16
from bot.views.stats import refreshed, stats

NOW = 1_800_000_000.0
POOL = PoolStats(
    total_proxies=150,
    available=61,
    expired=12,
    unknown_expiry=7,
    duplicates=3,
    pending_reservations=0,
    being_checked=1,
    taken=40,
    cache_valid=True,
    cache_age_seconds=12.0,
    free_by_resource={"avito": 40, "beboo": 55},
    problems=(RowProblem(9, "the cell is empty"),),
    commits=8,
    mean_commit_rows=4.5,
    reads=12,
    writes=8,
    reads_left=49,
    writes_left=50,
    needs_attention=("row 7 <changed> by hand",),
)


@dataclass(frozen=True)
class Intake:
    received: int = 12
    repeated: int = 1
    handled: int = 10
    failed: int = 0
    undecodable: int = 0
    postponed: int = 0
    waiting: int = 1
    oldest_age: float | None = 2.0


REPORT = StatusReport(
    now=NOW,
    pool=POOL,
    intake=Intake(),
    commands=(CommandFigures("/take", 120, 1, 0.412, 1.21), CommandFigures("/refresh", 3, 0, 0.8, 12.34)),
    jobs=(JobStatus("refresh", NOW - 3, 0.25, 1, 2, NOW + 57), JobStatus("backup", None, None, 0, 0, None)),
    uptime=273_600,
    memory=71 * 1024 * 1024,
)


def test_stats_read_like_this():
    """Every figure with its unit, every age said."""
    assert stats(REPORT).texts == (
        (
            "<b>Needs attention</b>\n"
            "• row 7 &lt;changed&gt; by hand\n"
            "\n"
            "<b>Proxies</b>\n"
            "<pre>in the sheet               150\n"
            "not in use                  61\n"
            "handed out                  40\n"
            "expired                     12\n"
            "expiry unknown               7\n"
            "reserved                     0\n"
            "being checked                1\n"
            "duplicates                   3\n"
            "unreadable rows              1</pre>\n"
            "sheet read 12 s ago\n"
            "\n"
            "<b>Free by resource</b>\n"
            "<pre>beboo                       55\n"
            "avito                       40</pre>\n"
            "\n"
            "<b>Google Sheets</b>\n"
            "<pre>reads left this minute      49\n"
            "writes left this minute     50\n"
            "reads so far                12\n"
            "writes so far                8\n"
            "commits                      8\n"
            "rows a commit, mean        4.5</pre>\n"
            "\n"
            "<b>Commands</b>\n"
            "<pre>         asked err    p50    p95\n"
            "/take      120   1 412 ms  1.2 s\n"
            "/refresh     3   0 800 ms 12.3 s</pre>\n"
            "\n"
            "<b>Updates</b>\n"
            "<pre>received                    12\n"
            "repeated                     1\n"
            "handled                     10\n"
            "failed                       0\n"
            "undecodable                  0\n"
            "postponed                    0\n"
            "waiting                      1</pre>\n"
            "oldest waits 2 s\n"
            "\n"
            "<b>Job refresh</b>\n"
            "last run 3 s ago (250 ms) · next in 57 s\n"
            "1 missed · 2 failed\n"
            "\n"
            "<b>Job backup</b>\n"
            "not run yet\n"
            "0 missed · 0 failed\n"
            "\n"
            "<b>Bot</b>\n"
            "<pre>up for                 3 d 4 h\n"
            "memory                   71 MB</pre>"
        ),
    )


def test_tables_fit_a_phone():
    """No preformatted line is wider than 32 characters, however long the names and large the numbers."""
    crowded = replace(
        REPORT,
        pool=replace(POOL, free_by_resource={"resource" * 8: 123_456}),
        commands=(CommandFigures("/verylongcommand", 99_999, 99, 9.9, 99.9),),
    )
    blocks = re.findall(r"<pre>(.*?)</pre>", "".join(stats(crowded).texts), re.DOTALL)
    assert len(blocks) == 6
    assert max(len(html.unescape(line)) for block in blocks for line in block.splitlines()) <= 32


def test_a_sheet_never_read_is_said_so():
    """No age is made up."""
    never = replace(REPORT, pool=replace(POOL, cache_age_seconds=None, cache_valid=False))
    assert "sheet read never, due for another read" in "".join(stats(never).texts)


def test_the_largest_report_keeps_to_the_limits():
    """Thousands of resources, problems and notes are counted, not listed."""
    pool = replace(
        POOL,
        free_by_resource={f"site{n}": n for n in range(5000)},
        problems=tuple(RowProblem(n, "<" * 500) for n in range(5000)),
        needs_attention=tuple("<" * 500 for _ in range(100)),
    )
    for reply in (stats(replace(REPORT, pool=pool)), refreshed(pool)):
        assert all(utf16(text) <= MESSAGE_LIMIT for text in reply.texts)
        assert len(reply.texts) <= 12
    assert "and 4985 more" in "".join(stats(replace(REPORT, pool=pool)).texts)
    assert "and 4980 more" in "".join(refreshed(pool).texts)


def test_refresh_reads_like_this():
    """Counts first, then each row that needs a hand."""
    assert refreshed(POOL).texts == (
        (
            "The sheet was read 12 s ago: 150 proxies, 61 not in use, 12 expired.\n"
            "3 duplicates: counted once each.\n"
            "1 row cannot be used:\n"
            "row 9: the cell is empty\n"
            "<b>Needs attention</b>\n"
            "• row 7 &lt;changed&gt; by hand"
        ),
    )


def test_a_clean_sheet_is_praised_in_one_line():
    """Nothing to mend, nothing to list."""
    clean = replace(POOL, duplicates=0, problems=(), needs_attention=())
    assert refreshed(clean).texts[0].splitlines()[1:] == ["Every row can be used."]
