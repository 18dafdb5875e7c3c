"""The dialogue that connects an account: over restarts and repetitions, and to each of its ends."""

from __future__ import annotations

import asyncio

import pytest
from account_support import KEY, PHRASE, SECRET, AccountDesk

from bot.errors import CannotConnect, KeyRefused, OfferLapsed, PeerUnavailable
from bot.models.dialogue import DIALOGUE_TTL, Dialogue, Problem, Step
from bot.resilience.clock import ManualClock
from bot.services.connecting import LATE

ANNA = 7


@pytest.fixture
def desk() -> AccountDesk:
    return AccountDesk(ManualClock())


async def said(desk: AccountDesk, venue: str = "bybit") -> Dialogue:
    """Everything is said, by the requests r0, r1 …"""
    dialogue = await desk.connecting.begin(ANNA, venue, "r0")
    for number, text in enumerate((KEY, SECRET, PHRASE)[: 3 if venue == "okx" else 2], 1):
        dialogue = await desk.connecting.hear(ANNA, text, f"r{number}")
    return dialogue


@pytest.mark.parametrize("venue", ["bybit", "okx"])
async def test_what_was_said_is_connected(desk: AccountDesk, venue: str) -> None:
    """Nothing of it is left in the dialogue."""
    assert Step.CHECK is (await said(desk, venue)).step
    ended = await desk.connecting.finish(ANNA)
    assert (Step.DONE, None, "a3f9", True, ()) == (
        ended.step,
        ended.problem,
        ended.tail,
        ended.can_trade,
        ended.said,
    )
    assert ended == desk.dialogues.kept[ANNA]
    [(asked, credentials)] = desk.venue.asked
    assert (venue, KEY, SECRET) == (asked, credentials.key, credentials.secret)
    assert ("" if venue == "bybit" else PHRASE) == credentials.passphrase


async def test_a_restart_loses_nothing(desk: AccountDesk) -> None:
    """Between any two steps; who is in a dialogue is known from the start on."""
    await desk.connecting.begin(ANNA, "bybit", "r0")
    for number, text in enumerate((KEY, SECRET), 1):
        await desk.restart()
        assert desk.connecting.awaits(ANNA, f"r{number}", desk.clock.time())
        await desk.connecting.hear(ANNA, text, f"r{number}")
    await desk.restart()
    assert (await desk.connecting.finish(ANNA)).problem is None


async def test_the_last_step_twice_connects_once(desk: AccountDesk) -> None:
    """Delivered again before the end or after it, even after a restart: the same answer, one account, one question."""
    await said(desk)
    await desk.connecting.hear(ANNA, SECRET, "r2")
    first = await desk.connecting.finish(ANNA)
    for _ in range(2):
        assert desk.connecting.awaits(ANNA, "r2", desk.clock.time())
        assert first == await desk.connecting.hear(ANNA, SECRET, "r2")
        assert first == await desk.connecting.finish(ANNA)
        await desk.restart()
    assert (1, 1) == (len(desk.venue.asked), len(desk.store.acts))


async def test_after_the_end_other_messages_are_messages_again(desk: AccountDesk) -> None:
    """Whatever is said next is not taken for a secret."""
    await said(desk)
    await desk.connecting.finish(ANNA)
    assert not desk.connecting.awaits(ANNA, "r3", desk.clock.time())


@pytest.mark.parametrize("text", ["", "  ", "x y", "short"])
async def test_what_is_no_key_is_asked_for_again(desk: AccountDesk, text: str) -> None:
    """The dialogue stays where it was."""
    await desk.connecting.begin(ANNA, "bybit", "r0")
    heard = await desk.connecting.hear(ANNA, text, "r1")
    assert (Step.KEY, "r0") == (heard.step, heard.request)


async def test_a_refused_key_ends_it(desk: AccountDesk) -> None:
    """In the venue's words, and the same when it comes again: the venue is not asked twice."""
    desk.venue.failures = [KeyRefused("bybit", 403, "wrong signature")]
    await said(desk)
    ended = await desk.connecting.finish(ANNA)
    assert (Problem.REFUSED, "wrong signature", ()) == (ended.problem, ended.detail, ended.said)
    assert ended == await desk.connecting.finish(ANNA)
    assert 1 == len(desk.venue.asked)


async def test_a_key_that_is_known_ends_it(desk: AccountDesk) -> None:
    """A second connection of the same key says so."""
    await said(desk)
    await desk.connecting.finish(ANNA)
    await desk.connecting.begin(ANNA, "bybit", "r5")
    for number, text in ((6, KEY), (7, SECRET)):
        await desk.connecting.hear(ANNA, text, f"r{number}")
    assert Problem.KNOWN is (await desk.connecting.finish(ANNA)).problem
    assert 1 == len(desk.store.keys)


async def test_a_venue_that_is_away_can_be_asked_again(desk: AccountDesk) -> None:
    """What was said is kept meanwhile."""
    desk.venue.failures = [PeerUnavailable("bybit", "down")]
    await said(desk)
    with pytest.raises(PeerUnavailable):
        await desk.connecting.finish(ANNA)
    await desk.restart()
    assert (await desk.connecting.finish(ANNA)).problem is None


async def test_stopped_while_the_venue_is_asked(desk: AccountDesk) -> None:
    """Nothing is connected, whatever the venue says then."""
    await said(desk)
    desk.venue.gate.clear()
    finishing = asyncio.create_task(desk.connecting.finish(ANNA))
    await desk.clock.tick(0)
    assert [True, False] == [await desk.connecting.stop(ANNA) for _ in range(2)]
    desk.venue.gate.set()
    with pytest.raises(CannotConnect, match="stopped"):
        await finishing
    assert ({}, {}) == (desk.store.keys, desk.dialogues.kept)


async def test_nothing_is_connected_without_a_dialogue(desk: AccountDesk) -> None:
    """One that was stopped is not there any more."""
    await said(desk)
    await desk.connecting.stop(ANNA)
    for step in (desk.connecting.finish(ANNA), desk.connecting.hear(ANNA, KEY, "r9")):
        with pytest.raises(OfferLapsed):
            await step


async def test_it_lapses_after_ten_minutes(desk: AccountDesk) -> None:
    """What was sent before its end still belongs to it; what is sent later does not. Then nothing is left of it."""
    await desk.connecting.begin(ANNA, "bybit", "r0")
    begun = desk.clock.time()
    await desk.clock.tick(DIALOGUE_TTL + 1)
    assert 0 == await desk.connecting.wipe()
    assert [True, False] == [
        desk.connecting.awaits(ANNA, "r1", at) for at in (begun + DIALOGUE_TTL - 1, begun + DIALOGUE_TTL)
    ]
    await desk.clock.tick(LATE)
    assert (1, {}) == (await desk.connecting.wipe(), desk.dialogues.kept)
    assert not desk.connecting.awaits(ANNA, "r1", begun)


async def test_beginning_again_starts_anew(desk: AccountDesk) -> None:
    """The same request is the same dialogue; another one, or the same after its time, is a new one."""
    await desk.connecting.begin(ANNA, "bybit", "r0")
    heard = await desk.connecting.hear(ANNA, KEY, "r1")
    assert heard == await desk.connecting.begin(ANNA, "bybit", "r1")
    assert Step.KEY is (await desk.connecting.begin(ANNA, "okx", "r2")).step
    await desk.clock.tick(DIALOGUE_TTL)
    again = await desk.connecting.begin(ANNA, "okx", "r2")
    assert desk.clock.time() + DIALOGUE_TTL == again.expires_at


async def test_all_at_once(desk: AccountDesk) -> None:
    """A key and a secret in one message need no further step, and connect once however often it comes."""
    for _ in range(2):
        dialogue = await desk.connecting.begin(ANNA, "bybit", "r0", [KEY, SECRET])
        assert dialogue.request == "r0"
        assert (await desk.connecting.finish(ANNA)).problem is None
    assert 1 == len(desk.store.keys)


async def test_only_the_desks_exchanges(desk: AccountDesk) -> None:
    """Nobody is asked for a key that could not be used."""
    with pytest.raises(CannotConnect, match="venue"):
        await desk.connecting.begin(ANNA, "kraken", "r0")
    assert {} == desk.dialogues.kept
