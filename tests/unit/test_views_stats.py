"""Figures for admins, on a phone."""

from __future__ import annotations

import html
import math
import re
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from bot.models.history import Holder
from bot.models.offer import Action
from bot.models.order import OrderState
from bot.models.results import PoolStats, RowProblem
from bot.models.role import Role
from bot.models.status import (
    CacheFigures,
    CallFigures,
    CommandFigures,
    DeskFigures,
    DoubtfulOrder,
    ErrorFigures,
    JobStatus,
    PeopleFigures,
    Reference,
    StatusReport,
    TradingFigures,
    count_people,
)
from bot.views.reply import MESSAGE_LIMIT, Button, utf16
from bot.views.stats import refreshed, stats
from bot.views.text import table

NOW = 1_800_000_000.0
POOL = PoolStats(
    total_proxies=150,
    available=61,
    expired=12,
    unknown_expiry=7,
    duplicates=3,
    repeated=((2, 8), (4, 5, 6)),
    pending_reservations=5,
    being_checked=1,
    taken=40,
    cache_valid=True,
    cache_age_seconds=12.0,
    free_by_resource={"avito": 40, "beboo": 55, "a-very-long-resource": 150},
    problems=(RowProblem(9, "the cell is empty"),),
    commits=8,
    mean_commit_rows=4.5,
    reads=12,
    writes=8,
    reads_left=49,
    writes_left=50,
    needs_attention=("row 7 <changed> by hand",),
    by_country={"DE": 40, "": 3, "FR": 18},
    held_by_resource={"beboo": 38, "avito": 3},
    reserved_by_resource={"beboo": 5},
    waiting_by_resource={"avito": 2},
    frozen=("avito",),
    spent=4,
    bad=2,
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


@dataclass(frozen=True)
class Took:
    kind: str
    name: str
    count: int
    p50: float
    p95: float
    within: float


REPORT = StatusReport(
    now=NOW,
    pool=POOL,
    intake=Intake(),
    commands=(
        CommandFigures("/take", 120, 1, 0.412, 1.21),
        CommandFigures("button take preview", 31, 0, 0.05, 0.9),
        CommandFigures("/refresh", 3, 0, 0.8, 12.34),
    ),
    jobs=(JobStatus("refresh", NOW - 3, 0.25, 1, 2, NOW + 57), JobStatus("backup", None, None, 0, 0, None)),
    uptime=273_600,
    memory=71 * 1024 * 1024,
    people=PeopleFigures(
        {Role.VIEWER: 1, Role.USER: 9, Role.TRADER: 0, Role.ADMIN: 2}, ("@new <one>",), ("@gone",)
    ),
    holders=(Holder(7, "@anna", 12), Holder(8, "", 3)),
    errors=(
        ErrorFigures("RuntimeError", 1, NOW - 200, refused=False),
        ErrorFigures("NotEnough", 14, NOW - 9, refused=True),
    ),
    references=(Reference("k3f9", "RuntimeError", NOW - 200),),
    caches=(
        CacheFigures("balances", 40, 300, 100, 90, 3),
        CacheFigures("never asked", 0, 0, 0, 0),
        CacheFigures("issued", 16_384, 90_000, 17_000),
    ),
)


def text(section: str, report: StatusReport = REPORT) -> str:
    [text] = stats(report, section).texts
    return text


QUIET = replace(
    REPORT,
    pool=replace(POOL, problems=(), duplicates=0, needs_attention=(), frozen=()),
    jobs=(),
    people=replace(REPORT.people, asking=()),
    errors=(),
)


def test_at_one_look_an_admin_knows_what_to_do():
    """What needs somebody stands above the figures, each line with the section that tells more."""
    assert text("Overview") == (
        "<b>Please look at this</b>\n"
        "• row 7 &lt;changed&gt; by hand\n"
        "• 4 rows of the sheet should be mended: see Problems\n"
        "• 1 person would like access: see People\n"
        "• a request failed 3 min ago: see Errors\n"
        "• the job “refresh” has failed: see Jobs\n"
        "<pre>proxies in the sheet       150\n"
        "not in use                  61\n"
        "handed out                  41\n"
        "reserved                     5\n"
        "expired                     12\n"
        "people                      12\n"
        "answers                    154</pre>\n"
        "Frozen: avito\n"
        "<i>Sheet read 12 s ago · answers since the start, 3 d 4 h ago</i>"
    )


def test_when_all_is_well_it_says_so():
    """The first line is the verdict."""
    assert text("Overview", QUIET).splitlines()[0] == "<b>All is well</b>"


def test_an_old_failure_worries_nobody():
    """A day later it is history."""
    old = ErrorFigures("RuntimeError", 1, NOW - 25 * 3600, refused=False)
    assert text("Overview", replace(QUIET, errors=(old,))).startswith("<b>All is well</b>")


def test_an_outage_comes_first():
    """Since when, and how many were handed out without the sheet."""
    away = replace(QUIET, pool=replace(QUIET.pool, away_since=NOW - 720, pending=3, mode="queue"))
    assert text("Overview", away).splitlines()[:2] == [
        "<b>Please look at this</b>",
        "• Google has not answered for 12 min, 3 proxies handed out meanwhile: see Sheet",
    ]
    assert text("Sheet", away).splitlines()[1:3] == [
        "Google has not answered for 12 min; I try again by myself.",
        "Mode: handed out at once while Google is away, the sheet follows",
    ]


def test_the_pool_by_resource_and_country():
    """Free, held, kept for somebody and waited for, the most held first."""
    assert text("Pool") == (
        "<b>Pool</b>\n"
        "<pre>             free held kept wait\n"
        "beboo          55   38    5    0\n"
        "avito          40    3    0    2\n"
        "a-very-long…  150    0    0    0</pre>\n"
        "Frozen: avito\n"
        "<b>Not in use, by country</b>\n"
        "<pre>DE                          40\n"
        "FR                          18\n"
        "no country                   3</pre>\n"
        "<pre>expired                     12\n"
        "expiry unknown               7\n"
        "used up                      4\n"
        "not working                  2</pre>\n"
        "<i>kept: reserved for somebody · sheet read 12 s ago</i>"
    )


def test_people_by_role_and_who_holds_most():
    """Who asks for access and who cannot be reached is named."""
    assert text("People") == (
        "<b>People</b>\n"
        "<pre>admins                       2\n"
        "traders                      0\n"
        "users                        9\n"
        "viewers                      1</pre>\n"
        "<b>Hold most</b>\n"
        "<pre>@anna                       12\n"
        "8                            3</pre>\n"
        "Would like access: @new &lt;one&gt;\n"
        "Have blocked me: @gone\n"
        "<i>as of now</i>"
    )


def test_the_sheet_and_its_quota():
    """How it is used, what is left this minute, and what is on its way."""
    assert text("Sheet") == (
        "<b>Sheet</b>\n"
        "Google answers.\n"
        "Mode: the sheet confirms before anything is shown\n"
        "<pre>reads left just now         49\n"
        "writes left just now        50\n"
        "reads                       12\n"
        "writes                       8\n"
        "rounds of writing            8\n"
        "rows a round, mean         4.5\n"
        "a round, half within   not yet\n"
        "a round, 95 % within   not yet\n"
        "being checked                1\n"
        "not in the sheet yet         0</pre>\n"
        "<i>Sheet read 12 s ago · counted since the start, 3 d 4 h ago</i>"
    )


def test_other_modes_are_named():
    """What is not the usual way of working is said."""
    fast = replace(REPORT, pool=replace(POOL, mode="fast", shared=True))
    assert text("Sheet", fast).splitlines()[2:4] == [
        "Mode: handed out at once, the sheet follows",
        "shared: I have no column of my own, see /doctor",
    ]


def test_caches_jobs_times_and_errors():
    """One line each, with units, and since when it is counted."""
    assert text("Caches") == (
        "<b>Caches</b>\n"
        "The sheet as last read: 150 proxies, 12 s ago, fresh\n"
        "<pre>             size  hit load  old\n"
        "balances       40  75%   90    3\n"
        "never asked     0    –    0    0\n"
        "issued        16k  84%  17k    0</pre>\n"
        "<i>hit: answered at once · old: the last value had to do · counted since the start, 3 d 4 h ago</i>"
    )
    assert text("Jobs") == (
        "<b>Jobs</b>\n"
        "refresh: 3 s ago (250 ms), next in 57 s · 1 missed · 2 failed\n"
        "backup: not run yet\n"
        "<b>Updates</b>\n"
        "<pre>received                    12\n"
        "repeated                     1\n"
        "handled                     10\n"
        "failed                       0\n"
        "unreadable                   0\n"
        "postponed                    0\n"
        "waiting                      1</pre>\n"
        "oldest waits 2 s\n"
        "<i>as of now · up for 3 d 4 h · 71 MB of memory</i>"
    )
    assert text("Times") == (
        "<b>Times</b>\n"
        "<pre>             used  err  p50  p95\n"
        "/take         120    1 0.4s 1.2s\n"
        "/refresh        3    0 0.8s  12s</pre>\n"
        "<b>Buttons</b>\n"
        "<pre>             used  err  p50  p95\n"
        "take preview   31    0 50ms 0.9s</pre>\n"
        "<i>p50, p95 of the last 256 each · counted since the start, 3 d 4 h ago</i>"
    )
    assert text("Errors") == (
        "<b>Errors</b>\n"
        "<pre>RuntimeError                 1</pre>\n"
        "<b>Refused, as it should be</b>\n"
        "<pre>NotEnough                   14</pre>\n"
        "<b>References in the log</b>\n"
        "k3f9 · RuntimeError · 3 min ago\n"
        "<i>counted since the start, 3 d 4 h ago</i>"
    )


def test_problems_can_be_tried_again():
    """Every row by number and reason, and a button that reads the sheet again."""
    reply = stats(REPORT, "Problems")
    assert reply.texts == (
        (
            "<b>Problems</b>\n"
            "<b>Needs attention</b>\n"
            "• row 7 &lt;changed&gt; by hand\n"
            "1 row cannot be used:\n"
            "row 9: the cell is empty\n"
            "3 duplicates: counted once each.\n"
            "rows 2, 8: the same proxy\n"
            "rows 4–6: the same proxy\n"
            "<i>Sheet read 12 s ago</i>"
        ),
    )
    assert reply.rows[0][0] == Button("Retry: read the sheet again", Action("retry"))


def test_sections_with_nothing_to_show_say_so():
    """Right after a start; whatever has no figures is not a table of none."""
    empty = replace(
        QUIET,
        pool=replace(
            QUIET.pool,
            free_by_resource={},
            held_by_resource={},
            reserved_by_resource={},
            waiting_by_resource={},
            by_country={},
        ),
        people=PeopleFigures({}, (), ()),
        holders=(),
        commands=(),
        references=(),
        caches=(),
    )
    assert text("People", empty) == (
        f"<b>People</b>\n{table([('people', 0)])}\nNobody holds anything.\n<i>as of now</i>"
    )
    assert text("Times", empty) == (
        "<b>Times</b>\nNobody has asked for anything yet.\n"
        "<i>p50, p95 of the last 256 each · counted since the start, 3 d 4 h ago</i>"
    )
    assert text("Errors", empty) == (
        "<b>Errors</b>\nNothing has failed.\n<i>counted since the start, 3 d 4 h ago</i>"
    )
    assert text("Problems", empty) == ("<b>Problems</b>\nEvery row can be used.\n<i>Sheet read 12 s ago</i>")
    assert "by country" not in text("Pool", empty)
    assert text("Caches", empty).splitlines()[2] == "<i>counted since the start, 3 d 4 h ago</i>"


TRADING = TradingFigures(
    DeskFigures(
        {"filled": 12, "unknown": 1, "refused": 2},
        (DoubtfulOrder(41, "BTCUSDT", NOW - 90),),
        3,
        14,
        Decimal("1234567.891"),
        {"BTCUSDT": 2, "ETHUSDT": 3},
        {},
    ),
    (
        CallFigures("bybit (reads)", 12_345, 3, 0.041, is_away=False),
        CallFigures("binanceusdm (orders)", 7, 5, None, is_away=True),
    ),
    clients=5,
    in_use=1,
)


def test_the_trading_desk_in_figures():
    """What is in doubt stands first, with its age; then orders, exchanges, clients."""
    assert text("Trading", replace(REPORT, trading=TRADING)) == (
        "<b>Trading</b>\n"
        "<b>Being looked for: perhaps done, perhaps not</b>\n"
        "• order 41, BTCUSDT, for 90 s\n"
        "and 2 more\n"
        "<b>Orders today</b>\n"
        "<pre>outcome unknown              1\n"
        "filled                      12\n"
        "refused                      2\n"
        "parts filled                14\n"
        "worth             1,234,567.89</pre>\n"
        "Positions: ETHUSDT 3, BTCUSDT 2\n"
        "<b>Exchanges</b>\n"
        "<pre>            calls  err  p95\n"
        "bybit reads   12k    3 41ms\n"
        "bina… orders    7    5    –</pre>\n"
        "binanceusdm (orders): left alone, tried once a minute\n"
        "Clients: 5, in use: 1\n"
        "<i>p95 of the last 256 calls each · counted since the start, 3 d 4 h ago</i>"
    )
    assert text("Trading") == "<b>Trading</b>\nThe trading desk is not open."


def test_orders_in_doubt_and_silent_exchanges_are_told_at_one_look():
    """They lead to the section."""
    overview = text("Overview", replace(QUIET, trading=TRADING))
    assert "• 3 orders may or may not have been done: see Trading" in overview
    assert "• binanceusdm (orders): no answer for a while, see Trading" in overview


def test_how_long_what_takes():
    """Outside systems and our own services apart, and below which bound each has stayed since the start."""
    timings = (
        Took("peer", "Google Sheets (reads)", 1204, 0.31, 0.62, 2.5),
        Took("peer", "bybit (orders)", 12, 0.004, 0.09, 0.1),
        Took("peer", "gold-api", 7, 0.2, 6.0, math.inf),
        Took("call", "take preview", 31, 0.012, 0.4, 0.25),
        Took("handler", "/take", 120, 0.4, 1.2, 5.0),
    )
    assert text("Latency", replace(QUIET, timings=timings)) == (
        "<b>Latency</b>\n"
        "<b>Outside</b>\n"
        "<pre>                n  p50  p95  max\n"
        "Google reads 1204 0.3s 0.6s 2.5s\n"
        "bybit orders   12  4ms 90ms  .1s\n"
        "gold-api        7 0.2s 6.0s &gt;10s</pre>\n"
        "<b>Inside</b>\n"
        "<pre>                n  p50  p95  max\n"
        "take preview   31 12ms 0.4s .25s</pre>\n"
        "<i>p50, p95 of the last 256 · max: none took longer · since the start, 3 d 4 h ago</i>"
    )
    assert "Nothing was asked for yet." in text("Latency", QUIET)


def test_every_section_leads_to_every_other():
    """The same eleven buttons in the same places; the one that is open is marked, and brings newer figures."""
    for name in ("Overview", "Pool", "Problems"):
        grid = stats(REPORT, name).rows[-4:]
        labels = [button.text for row in grid for button in row]
        assert [label.strip("· ") for label in labels] == [
            *("Overview", "Pool", "People"),
            *("Sheet", "Trading", "Caches"),
            *("Jobs", "Times", "Latency"),
            *("Errors", "Problems"),
        ]
        assert [label for label in labels if label.startswith("·")] == [f"· {name} ·"]
        assert {button.action.verb for row in grid for button in row} == {"stats"}


def test_a_section_of_another_version_is_the_overview():
    """A button from before an update still answers."""
    assert stats(REPORT, "Weather") == stats(REPORT)


def test_a_sheet_never_read_is_said_so():
    """No age is made up."""
    never = replace(QUIET, pool=replace(QUIET.pool, cache_age_seconds=None, cache_valid=False))
    assert "Sheet read never" in text("Overview", never)
    assert "• the sheet has not been read yet: see Sheet" in text("Overview", never)


SECTIONS = [
    *("Overview", "Pool", "People", "Sheet", "Trading", "Caches", "Jobs", "Times", "Latency", "Errors"),
    "Problems",
]
CROWDED = replace(
    REPORT,
    pool=replace(
        POOL,
        free_by_resource={"<&>" * 20 + str(n): n * 10**4 for n in range(5000)},
        by_country={"<&>" * 20 + str(n): 10**9 for n in range(5000)},
        frozen=tuple("<" * 64 for _ in range(500)),
        problems=tuple(RowProblem(n, "<" * 500) for n in range(5000)),
        needs_attention=tuple("<" * 500 for _ in range(100)),
        total_proxies=10**9,
    ),
    commands=tuple(
        CommandFigures(f"{p}{'&' * 20}{n}", 10**8, 10**6, 9999.0, 10**6)
        for n in range(99)
        for p in ("/", "button ")
    ),
    jobs=tuple(JobStatus("<" * 60, NOW, 1.0, 9, 9, NOW) for _ in range(500)),
    people=PeopleFigures({Role.USER: 10**9}, ("<" * 64,) * 500, ("&" * 64,) * 500),
    holders=tuple(Holder(n, "<" * 64, 10**9) for n in range(5)),
    errors=tuple(ErrorFigures("E" * 60 + str(n), 10**9, NOW, refused=bool(n % 2)) for n in range(51)),
    references=tuple(Reference("k3f9", "E" * 60, NOW) for _ in range(10)),
    timings=tuple(
        Took(kind, "<&>" * 20 + str(n), 10**9, 10**6, 10**6, math.inf)
        for kind in ("peer", "call", "handler")
        for n in range(200)
    ),
    trading=TradingFigures(
        DeskFigures(
            dict.fromkeys(OrderState, 10**9),
            tuple(DoubtfulOrder(10**9, "&" * 32, NOW) for _ in range(5)),
            10**9,
            10**9,
            Decimal(10**12),
            {"&" * 30 + str(n): 10**9 for n in range(20)},
            {"&" * 30 + str(n): 10**9 for n in range(20)},
        ),
        tuple(CallFigures(f"{'&' * 30} (orders)", 10**9, 10**9, 10**4, is_away=True) for _ in range(50)),
        10**9,
        10**9,
    ),
    caches=tuple(CacheFigures("&" * 40, 10**9, 10**12, 10**7, 10**9, 10**9) for _ in range(50)),
)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_largest_report_keeps_to_the_limits(section):
    """Thousands of resources, problems and people are counted, not listed: one message a section."""
    assert utf16(text(section, CROWDED)) <= MESSAGE_LIMIT


@pytest.mark.parametrize("section", SECTIONS)
def test_tables_fit_a_phone(section):
    """No preformatted line is wider than 32 characters, however long the names and large the numbers."""
    for report in (REPORT, CROWDED):
        blocks = re.findall(r"<pre>(.*?)</pre>", text(section, report), re.DOTALL)
        assert all(len(html.unescape(line)) <= 32 for block in blocks for line in block.splitlines())


def test_a_refresh_is_answered_with_what_was_found():
    """Counts, then every row that cannot be used and why."""
    assert refreshed(POOL).texts == (
        (
            "The sheet was read 12 s ago: 150 proxies, 61 not in use, 12 expired.\n"
            "3 duplicates: counted once each.\n"
            "rows 2, 8: the same proxy\n"
            "rows 4–6: the same proxy\n"
            "1 row cannot be used:\n"
            "row 9: the cell is empty\n"
            "<b>Needs attention</b>\n"
            "• row 7 &lt;changed&gt; by hand"
        ),
    )
    assert all(utf16(each) <= MESSAGE_LIMIT for each in refreshed(CROWDED.pool).texts)


def test_a_clean_sheet_is_praised_in_one_line():
    """Nothing to mend, nothing to list."""
    assert refreshed(QUIET.pool).texts[0].splitlines()[1:] == ["Every row can be used."]


@dataclass(frozen=True)
class Someone:
    user_id: int
    name: str
    asked_at: float | None = None
    blocked_at: float | None = None


class Book:
    def role_of(self, user_id: int) -> Role | None:
        return {1: Role.ADMIN, 2: Role.USER, 3: Role.USER}.get(user_id)


def test_people_are_counted_by_the_role_they_have():
    """Who has a role does not ask any more, whatever is left from before."""
    everybody = [
        Someone(1, "@admin"),
        Someone(2, "@anna", asked_at=NOW),
        Someone(3, "@boris", blocked_at=NOW),
        Someone(4, "@new", asked_at=NOW),
        Someone(5, "@refused"),
    ]
    counted = count_people(everybody, Book())
    assert counted == PeopleFigures(
        {Role.VIEWER: 0, Role.USER: 2, Role.TRADER: 0, Role.ADMIN: 1}, ("@new",), ("@boris",)
    )
