"""What is kept for somebody for a while: extended once, dropped by request, turns in a line apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from storage_makers import NOW, allocation, endpoints, request

from bot.models.allocation import TURN, Allocation, State
from bot.models.request import Request, Settlement
from bot.models.wish import Wish
from bot.resilience.clock import ManualClock
from bot.storage.journal import Journal

UNTIL = NOW + 300
PREVIEW = request(3, kind="reserve", settlement=Settlement(wish=Wish("NL", 7)))


def kept(number: int, state: State = State.RESERVED, **changes: object) -> Allocation:
    """Of user 7, by request 3."""
    return allocation(number, state, **{"request": 3, "expires_at": UNTIL, **changes})


async def stored(journal: Journal, *every: Allocation, requests: tuple[Request, ...] = (PREVIEW,)) -> None:
    await journal.open(requests, every, endpoints(*every))


async def test_a_preview_is_extended_once(journal: Journal, clock: ManualClock) -> None:
    """All that is left of it, and its request remembers; a second time changes nothing."""
    one, two = kept(1), kept(2)
    taken, other = kept(3, State.QUEUED, expires_at=None), kept(4, request=4)
    await stored(journal, one, two, other, taken)
    await clock.tick(100)
    extended = await journal.extend(3, 7, NOW + 400)
    assert [replace(one, expires_at=NOW + 400), replace(two, expires_at=NOW + 400)] == extended
    assert {None, UNTIL, NOW + 400} == {each.expires_at for each in await journal.live()}
    remembered = await journal.request(3)
    assert replace(PREVIEW, settlement=Settlement(wish=Wish("NL", 7), extended=True)) == remembered
    assert [] == await journal.extend(3, 7, NOW + 900)


async def test_what_is_kept_for_longer_stays_so(journal: Journal) -> None:
    """An extension never makes it shorter."""
    long = kept(1, expires_at=NOW + 600)
    await stored(journal, long, kept(2))
    assert [long, kept(2, expires_at=NOW + 400)] == await journal.extend(3, 7, NOW + 400)


@pytest.mark.parametrize(("number", "user", "later"), [(3, 7, 300), (3, 8, 0), (4, 7, 0)])
async def test_nothing_else_is_extended(
    journal: Journal, clock: ManualClock, number: int, user: int, later: float
) -> None:
    """At its end it is over; somebody else's, and a request that does not exist, is not touched."""
    await stored(journal, kept(1))
    await clock.tick(later)
    assert [] == await journal.extend(number, user, NOW + 900)
    assert [kept(1)] == await journal.live()
    assert PREVIEW == await journal.request(3)


async def test_one_preview_is_dropped(journal: Journal) -> None:
    """What it still keeps, for its own user only; what was taken of it stays."""
    one, other = kept(1), kept(2, request=4)
    taken = kept(3, State.TAKEN, expires_at=None)
    await stored(journal, one, other, taken)
    assert [] == await journal.cancel(8, request=3)
    assert [one.moved_to(State.RELEASED)] == await journal.cancel(7, request=3)
    assert [] == await journal.cancel(7, request=3)
    assert [other, taken] == await journal.live()


async def test_turns_stay_where_they_are_not_meant(journal: Journal) -> None:
    """A new preview drops the former ones; who gives everything up drops their turns as well."""
    one, turn = kept(1), kept(2, reason=TURN)
    await stored(journal, one, turn)
    assert [one.moved_to(State.RELEASED)] == await journal.cancel(7, turns=False)
    assert [turn] == await journal.live()
    assert [turn.moved_to(State.RELEASED)] == await journal.cancel(7)


async def test_a_request_may_be_spared(journal: Journal) -> None:
    """The second tap of a preview drops all but what the first has just kept; an unknown key spares nothing."""
    former, new = kept(1), kept(2, request=4)
    await stored(journal, former, new, requests=(PREVIEW, request(4)))
    assert [former.moved_to(State.RELEASED)] == await journal.cancel(7, sparing="request4")
    assert [] == await journal.cancel(7, sparing="request4")
    assert [new.moved_to(State.RELEASED)] == await journal.cancel(7, sparing="never seen")
