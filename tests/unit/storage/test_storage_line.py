"""Places in line: first come first served, one a person and resource."""

from __future__ import annotations

from storage_makers import NOW

from bot.models.line import Place
from bot.storage.database import Database
from bot.storage.line import LineStore


async def test_places_are_numbered_in_the_order_of_joining(db: Database) -> None:
    """Over all resources; the open ones come back in that order."""
    store = LineStore(db)
    anna = await store.join(7, "@anna", "beboo", NOW)
    boris = await store.join(8, "@boris", "tinder", NOW + 1)

    assert Place(anna.number, 7, "@anna", "beboo", NOW) == anna
    assert anna.number < boris.number
    assert [anna, boris] == await store.open_places()


async def test_joining_twice_keeps_the_place(db: Database) -> None:
    """Whatever name the person has by now."""
    store = LineStore(db)
    first = await store.join(7, "@anna", "beboo", NOW)
    assert first == await store.join(7, "@anna_new", "beboo", NOW + 60)
    assert [first] == await store.open_places()


async def test_a_new_place_is_at_the_end(db: Database) -> None:
    """Who has left begins anew, and numbers are never used again."""
    store = LineStore(db)
    first = await store.join(7, "@anna", "beboo", NOW)
    await store.end([first.number], NOW + 1)
    assert 0 == await store.forget(NOW + 99)

    second = await store.join(7, "@anna", "beboo", NOW + 100)
    assert second.number > first.number
    assert [second] == await store.open_places()
    assert 1 == await store.forget(NOW + 99)


async def test_a_turn_is_kept_until_it_is_withdrawn_or_the_place_ends(db: Database) -> None:
    """It comes back after a restart."""
    store = LineStore(db)
    place = await store.join(7, "@anna", "beboo", NOW)

    assert await store.give_turn(place.number, 1042, NOW + 600)
    assert [(1042, NOW + 600)] == [(each.turn, each.turn_until) for each in await store.open_places()]
    await store.withdraw_turn(place.number)
    assert [place] == await store.open_places()


async def test_who_has_left_gets_no_turn(db: Database) -> None:
    """The answer tells, so that what was kept can be dropped."""
    store = LineStore(db)
    place = await store.join(7, "@anna", "beboo", NOW)
    await store.end([place.number], NOW)

    assert not await store.give_turn(place.number, 1042, NOW + 600)
    assert [] == await store.open_places()


async def test_it_is_remembered_which_turns_were_taken(db: Database) -> None:
    """Not those that ran out or were left, whatever is said of them later."""
    store = LineStore(db)
    taken = await store.join(7, "@anna", "beboo", NOW)
    left = await store.join(8, "@boris", "beboo", NOW)
    for place in (taken, left):
        await store.give_turn(place.number, 1042, NOW + 600)
    assert not await store.was_taken(taken.number)
    await store.take(taken.number, NOW + 1)
    await store.end([taken.number, left.number], NOW + 2)

    assert (True, False) == (await store.was_taken(taken.number), await store.was_taken(left.number))
