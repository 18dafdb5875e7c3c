"""Which proxies a write of ours may still change, and since when."""

from __future__ import annotations

import pytest

from bot.models.projection import Placed
from bot.services.doubts import Doubt, Doubts

HORIZON = 200.0
K1, K2, K3 = "10.0.0.1:8080:user:aaaa", "10.0.0.2:8080:user:bbbb", "10.0.0.1:8080:user:cccc"
NOTHING: frozenset[str] = frozenset()


@pytest.fixture
def doubts() -> Doubts:
    return Doubts(HORIZON)


def doubt(until: float = HORIZON, key: str = K1, row: int = 2, **more: object) -> Doubt:
    """A write to that row that got no answer."""
    return Doubt(until, {row: Placed(key, "text")}, frozenset({key}), frozenset({"id"}), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("now", "young"), [(0.0, True), (HORIZON, True), (HORIZON + 1, False)])
def test_an_answered_write_is_young_for_a_horizon(doubts: Doubts, now: float, young: bool) -> None:
    """For its proxy alone; a reading that began before it was sent has not seen it."""
    doubts.wrote([K1], 0.0)
    assert (young, False) == (doubts.is_young(K1, (), now), doubts.is_young(K2, (), now))
    assert doubts.is_young(K1, (), -50.0)


def test_a_write_without_an_answer_is_young_until_it_was_looked_after(doubts: Doubts) -> None:
    """For its proxy, and for whatever stands in its row, however late somebody looks."""
    doubts.add(doubt())
    late = 10 * HORIZON
    assert doubts.is_young(K1, (), late)
    assert (True, False) == (doubts.is_young(K2, [2], late), doubts.is_young(K2, [3], late))
    doubts.close(doubts.due(late))
    assert not doubts.is_young(K1, [2], late)


def test_what_google_refused_is_due_still(doubts: Doubts) -> None:
    """It counts as young until it was written."""
    doubts.refused.add(K1)
    assert doubts.is_young(K1, (), 10 * HORIZON)


def test_a_proxy_with_another_password_is_as_young_as_before(doubts: Doubts) -> None:
    """What may still change its row may do so under the new key; its doubt covers both."""
    doubts.wrote([K1], 0.0)
    doubts.add(doubt(until=300.0))
    doubts.renamed(K1, K3, 10.0)
    assert doubts.covers(K1, 299.0)
    assert doubts.covers(K3, 299.0)
    doubts.close(doubts.due(301.0))
    assert doubts.is_young(K3, (), HORIZON)
    assert not doubts.is_young(K3, (), HORIZON + 11)


def test_an_old_proxy_stays_old_under_its_new_key(doubts: Doubts) -> None:
    """Nothing was written to it of late."""
    doubts.wrote([K1], 0.0)
    doubts.renamed(K1, K3, HORIZON + 1)
    assert not doubts.is_young(K3, (), HORIZON + 1)


def test_the_oldest_doubt_tells_since_when(doubts: Doubts) -> None:
    """A mere look tells nothing."""
    assert doubts.since is None
    for since in (None, 500.0, 400.0):
        doubts.add(doubt(since=since))
    assert 400.0 == doubts.since


def test_a_write_that_nobody_knows_may_hit_whatever_is_written_meanwhile(doubts: Doubts) -> None:
    """Each of these is looked at with it; they are neither held nor looked at for any other doubt."""
    doubts.wrote([K3], 0.0)
    doubts.add(doubt(until=100.0))
    doubts.wrote([K3], 1.0)
    doubts.add(doubt(until=300.0, may_hit_more=True))
    doubts.wrote([K2], 2.0)
    assert [frozenset({K1})] == [each.keys for each in doubts.due(150.0)]
    assert not doubts.covers(K2, 150.0)
    doubts.close(doubts.due(150.0))
    due = doubts.due(300.0)
    assert [frozenset({K1}), frozenset({K2})] == [each.keys for each in due]
    doubts.close(due)
    doubts.wrote([K3], 301.0)
    assert [] == doubts.due(1_000.0)
