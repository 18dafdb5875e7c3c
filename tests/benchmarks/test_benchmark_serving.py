"""What the benchmark of handing out says: figures that would show a fault, and projections that are arithmetic."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from bench.classic import marked_hosts
from bench.ours import marked, promised
from bench.page import marks, put_into
from bench.report import also, markdown, remarks
from bench.result import Result
from bench.scenarios import Finding
from bench.serving import Crowd, Pace, Served, doubles, projection, serve

PACE = Pace(per_minute=50, burst=10)
OURS = Result("100x10", "quartermaster", 100, 10, 1, 1, 0.7, 0.0, 1000, 1429.0, 0, False, 0.335, 0.6, 0.7)


class Careless:
    """Gives the same two to everybody, and nothing to the third."""

    name = "careless"
    waited = 0.0

    def __init__(self) -> None:
        self.told: dict[int, list[str]] = {}

    async def take(self, user: int, resource: str, count: int) -> None:
        if user == 3:
            raise LookupError(resource)
        self.told[user] = ["10.0.0.1", "10.0.0.2"][:count]


def test_a_proxy_that_two_were_given_is_seen() -> None:
    """Each counts once, however many share it; the same user may see it twice."""
    assert 2 == doubles({1: ["a", "b"], 2: ["b", "c"], 3: ["c", "b"]})
    assert 0 == doubles({1: ["a", "a"], 2: ["b"]})


async def test_a_crowd_is_served_and_its_troubles_are_counted() -> None:
    """Who was refused is counted by the error; everybody's wait is known."""
    way, shown = Careless(), list[int]()
    served = await serve(way, Crowd("three", [0.0] * 3, 2), None, shown.append)
    assert (True, Counter(LookupError=1), 3) == (served.whole, served.failed, len(served.seconds))
    assert 4 == shown[-1]
    assert 2 == doubles(way.told)


@pytest.mark.parametrize(
    ("calls", "pace", "wall"),
    [
        (1000, PACE, 1188.0),  # 990 that were not saved up, at 50 a minute
        (50, PACE, 48.0),
        (20, PACE, 13.4),  # one after the other takes longer than the pace asks for
        (1000, None, 670.0),
    ],
)
def test_what_was_cut_is_worked_out(calls: int, pace: Pace | None, wall: float) -> None:
    """By the pace, or by the wire where that is slower; and it is marked as such."""
    crowd = Crowd("100x10", [0.0] * 100, 10)
    cut = projection(Careless(), crowd, Served(), calls, pace, 0.335)
    assert (True, calls, calls, 1000) == (cut.projected, cut.reads, cut.writes, cut.taken)
    assert wall == pytest.approx(cut.wall_s)
    assert 1000 / wall == pytest.approx(cut.proxies_per_s)
    assert wall - 2 * calls * 0.335 == pytest.approx(cut.wait_s)


def test_a_sheet_that_says_something_else_is_no_true_result() -> None:
    """Nor is one where a proxy has two users."""
    assert Finding(OURS, differences=0).is_true
    assert not Finding(OURS, differences=1).is_true
    assert not Finding(replace(OURS, double_handouts=1), differences=0).is_true
    [line] = remarks([Finding(OURS, differences=3, refused=2)])
    assert line == (
        "100x10, quartermaster: 3 proxies of which the sheet and people's answers differ; "
        "2 calls over Google's quota."
    )


def test_the_sheet_is_read_as_each_way_writes_it() -> None:
    """Ours by user and host, out of cells with several entries; the others' by host alone."""
    ours = "site @user1 2026-11-28 #aaaaaaaa; beboo @user2 2026-11-28 #bbbbbbbb"
    rows = [["10.0.0.1:80:u:p", "NL", "x", 3, "beboo, site", "", ours], ["10.0.0.2:80:u:p"]]
    assert [("@user2", "10.0.0.1")] == marked(rows, "beboo") == promised({2: ["10.0.0.1"]})
    assert ["10.0.0.1"] == marked_hosts(rows, "beboo")


def test_the_table_goes_between_the_marks_of_a_page(tmp_path: Path) -> None:
    """What stands around it stays; a page without marks is left alone."""
    naive = replace(
        OURS, mode="naive", reads=1000, writes=1000, wall_s=1188, proxies_per_s=0.84, projected=True
    )
    batch = replace(OURS, mode="batch", reads=100, writes=100, wall_s=108, proxies_per_s=9.26, projected=True)
    page, (begin, end) = tmp_path / "page.md", marks("bursts")
    page.write_text(f"before\n{begin}\nold\n{end}\nafter\n")
    put_into(page, "bursts", markdown([Finding(one) for one in (naive, batch, OURS)]))
    row = "| 100 × 10 | ≈ 19 min 48 s | ≈ 1 min 48 s | 700 ms | 2,000 → 200 → 2 | ×1,701, ×154 |"
    text = page.read_text()
    assert text.startswith(f"before\n{begin}\n| users")
    assert text.endswith(f"\n{row}\n{end}\nafter\n")
    page.write_text("nothing to fill in")
    with pytest.raises(ValueError, match="has no <!-- figures: bursts"):
        put_into(page, "bursts", row)
    assert "nothing to fill in" == page.read_text()


def test_the_longer_scenarios_say_what_people_waited() -> None:
    """And what became of it, where Google was away: when the sheet showed everything."""
    away = replace(OURS, scenario="outage", taken=998)
    last = also([Finding(OURS), Finding(away, differences=0, caught_up_s=33.0)]).splitlines()[-1]
    assert "| outage | 998 of 1,000 | 600 ms | 700 ms | 0 | 0 | 33.0 s |" == last
