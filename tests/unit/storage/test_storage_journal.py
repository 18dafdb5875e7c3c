"""The journal: what it stores comes back as it was, and no secret of it is on the disk."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storage_makers import NOW, allocation, endpoints, request

from bot.errors import StorageError
from bot.models.allocation import State
from bot.models.outcome import Outcome
from bot.models.proxy import Endpoint
from bot.models.request import Claim, Settlement
from bot.models.results import Failure, Reason
from bot.resilience.clock import ManualClock
from bot.storage.cipher import Cipher
from bot.storage.database import Database
from bot.storage.journal import Journal

CANARY = "canary-Xq7-secret"
SETTLED = Settlement(taken=("a",), failures=(Failure(3, Reason.GONE),), reads=1, writes=1, read_at=NOW)
LOGINS = st.text(st.characters(exclude_categories=()), max_size=12) | st.sampled_from(
    ["pass/", "p@q:5", "p:q", " p ", "'; --", "пароль"]
)


@pytest.fixture
def numbers() -> Iterator[int]:
    """Numbers that no example has used."""
    return itertools.count(1)


async def test_allocations_come_back_as_they_were(journal: Journal) -> None:
    """Every field, live ones only, oldest change first."""
    every = [
        allocation(1, State.TAKEN, release_request=4),
        allocation(2, State.RESERVED, expires_at=NOW + 1.5, user_id=2**40),
        allocation(3, State.RELEASED),
    ]
    await journal.open([], every, endpoints(*every))
    assert every[:2] == await journal.live()


async def test_changes_are_found_by_their_time(journal: Journal, clock: ManualClock) -> None:
    """Live or not: what a late write may concern."""
    one, two = allocation(1, State.TAKING), allocation(2, State.TAKING)
    await journal.open([], [one, two], endpoints(one, two))
    await clock.tick(10)
    await journal.settle(Outcome(failed=[one.id]))
    assert [one.moved_to(State.FAILED)] == await journal.changed_since(NOW + 5)
    assert [] == await journal.changed_since(NOW + 11)


async def test_what_the_sheet_showed_is_noted(journal: Journal) -> None:
    """Taken, in the row that carries it where that is another than before."""
    one, two = allocation(1, State.TAKING, row=5), allocation(2, State.TAKING, row=6)
    await journal.open([], [one, two], endpoints(one, two))
    await journal.settle(Outcome(taken=[one.id, two.id], moved={two.id: 9}))
    assert [one.moved_to(State.TAKEN), two.moved_to(State.TAKEN, 9)] == await journal.live()


async def test_a_claim_turns_a_reservation_into_a_take(journal: Journal) -> None:
    """Under the new request and name, and no longer bound to time; claims of one call stay apart."""
    mine = allocation(1, State.RESERVED, expires_at=NOW + 300)
    theirs = allocation(2, State.RESERVED, expires_at=NOW + 300, user_id=8)
    await journal.open([], [mine, theirs], endpoints(mine, theirs))
    claims = [Claim(5, 7, "@anna2", (mine.id, theirs.id)), Claim(6, 8, "@bob", (mine.id, theirs.id))]
    _, claimed = await journal.open([], [], {}, claims)
    assert [
        allocation(1, State.QUEUED, request=5, name="@anna2"),
        allocation(2, State.QUEUED, request=6, name="@bob", user_id=8),
    ] == claimed


async def test_a_release_knows_its_request(journal: Journal) -> None:
    """What is leaving waits for the request that gave it back."""
    one = allocation(1, State.TAKEN)
    await journal.open([], [one], endpoints(one))
    (leaving,) = await journal.begin_release(request(9, kind="release"), [one.id])
    assert (State.RELEASING, 9, 1) == (leaving.state, leaving.release_request, leaving.request)
    assert [request(9, kind="release")] == await journal.open_requests()


async def test_requests_come_back_as_they_were(journal: Journal) -> None:
    """By key, open or answered; the highest number is known."""
    assert 0 == await journal.last_number()
    answered = request(2, settlement=SETTLED)
    await journal.open([request(1), answered, request(3)], [], {})
    assert {"request1": request(1), "request2": answered} == await journal.find(["request1", "request2", "x"])
    assert [request(1), request(3)] == await journal.open_requests()
    assert 3 == await journal.last_number()


async def test_many_keys_are_found_at_once(journal: Journal) -> None:
    """A crowd's keys, more than one statement can bind."""
    many = [request(number) for number in range(1, 1_202)]
    await journal.open(many, [], {})
    assert {each.key: each for each in many} == await journal.find([each.key for each in many])
    assert {} == await journal.find([])


async def test_a_key_is_used_once(journal: Journal) -> None:
    """The second request under a key is refused with all that came with it."""
    await journal.open([request(1)], [], {})
    with pytest.raises(StorageError, match="UNIQUE"):
        await journal.open([request(2, key="request1")], [allocation(1)], endpoints(allocation(1)))
    assert ([], [request(1)]) == (await journal.live(), await journal.open_requests())


async def test_an_answer_is_final(journal: Journal) -> None:
    """Whoever asks again gets the first answer; a later one does not replace it."""
    await journal.open([request(1)], [], {})
    await journal.settle(Outcome(settlements={1: SETTLED}))
    await journal.settle(Outcome(settlements={1: Settlement()}))
    assert SETTLED == (await journal.find(["request1"]))["request1"].settlement
    assert [] == await journal.open_requests()


async def test_old_answers_are_forgotten_and_open_requests_never(
    journal: Journal, clock: ManualClock
) -> None:
    """By the time they were answered; their allocations stay."""
    one = allocation(1, State.TAKEN)
    await journal.open([request(1), request(2), request(3)], [one], endpoints(one))
    await journal.settle(Outcome(settlements={1: SETTLED}))
    await clock.tick(100)
    await journal.settle(Outcome(settlements={2: SETTLED}))
    assert 1 == await journal.forget_requests(NOW + 100)
    assert {"request2", "request3"} == set(await journal.find(["request1", "request2", "request3"]))
    assert [one] == await journal.live()


async def test_every_resource_ever_allocated_is_known(journal: Journal) -> None:
    """Live or not."""
    both = [allocation(1), allocation(2, State.RELEASED, resource="tinder")]
    await journal.open([], both, endpoints(*both))
    assert {"beboo", "tinder"} == await journal.resources()


@given(st.lists(st.tuples(LOGINS, LOGINS), min_size=1, max_size=20))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_credentials_are_stored_to_the_letter(
    journal: Journal, numbers: Iterator[int], logins: list[tuple[str, str]]
) -> None:
    """Whatever stands in a login comes back as the same login."""
    stored = {
        allocation(next(numbers)): Endpoint("socks5h", "2001:db8::1", 65535, user, password)
        for user, password in logins
    }
    await journal.open([], list(stored), {each.key: endpoint for each, endpoint in stored.items()})
    found = await journal.endpoints([each.id for each in stored])
    assert {each.id: (each, endpoint) for each, endpoint in stored.items()} == found


async def test_no_credential_is_on_the_disk(journal: Journal, db: Database) -> None:
    """Neither the database file nor its log holds a login, before and after it ends."""
    secret = Endpoint("http", "h.example", 1, f"user-{CANARY}", f"pass-{CANARY}")
    one = allocation(1)
    await journal.open([], [one], {one.key: secret})
    await journal.begin([one.id], {}, {})
    await journal.settle(Outcome(taken=[one.id]))
    files = [path for path in db.path.parent.iterdir() if path.name.startswith(db.path.name)]
    assert sum(path.stat().st_size for path in files)
    assert [] == [path.name for path in files if CANARY.encode() in path.read_bytes()]
    assert {one.id: (one.moved_to(State.TAKEN), secret)} == await journal.endpoints([one.id, "nobody00"])


async def test_the_salt_is_made_once_and_kept_secret(
    journal: Journal, db: Database, cipher: Cipher, clock: ManualClock
) -> None:
    """Keys of proxies stay the same over restarts; the salt is stored encrypted."""
    salt = await journal.salt()
    assert 32 == len(salt)
    assert salt == await Journal(db, cipher, clock).salt()
    assert salt not in db.path.read_bytes() + db.path.with_name(db.path.name + "-wal").read_bytes()


async def test_a_changed_secret_key_is_told(journal: Journal, db: Database, clock: ManualClock) -> None:
    """Data of another SECRET_KEY are a StorageError at the start, not garbage later."""
    await journal.salt()
    stranger = Journal(db, Cipher([Fernet.generate_key().decode()]), clock)
    with pytest.raises(StorageError, match="SECRET_KEY"):
        await stranger.salt()


async def test_an_empty_journal_answers(journal: Journal) -> None:
    """Nothing asked, nothing there."""
    assert (set(), []) == await journal.open([], [], {})
    assert set() == await journal.begin([], {}, {})
    await journal.settle(Outcome())
    assert ([], set(), {}) == (await journal.live(), await journal.resources(), await journal.endpoints([]))
