"""The relay: everything that was written down is said, once where nothing breaks, and nobody waits for others."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest
from outbox_support import ANNA, BORIS, CHIEF, NotingCourier, OutboxBench, broken

from bot.errors import OutcomeUnknown, PeerBusy, PeerRefused, PeerUnavailable, Unreachable
from bot.models.delivery import Outcome, Parcel
from bot.models.notice import ANSWERS, THE_WEBHOOK, Kind, Notice
from bot.models.person import Preferences
from bot.models.role import Role

DAY = 86_400.0
NIGHT = Preferences(quiet_from=7 * 60, quiet_to=9 * 60)  # the clock of these tests begins at 8:00


@pytest.fixture
async def bench() -> AsyncIterator[OutboxBench]:
    bench = OutboxBench()
    yield bench
    await bench.close()


async def test_what_is_told_is_brought_at_once(bench: OutboxBench) -> None:
    """Nobody has to wait for a round of the clock."""
    bench.start()
    await bench.settle()
    await bench.say(ANNA, "a")
    await bench.settle()
    assert [(0.0, ANNA, "a")] == bench.courier.brought
    assert [Outcome.DELIVERED] == bench.store.outcomes


async def test_what_was_written_before_the_start_is_brought(bench: OutboxBench) -> None:
    """A restart says what a former process could not any more."""
    await bench.say(ANNA, "a")
    bench.start()
    await bench.settle()
    assert [(ANNA, "a")] == bench.courier.said


async def test_what_others_wrote_is_brought_when_they_say_so(bench: OutboxBench) -> None:
    """Notices may be written in somebody else's transaction."""
    bench.start()
    await bench.settle()
    await bench.store.post([Notice(ANNA, Kind.EXPIRES, {"say": "a"})], bench.clock.time())
    await bench.settle()
    assert [] == bench.courier.said
    bench.outbox.posted()
    await bench.settle()
    assert [(ANNA, "a")] == bench.courier.said


async def test_what_becomes_due_during_a_look_is_seen_by_the_next(bench: OutboxBench) -> None:
    """A database may take its time; nothing waits until something else happens."""
    await bench.say(ANNA, "a")
    await bench.store.postpone(1, bench.clock.time() + 3, attempts=1)
    bench.store.looking = lambda: bench.clock.sleep(5)
    bench.start()
    await bench.settle(60)
    assert [(ANNA, "a")] == bench.courier.said


async def test_admins_are_told_one_by_one_and_once(bench: OutboxBench) -> None:
    """Each admin has a row and a key of their own; the same key is not said again."""
    bench.people.roles[ANNA] = Role.ADMIN
    bench.start()
    for _ in range(2):
        await bench.outbox.tell_admins(Kind.OUTAGE, {"say": "away"}, key="outage:5")
    await bench.settle()
    assert {(ANNA, "away"), (CHIEF, "away")} == set(bench.courier.said)
    assert 2 == len(bench.courier.said)


async def test_a_chat_hears_things_in_their_order(bench: OutboxBench) -> None:
    """Also when the first of them has to be tried again."""
    bench.courier.troubles[ANNA] = [PeerUnavailable("telegram", "500")]
    for what in "abc":
        await bench.say(ANNA, what)
    bench.start()
    await bench.settle(60)
    assert [(ANNA, "a"), (ANNA, "b"), (ANNA, "c")] == bench.courier.said


async def test_a_slow_chat_holds_up_no_other(bench: OutboxBench) -> None:
    """Anna's message hangs; Boris has read his meanwhile, and hers comes when it comes."""
    bench.courier.doors[ANNA] = asyncio.Event()
    for what in "ab":
        await bench.say(ANNA, what)
        await bench.say(BORIS, what)
    bench.start()
    await bench.settle(30)
    assert [(BORIS, "a"), (BORIS, "b")] == bench.courier.said
    bench.courier.doors[ANNA].set()
    await bench.settle()
    assert [(ANNA, "a"), (ANNA, "b")] == bench.courier.said[2:]


async def test_at_most_eight_are_on_their_way(bench: OutboxBench) -> None:
    """A crowd is served eight at a time, and all of it is."""
    crowd = range(100, 130)
    door = asyncio.Event()
    bench.courier.doors = dict.fromkeys(crowd, door)
    for user_id in crowd:
        await bench.say(user_id, "a")
    bench.start()
    await bench.settle(10)
    assert 8 == bench.courier.inside
    door.set()
    await bench.settle(10)
    assert (30, 8) == (len(bench.courier.said), bench.courier.most_inside)


async def test_a_third_of_telegrams_pace_is_left_to_answers(bench: OutboxBench) -> None:
    """A hundred notices take five seconds: twenty a second, after a burst of eight."""
    for user_id in range(100, 200):
        await bench.say(user_id, "a")
    bench.start()
    await bench.settle(10)
    assert bench.courier.brought[-1][0] == pytest.approx((100 - 8) / 20, abs=0.1)


@pytest.mark.parametrize(
    "trouble", [OutcomeUnknown("telegram", "reset"), PeerUnavailable("telegram", "502"), *broken()]
)
async def test_trouble_is_met_by_trying_again_later_and_later(bench: OutboxBench, trouble: Exception) -> None:
    """At least once: what may not have arrived is sent again, with growing pauses, never at once."""
    bench.courier.troubles[ANNA] = [trouble] * 6
    await bench.say(ANNA, "a")
    bench.start()
    await bench.settle(600)
    assert [(ANNA, "a")] == bench.courier.said
    times = [at for at, _ in bench.courier.tried]
    assert 7 == len(times)
    assert all(later - earlier >= 1 for earlier, later in itertools.pairwise(times))


async def test_who_asks_for_patience_gets_it(bench: OutboxBench) -> None:
    """Telegram said 43,837 seconds: not one call earlier, and then at once."""
    bench.courier.troubles[ANNA] = [PeerBusy("telegram", "flood", 43_837)]
    await bench.say(ANNA, "a")
    await bench.say(BORIS, "b")
    bench.start()
    await bench.settle(43_836)
    assert [(BORIS, "b")] == bench.courier.said
    await bench.settle(2)
    assert (43_837.0, ANNA, "a") == bench.courier.brought[-1]


async def test_who_blocked_the_bot_is_marked_and_left_alone(bench: OutboxBench) -> None:
    """Not tried again, nor is anything else tried; when they write to us within two days they hear it all."""
    bench.courier.troubles[ANNA] = [Unreachable("telegram", 403, "blocked")]
    for what in "ab":
        await bench.say(ANNA, what)
    bench.start()
    await bench.settle(DAY)
    assert ({ANNA}, 1) == (bench.people.blocked, len(bench.courier.tried))
    bench.people.blocked.clear()
    await bench.outbox.hasten(ANNA)
    await bench.settle(10)
    assert [(ANNA, "a"), (ANNA, "b")] == bench.courier.said


async def test_who_stays_away_for_two_days_has_missed_it(bench: OutboxBench) -> None:
    """What is older is not news any more."""
    bench.courier.troubles[ANNA] = [Unreachable("telegram", 403, "blocked")]
    await bench.say(ANNA, "a")
    bench.start()
    await bench.settle(3 * DAY)
    bench.people.blocked.clear()
    await bench.outbox.hasten(ANNA)
    await bench.settle(10)
    assert ([], [Outcome.UNDELIVERABLE]) == (bench.courier.said, bench.store.outcomes)


@pytest.mark.parametrize("trouble", [PeerRefused("telegram", 400, "bad text"), KeyError("name")])
async def test_a_notice_that_cannot_be_said_holds_up_nothing(bench: OutboxBench, trouble: Exception) -> None:
    """A refusal, or a mistake of ours, ends that notice; its reader gets the next."""
    bench.courier.troubles[ANNA] = [trouble]
    for what in "ab":
        await bench.say(ANNA, what)
    bench.start()
    await bench.settle(60)
    assert [(ANNA, "b")] == bench.courier.said
    assert ([Outcome.UNDELIVERABLE, Outcome.DELIVERED], set()) == (bench.store.outcomes, bench.people.blocked)


async def test_after_two_days_it_is_given_up(bench: OutboxBench) -> None:
    """Nobody reads what was new then; it is tried for two days."""
    bench.courier.troubles[ANNA] = [PeerUnavailable("telegram", "502")] * 100_000
    await bench.say(ANNA, "a")
    bench.start()
    await bench.settle(2 * DAY)
    assert [None] == bench.store.outcomes
    await bench.settle(3600)
    assert [Outcome.UNDELIVERABLE] == bench.store.outcomes


async def test_quiet_hours_are_kept(bench: OutboxBench) -> None:
    """What comes up at 8:00 waits until 9:00, in its order."""
    bench.people.preferences[ANNA] = NIGHT
    for what in "ab":
        await bench.say(ANNA, what)
    bench.start()
    await bench.settle(3599)
    assert [] == bench.courier.brought
    await bench.settle(2)
    assert [(3600.0, ANNA, "a"), (3600.0, ANNA, "b")] == bench.courier.brought


@pytest.mark.parametrize("kind", sorted(ANSWERS))
async def test_answers_do_not_wait_for_the_morning(bench: OutboxBench, kind: Kind) -> None:
    """Nor do they wait behind what does, be it something that had to be tried again."""
    bench.courier.troubles[ANNA] = [PeerUnavailable("telegram", "502")]
    await bench.say(ANNA, "later")
    bench.start()
    await bench.settle()
    bench.people.preferences[ANNA] = NIGHT
    await bench.settle(60)
    await bench.say(ANNA, "now", kind)
    await bench.settle()
    assert [(ANNA, "now")] == bench.courier.said
    await bench.settle(3600)
    assert [(ANNA, "now"), (ANNA, "later")] == bench.courier.said


async def test_what_is_muted_is_not_said(bench: OutboxBench) -> None:
    """Neither when it was muted before it came up nor when it was while it waited; answers cannot be muted."""
    bench.people.preferences[ANNA] = Preferences(muted=frozenset({"expires", "turn"}))
    await bench.say(ANNA, "a")
    await bench.say(ANNA, "mine", Kind.TURN)
    await bench.say(BORIS, "b")
    bench.people.preferences[BORIS] = Preferences(muted=frozenset({"expires"}))
    bench.start()
    await bench.settle()
    assert [(ANNA, "mine")] == bench.courier.said
    assert [Outcome.DELIVERED, Outcome.UNWANTED] == bench.store.outcomes


async def test_only_admins_get_what_is_for_admins(bench: OutboxBench) -> None:
    """Whoever was one when it came up, and is not any more when it would be said, does not get it."""
    bench.people.preferences[CHIEF] = NIGHT
    await bench.outbox.tell_admins(Kind.ACCESS, {"say": "somebody asks"})
    bench.start()
    await bench.settle()
    bench.people.roles[CHIEF] = Role.USER
    await bench.settle(4000)
    assert ([], [Outcome.UNWANTED]) == (bench.courier.said, bench.store.outcomes)


async def test_what_is_too_late_is_not_said(bench: OutboxBench) -> None:
    """A turn that is over is no turn."""
    bench.courier.troubles[ANNA] = [PeerBusy("telegram", "flood", 700)]
    await bench.say(ANNA, "your turn", Kind.TURN, until=bench.clock.time() + 600)
    bench.start()
    await bench.settle(800)
    assert ([], [Outcome.LAPSED]) == (bench.courier.said, bench.store.outcomes)


async def test_what_was_said_is_not_said_again_because_it_could_not_be_marked(bench: OutboxBench) -> None:
    """The database refuses three times: the mark is made later, the message is not sent again."""
    await bench.say(ANNA, "a")
    bench.courier.doors[ANNA] = asyncio.Event()
    bench.start()
    await bench.settle()
    bench.store.failures = broken(3)
    bench.courier.doors[ANNA].set()
    await bench.settle(60)
    assert ([(ANNA, "a")], [Outcome.DELIVERED]) == (bench.courier.said, bench.store.outcomes)


async def test_an_outbox_that_cannot_be_read_is_read_later(bench: OutboxBench) -> None:
    """The relay outlives a database that refuses."""
    await bench.say(ANNA, "a")
    bench.store.failures = broken(2)
    bench.start()
    await bench.settle(11)
    assert [(10.0, ANNA, "a")] == bench.courier.brought


async def test_a_slow_look_sends_nothing_twice(bench: OutboxBench) -> None:
    """What was under way when the relay began to look, and is done when it has seen it, is not due any more."""
    bench.courier.doors[ANNA] = asyncio.Event()
    await bench.say(ANNA, "a")
    bench.start()
    await bench.settle()
    look, seen = bench.store.due, asyncio.Event()

    async def slow_look(now: float, limit: int) -> list[Parcel]:
        found = await look(now, limit)
        await seen.wait()
        return found

    bench.store.due = slow_look  # type: ignore[method-assign]
    await bench.say(BORIS, "b")
    await bench.settle()
    bench.courier.doors[ANNA].set()
    await bench.settle()
    seen.set()
    await bench.settle(60)
    assert [(ANNA, "a"), (BORIS, "b")] == bench.courier.said


async def test_stopping_lets_what_is_under_way_end(bench: OutboxBench) -> None:
    """Nothing new begins, and what waits is said after the next start."""
    bench.courier.doors[ANNA] = asyncio.Event()
    for what in "ab":
        await bench.say(ANNA, what)
    bench.start()
    await bench.settle()
    stopping = asyncio.create_task(bench.relay.stop(5))
    await bench.settle()
    assert not stopping.done()
    bench.courier.doors[ANNA].set()
    await stopping
    assert bench.running is not None
    await bench.running
    assert ([(ANNA, "a")], [Outcome.DELIVERED, None]) == (bench.courier.said, bench.store.outcomes)


async def test_alerts_go_to_their_address_and_ask_nobody() -> None:
    """The webhook has a courier of its own, for what is meant for admins; what nobody is to read goes nowhere."""
    bench = OutboxBench()
    webhook = NotingCourier(bench.clock)
    both = OutboxBench(webhook=webhook)
    for each in (bench, both):
        for kind, what in ((Kind.LOW_STOCK, "low"), (Kind.FREED, "what nobody held")):
            await each.outbox.post([Notice(THE_WEBHOOK, kind, {"say": what})])
        each.start()
        await each.settle()
    assert ([], [(THE_WEBHOOK, "low")]) == (both.courier.said, webhook.said)
    assert ([], [Outcome.UNWANTED] * 2) == (bench.courier.said, bench.store.outcomes)
    for each in (bench, both):
        await each.close()


async def test_who_was_let_in_no_more_hears_only_what_ends(bench: OutboxBench) -> None:
    """What they lost, their role, and what became of their orders; nothing of what is still in the sheet."""
    bench.people.roles[ANNA] = None
    for kind in Kind:
        await bench.outbox.tell(ANNA, kind, {"say": kind})
    bench.start()
    await bench.settle(60)
    heard = {Kind.ROLE, Kind.FREED, Kind.LOST, Kind.PREVIEW_LAPSED, Kind.ORDER, Kind.ORDER_STUCK}
    assert heard == {what for _, what in bench.courier.said}
