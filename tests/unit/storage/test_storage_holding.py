"""What the journal does with what somebody holds: marked, handed over, handed out early, given back, refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from storage_makers import ENDPOINT, NOW, allocation, endpoints, request, states

from bot.errors import StorageError
from bot.models.allocation import ENDED_USE, SPENT_REASON, Allocation, State
from bot.models.audit import Act, Link
from bot.models.notice import Kind, Notice
from bot.models.outcome import Outcome
from bot.models.proxy import Endpoint
from bot.models.request import Settlement
from bot.resilience.clock import ManualClock
from bot.storage.audit import AuditStore
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.journal import Journal
from bot.storage.outbox import OutboxStore

ACT = Act(7, "@anna", "spent", "10.0.0.1:8080", "beboo of @anna", "spent")
RETURN = request(9, kind="release")


async def stored(journal: Journal, *every: Allocation) -> None:
    await journal.open([], every, endpoints(*every))


async def acts(db: Database) -> list[Act]:
    links: list[Link] = await AuditStore(db).chain(0, 100)
    return [link.act for link in links]


async def one_of_each(journal: Journal) -> list[Allocation]:
    """Of user 7 in every state."""
    every = [
        allocation(number, state, expires_at=NOW + 9 if state is State.RESERVED else None)
        for number, state in enumerate(State, start=1)
    ]
    await stored(journal, *every)
    return every


@pytest.mark.parametrize(("state", "reason"), [(State.SPENT, SPENT_REASON), (State.BAD, "dead")])
async def test_only_what_the_user_has_taken_is_marked(
    db: Database, journal: Journal, state: State, reason: str
) -> None:
    """With its reason, its act and the answer of the request in one transaction; everything else stays."""
    every = await one_of_each(journal)
    theirs = allocation(50, State.TAKEN, user_id=8)
    await stored(journal, theirs)
    ids = [each.id for each in (*every, theirs)]
    before = await states(db)
    marked = await journal.mark(request(2), ids, state, reason, [ACT])
    (taken,) = [each for each in every if each.state is State.TAKEN]
    assert [replace(taken, state=state, reason=reason)] == marked
    assert before | {taken.id: state} == await states(db)
    assert Settlement(released=(taken.id,)) == (await journal.find(["request2"]))["request2"].settlement
    assert [ACT] == await acts(db)


async def test_what_marks_nothing_is_answered_and_not_written_down(db: Database, journal: Journal) -> None:
    """The request is over: nothing was released by it."""
    assert [] == await journal.mark(request(2), ["nobody00"], State.BAD, "dead", [ACT])
    assert Settlement() == (await journal.find(["request2"]))["request2"].settlement
    assert [] == await acts(db)


async def test_handing_over(db: Database, journal: Journal) -> None:
    """What the user has taken is another's under the same id, and the request has its answer."""
    every = await one_of_each(journal)
    (taken,) = [each for each in every if each.state is State.TAKEN]
    moved = [
        await journal.hand_over(request(number), each.id, 7, "@boris", [])
        if each.user_id != 7
        else await journal.hand_over(request(number, user_id=7), each.id, 8, "@boris", [ACT])
        for number, each in enumerate(every, start=20)
    ]
    handed = replace(taken, user_id=8, name="@boris")
    assert [handed] == [one for each in moved for one in each]
    assert [handed] == [each for each in await journal.live() if each.user_id == 8]
    assert [ACT] == await acts(db)


async def test_only_the_holder_hands_over(db: Database, journal: Journal) -> None:
    """Not somebody who once held it: nothing moves, nothing is written down, the request is over."""
    one = allocation(1, State.TAKEN)
    await stored(journal, one)
    assert [] == await journal.hand_over(request(2, user_id=9), one.id, 8, "@boris", [ACT])
    assert ([one], []) == (await journal.live(), await acts(db))
    assert Settlement() == (await journal.find(["request2"]))["request2"].settlement


@pytest.mark.parametrize(
    ("since", "expected"),
    [({State.TAKEN}, {State.TAKEN}), (ENDED_USE, {State.SPENT, State.BAD})],
)
async def test_a_release_takes_what_it_was_meant_for(
    db: Database, journal: Journal, since: set[State], expected: set[State]
) -> None:
    """What is held, or what has ended its use; with its act."""
    every = await one_of_each(journal)
    leaving = await journal.begin_release(RETURN, [each.id for each in every], since=since, acts=[ACT])
    assert {each.id for each in every if each.state in expected} == {each.id for each in leaving}
    assert {State.RELEASING} == {each.state for each in leaving}
    assert [ACT] == await acts(db)


async def test_a_release_of_nothing_is_not_written_down(db: Database, journal: Journal) -> None:
    """Nothing left, nothing to tell."""
    assert [] == await journal.begin_release(RETURN, ["nobody00"], acts=[ACT])
    assert [] == await acts(db)


@pytest.mark.parametrize(
    ("reason", "state"), [(None, State.TAKEN), (SPENT_REASON, State.SPENT), ("dead", State.BAD)]
)
async def test_what_could_not_be_released_is_what_it_was(
    journal: Journal, reason: str | None, state: State
) -> None:
    """Held, spent or bad, as it says itself."""
    leaving, other = (allocation(n, State.RELEASING, reason=reason) for n in (1, 2))
    await stored(journal, leaving, other)
    await journal.settle(Outcome(kept=[leaving.id]))
    assert {leaving.id: state, other.id: State.RELEASING} == {
        each.id: each.state for each in await journal.live()
    }
    assert leaving.before_leaving == state


async def test_what_is_on_its_way_is_handed_out_early(journal: Journal) -> None:
    """Those of a request that have not failed, with what it had before; its answer says that the sheet is behind."""
    every = [
        allocation(number, state, request=3)
        for number, state in enumerate([State.QUEUED, State.TAKING, State.TAKEN, State.FAILED], start=1)
    ]
    await journal.open([request(3)], every, endpoints(*every))
    draft = Settlement(taken=("former00",), pending=True)
    answer, promised = await journal.promise(3, [each.id for each in every], draft)
    assert {each.id for each in every[:3]} == set(promised)
    assert (("former00", *promised), True) == (answer.taken, answer.pending)
    assert {each.id for each in await journal.live() if each.promised} == set(promised)
    assert answer == (await journal.find(["request3"]))["request3"].settlement


async def test_what_is_answered_is_not_handed_out_early(journal: Journal) -> None:
    """The sheet was faster: its answer stands, and nothing is marked."""
    one = allocation(1, State.TAKEN, request=3)
    await journal.open([request(3)], [one], endpoints(one))
    answered = Settlement(taken=(one.id,))
    await journal.settle(Outcome(settlements={3: answered}))
    assert (answered, []) == await journal.promise(3, [one.id], Settlement(pending=True))
    assert [one] == await journal.live()


async def test_a_request_that_is_not_known_hands_out_nothing(journal: Journal) -> None:
    """The journal has refused it: the draft comes back, nothing is promised."""
    draft = Settlement(pending=True)
    assert (draft, []) == await journal.promise(99, ["nobody00"], draft)


async def test_what_a_request_has_come_to(journal: Journal) -> None:
    """In a fixed order; what failed and what is merely kept is left out."""
    every = [allocation(number, state, request=3) for number, state in enumerate(State, start=1)]
    await stored(journal, *every, allocation(50, request=4))
    left_out = {State.FAILED, State.RESERVED}
    assert [each.id for each in every if each.state not in left_out] == await journal.of_request(3)
    assert [] == await journal.of_request(99)


async def test_a_request_is_found_by_its_number(journal: Journal) -> None:
    """Open or answered; one that does not exist is None."""
    answered = request(2, settlement=Settlement(available=3))
    await journal.open([request(1), answered], [], {})
    assert [request(1), answered, None] == [await journal.request(number) for number in (1, 2, 3)]


async def test_missing_entries_are_noted_and_forgotten(journal: Journal, clock: ManualClock) -> None:
    """Since when; those that are back are as before. It is no change of the allocation."""
    gone, back = allocation(1, State.TAKEN), allocation(2, State.TAKEN, missing_since=NOW)
    await stored(journal, gone, back)
    await clock.tick(50)
    await journal.note_missing([gone.id], [back.id], NOW + 40)
    assert [replace(gone, missing_since=NOW + 40), replace(back, missing_since=None)] == await journal.live()
    await journal.note_missing([], [gone.id], NOW + 49)
    assert gone in await journal.live()
    assert [] == await journal.changed_since(NOW + 1)


async def test_what_people_deleted_is_free(db: Database, journal: Journal, cipher: Cipher) -> None:
    """Taken, spent or bad; nothing that is under way. Acts and notices come with it, in one transaction."""
    every = await one_of_each(journal)
    notice = Notice(7, Kind.FREED, {"proxies": [], "more": 0}, "freed:1")
    freed = await journal.free([each.id for each in every], {each.id: ACT for each in every}, [notice])
    settled = {State.TAKEN, State.SPENT, State.BAD}
    assert {each.id for each in every if each.state in settled} == {each.id for each in freed}
    assert {State.RELEASED} == {each.state for each in freed}
    assert [ACT] * len(settled) == await acts(db)
    told = await OutboxStore(db, cipher).due(NOW + 1, 10)
    assert [notice] == [parcel.notice for parcel in told]


async def test_a_rotated_password(db: Database, journal: Journal, cipher: Cipher) -> None:
    """What is settled or kept goes on under the new key and login; what is under way waits for its commit."""
    every = [
        allocation(number, state, key="old", resource=f"r{number}") for number, state in enumerate(State)
    ]
    await stored(journal, *every)
    login = Endpoint("http", "10.0.0.1", 8080, "user", "changed")
    moved = await journal.rekey("old", "new", login, [ACT], [])
    at_rest = {State.RESERVED, State.TAKEN, State.SPENT, State.BAD}
    settled = [each for each in every if each.state in at_rest]
    assert sorted(each.id for each in settled) == sorted(each.id for each in moved)
    assert {"new"} == {each.key for each in moved}
    found = await journal.endpoints([each.id for each in every])
    assert {login} == {endpoint for each, endpoint in found.values() if each.key == "new"}
    assert {ENDPOINT} == {endpoint for each, endpoint in found.values() if each.key == "old"}
    assert [ACT] == await acts(db)


async def test_a_rotation_displaces_nobody(journal: Journal) -> None:
    """Somebody has the new key for the same resource already: theirs stays, and so does the former one."""
    old, new = allocation(1, State.TAKEN, key="old"), allocation(2, State.TAKEN, key="new", user_id=8)
    await stored(journal, old, new)
    assert [] == await journal.rekey("old", "new", ENDPOINT, [], [])
    assert [old, new] == await journal.live()


async def test_what_is_frozen_is_kept(db: Database, journal: Journal, cipher: Cipher) -> None:
    """Exactly the last set, over restarts, with its act; at first nothing is."""
    assert set() == await journal.frozen()
    await journal.freeze({"beboo", "ozon"}, [ACT])
    assert {"beboo", "ozon"} == await Journal(db, cipher, ManualClock(NOW)).frozen()
    await journal.freeze({"ozon"}, [])
    assert {"ozon"} == await journal.frozen()
    await journal.freeze(set(), [ACT])
    assert set() == await journal.frozen()
    assert [ACT, ACT] == await acts(db)


async def test_a_request_is_made_once(db: Database, journal: Journal) -> None:
    """A second one under the same key changes nothing, whatever it is."""
    one = allocation(1, State.TAKEN)
    await stored(journal, one)
    await journal.open([request(1)], [], {})
    again = request(2, key="request1")
    with pytest.raises(StorageError, match="UNIQUE"):
        await journal.mark(again, [one.id], State.BAD, "dead", [ACT])
    with pytest.raises(StorageError, match="UNIQUE"):
        await journal.hand_over(again, one.id, 8, "@boris", [ACT])
    with pytest.raises(StorageError, match="UNIQUE"):
        await journal.begin_release(again, [one.id], acts=[ACT])
    assert ([one], []) == (await journal.live(), await acts(db))
