"""Every transition of an allocation is conditional: it moves what may move, and returns exactly that."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from storage_makers import NOW, allocation, endpoints, request, states

from bot.models.allocation import State
from bot.models.outcome import Outcome
from bot.models.request import Claim
from bot.storage.database import Database
from bot.storage.journal import Journal

LAPSED, LASTING = NOW, NOW + 0.001
NUMBERS = {state: number for number, state in enumerate(State, start=1)}
LASTING_NUMBER = len(NUMBERS) + 1
STRANGERS = 100
IDS = [allocation(number).id for number in (*NUMBERS.values(), LASTING_NUMBER)]
STRANGERS_IDS = [allocation(STRANGERS + number).id for number in NUMBERS.values()]

Transition = Callable[[Journal, list[str]], Awaitable[object]]


async def begin(journal: Journal, ids: list[str]) -> object:
    return await journal.begin(ids, {}, {})


async def settle_taken(journal: Journal, ids: list[str]) -> None:
    await journal.settle(Outcome(taken=ids))


async def settle_failed(journal: Journal, ids: list[str]) -> None:
    await journal.settle(Outcome(failed=ids))


async def settle_released(journal: Journal, ids: list[str]) -> None:
    await journal.settle(Outcome(released=ids))


async def settle_kept(journal: Journal, ids: list[str]) -> None:
    await journal.settle(Outcome(kept=ids))


async def release(journal: Journal, ids: list[str]) -> object:
    return await journal.begin_release(request(9), ids)


async def claim(journal: Journal, ids: list[str]) -> object:
    return (await journal.open([], [], {}, [Claim(5, 7, "@anna", tuple(ids))]))[1]


async def expire(journal: Journal, _: list[str]) -> object:
    return await journal.expire()


async def cancel(journal: Journal, _: list[str]) -> object:
    return await journal.cancel(7)


@pytest.fixture
async def one_of_each(db: Database, journal: Journal) -> dict[str, State]:
    """An allocation in every state for users 7 and 8; `reserved` has lapsed, and user 7 has one that has not."""
    every = [
        allocation(number + offset, state, user_id=user, expires_at=LAPSED)
        for user, offset in ((7, 0), (8, STRANGERS))
        for state, number in NUMBERS.items()
    ]
    every.append(allocation(LASTING_NUMBER, State.RESERVED, expires_at=LASTING))
    await journal.open([], every, endpoints(*every))
    return await states(db)


@pytest.mark.parametrize(
    ("transition", "since", "to"),
    [
        (begin, {State.QUEUED}, State.TAKING),
        (settle_taken, {State.TAKING}, State.TAKEN),
        (settle_failed, {State.QUEUED, State.TAKING}, State.FAILED),
        (settle_released, {State.RELEASING}, State.RELEASED),
        (settle_kept, {State.RELEASING}, State.TAKEN),
    ],
)
async def test_a_commit_moves_only_what_is_on_its_way(
    db: Database,
    journal: Journal,
    one_of_each: dict[str, State],
    transition: Transition,
    since: set[State],
    to: State,
) -> None:
    """From the states that lead there, whoever asked; everything else stays as it was."""
    await transition(journal, [*IDS, *STRANGERS_IDS, "nobody00"])
    expected = {which: to if state in since else state for which, state in one_of_each.items()}
    assert expected == await states(db)


@pytest.mark.parametrize(
    ("transition", "number", "to"),
    [(release, NUMBERS[State.TAKEN], State.RELEASING), (claim, LASTING_NUMBER, State.QUEUED)],
)
async def test_a_user_moves_only_what_is_theirs(
    db: Database,
    journal: Journal,
    one_of_each: dict[str, State],
    transition: Transition,
    number: int,
    to: State,
) -> None:
    """Taken to releasing, and a reservation in time to queued: the user's own, returned as it is now."""
    moved = await transition(journal, [*IDS, *STRANGERS_IDS])
    assert isinstance(moved, list)
    assert [(allocation(number).id, to)] == [(each.id, each.state) for each in moved]
    assert {**one_of_each, allocation(number).id: to} == await states(db)


async def test_expiry_touches_nothing_but_lapsed_reservations(
    db: Database, journal: Journal, one_of_each: dict[str, State]
) -> None:
    """Whoever they belong to; all other rows carry an `expires_at` in the past here, and stay."""
    ended = {allocation(NUMBERS[State.RESERVED] + offset).id for offset in (0, STRANGERS)}
    assert ended == {each.id for each in await journal.expire()}
    assert one_of_each | dict.fromkeys(ended, State.EXPIRED) == await states(db)
    assert [] == await journal.expire()


async def test_cancelling_drops_a_users_reservations(
    db: Database, journal: Journal, one_of_each: dict[str, State]
) -> None:
    """All of theirs, and nothing that was taken."""
    dropped = {allocation(number).id for number in (NUMBERS[State.RESERVED], LASTING_NUMBER)}
    assert dropped == {each.id for each in await journal.cancel(7)}
    assert one_of_each | dict.fromkeys(dropped, State.RELEASED) == await states(db)
    assert [] == await journal.cancel(7)


@pytest.mark.parametrize("transition", [begin, release, claim, settle_taken, settle_failed])
async def test_nothing_asked_changes_nothing(
    db: Database, journal: Journal, one_of_each: dict[str, State], transition: Transition
) -> None:
    """An empty list is no wildcard."""
    await transition(journal, [])
    assert one_of_each == await states(db)


async def test_many_move_at_once(db: Database, journal: Journal) -> None:
    """Thousands of ids are one statement, beyond the number of parameters that SQLite binds."""
    many = [allocation(number, key="same", resource=f"r{number}") for number in range(33_000)]
    await journal.open([], many, endpoints(*many))
    assert {each.id for each in many} == await journal.begin([each.id for each in many], {}, {})
    assert {State.TAKING} == set((await states(db)).values())
