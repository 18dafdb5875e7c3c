"""The unique index is the real guard: one live allocation a (proxy, resource), whoever asks at the same time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from storage_makers import NOW, allocation, endpoints, states

from bot.errors import StorageError
from bot.models.allocation import LIVE, Allocation, State
from bot.resilience.clock import ManualClock
from bot.storage.database import Database
from bot.storage.journal import Journal


async def opened(journal: Journal, *drafts: Allocation) -> set[str]:
    added, _ = await journal.open([], drafts, endpoints(*drafts))
    return added


async def test_of_two_hundred_takers_one_wins(db: Database, journal: Journal) -> None:
    """At the same time, for one proxy and resource: one id gets in, and is the one that is stored."""
    drafts = [allocation(number, key="wanted", user_id=number) for number in range(200)]
    outcomes = await asyncio.gather(*(opened(journal, draft) for draft in drafts))
    (winner,) = set().union(*outcomes)
    assert [{winner}] == [outcome for outcome in outcomes if outcome]
    assert {winner: State.QUEUED} == await states(db)


async def test_two_hundred_takers_share_ten_proxies(db: Database, journal: Journal) -> None:
    """Each proxy goes to exactly one of the crowd; the losers of one may win another."""
    drafts = [
        allocation(100 * user + proxy, key=f"proxy{proxy}", user_id=user)
        for user in range(200)
        for proxy in range(10)
    ]
    by_user = [drafts[10 * user : 10 * user + 10] for user in range(200)]
    won = set().union(*await asyncio.gather(*(opened(journal, *mine) for mine in by_user)))
    assert [f"proxy{proxy}" for proxy in range(10)] == sorted(each.key for each in drafts if each.id in won)
    assert won == set(await states(db))


async def test_a_batch_does_not_compete_with_itself(journal: Journal) -> None:
    """The same proxy twice in one request: the first gets in."""
    first, second = allocation(1, key="same"), allocation(2, key="same")
    assert {first.id} == await opened(journal, first, second)


async def test_another_resource_is_another_thing(journal: Journal) -> None:
    """One proxy serves many resources, each once."""
    both = [allocation(1, key="same"), allocation(2, key="same", resource="tinder")]
    assert {each.id for each in both} == await opened(journal, *both)


@pytest.mark.parametrize("state", sorted(State))
async def test_what_is_live_keeps_its_place(db: Database, journal: Journal, state: State) -> None:
    """A newcomer gets in beside what has ended, never over what is live, however old it is."""
    holder = allocation(1, state, key="same", expires_at=NOW - 1 if state is not State.RESERVED else NOW + 1)
    newcomer = allocation(2, key="same")
    await opened(journal, holder)
    got_in = {newcomer.id} if state not in LIVE else set()
    assert got_in == await opened(journal, newcomer)
    assert {holder.id} | got_in == set(await states(db))


async def test_only_a_lapsed_reservation_is_replaced(
    db: Database, journal: Journal, clock: ManualClock
) -> None:
    """At its moment, not before; the row gets a new id, and nothing of the former holder is left."""
    reserved = allocation(1, State.RESERVED, key="same", expires_at=NOW + 300, user_id=8, release_request=3)
    newcomer = allocation(2, key="same")
    await opened(journal, reserved)
    await clock.tick(299)
    assert set() == await opened(journal, newcomer)
    await clock.tick(1)
    assert {newcomer.id} == await opened(journal, newcomer)
    assert [newcomer] == await journal.live()
    assert {newcomer.id: State.QUEUED} == await states(db)


async def test_a_replaced_reservation_cannot_be_claimed(journal: Journal, clock: ManualClock) -> None:
    """Its id is gone for good: nobody moves somebody else's allocation with it."""
    reserved = allocation(1, State.RESERVED, key="same", expires_at=NOW + 300)
    await opened(journal, reserved)
    await clock.tick(300)
    await opened(journal, allocation(2, State.RESERVED, key="same", expires_at=NOW + 900, user_id=8))
    assert set() == await journal.begin([reserved.id], {}, {})
    assert {} == await journal.endpoints([reserved.id])


async def test_an_id_is_never_used_twice(journal: Journal) -> None:
    """A second allocation under a known id is refused as a whole."""
    await opened(journal, allocation(1))
    with pytest.raises(StorageError, match="UNIQUE"):
        await opened(journal, replace(allocation(1), key="other"), allocation(2))
    assert [allocation(1)] == await journal.live()


async def test_spares_begin_where_they_are_free(journal: Journal) -> None:
    """Queued ones and spares become `taking` in one step; a spare that was reserved meanwhile is left out."""
    queued, reserved = allocation(1), allocation(2, State.RESERVED, key="wanted", expires_at=NOW + 300)
    await opened(journal, queued, reserved)
    free, lost = allocation(3, State.TAKING), allocation(4, State.TAKING, key="wanted")
    began = await journal.begin([queued.id, "nobody00"], {"one": free, "two": lost}, endpoints(free, lost))
    assert {queued.id, free.id} == began
