"""Looking up what was handed out: by proxy, resource and person, whatever became of it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, insert, update
from storage_makers import NOW, allocation

from bot.models.allocation import State
from bot.models.history import About, Holder, Named, Place, Share, Subject
from bot.storage import allocations
from bot.storage.database import Database
from bot.storage.history import HistoryStore
from bot.storage.tables import allocations as table
from bot.storage.tables import people

ANNA = Subject(About.PERSON, "7")
BEBOO = Subject(About.RESOURCE, "beboo")
HOST = Subject(About.HOST, "192.0.2.7")


def one(number: int, address: str = "192.0.2.7:8080", **changes: Any) -> Any:
    """An allocation of that proxy; its request has the same number."""
    return allocation(number, **{"key": f"{address}:user:mac{number}", "request": number, **changes})


async def store(db: Database, *given: Any) -> HistoryStore:
    """A history that holds these allocations."""
    tokens = {each.key: b"SECRET" for each in given}
    await db.write(lambda connection: allocations.add(connection, given, tokens, NOW))
    return HistoryStore(db)


async def test_a_record_tells_everything_but_the_login(db: Database) -> None:
    """Proxy, resource, person, state, row and times; no credential leaves the table."""
    history = await store(db, one(3, state=State.TAKEN))
    [record] = await history.records(BEBOO, None, 5)
    assert ("192.0.2.7:8080", "beboo", "@anna", State.TAKEN, 3, NOW) == (
        record.address,
        record.allocation.resource,
        record.allocation.name,
        record.allocation.state,
        record.allocation.row,
        record.changed_at,
    )
    assert "SECRET" not in repr(record)


@pytest.mark.parametrize(
    ("subject", "ids"),
    [
        (BEBOO, ["id000004", "id000003", "id000001"]),
        (ANNA, ["id000003", "id000002", "id000001"]),
        (HOST, ["id000003", "id000002", "id000001"]),
        (Subject(About.HOST, "192.0.2.7:8080"), ["id000002", "id000001"]),
        (Subject(About.HOST, "192.0.2.70"), ["id000004"]),
        (Subject(About.HOST, "192.0.2"), []),
    ],
)
async def test_records_are_found_by_what_is_asked(db: Database, subject: Subject, ids: list[str]) -> None:
    """A host is not the beginning of another; newest first; ended ones too."""
    history = await store(
        db,
        one(1, state=State.RELEASED),
        one(2, resource="avito", state=State.FAILED),
        one(3, "192.0.2.7:9090"),
        one(4, "192.0.2.70:8080", user_id=8),
    )
    assert ids == [record.allocation.id for record in await history.records(subject, None, 10)]


async def test_an_ipv6_host_is_found_in_its_brackets(db: Database) -> None:
    """Its colons are not the end of the host."""
    history = await store(db, one(1, "[2001:db8::1]:8080"), one(2, "[2001:db8::1:2]:8080"))
    for word in ("[2001:db8::1]", "[2001:db8::1]:8080"):
        [record] = await history.records(Subject(About.HOST, word), None, 10)
        assert "[2001:db8::1]:8080" == record.address


async def test_pages_follow_each_other_without_gap(db: Database) -> None:
    """Also inside one request that took many."""
    history = await store(db, *(one(number, f"192.0.2.{number}:80", request=1) for number in range(1, 8)))
    first = await history.records(BEBOO, None, 4)
    last = first[-1].allocation
    rest = await history.records(BEBOO, Place(last.request, last.id), 4)
    ids = [record.allocation.id for record in [*first, *rest]]
    assert sorted((f"id{number:06d}" for number in range(1, 8)), reverse=True) == ids


async def test_shares_count_what_is_live(db: Database) -> None:
    """By person and state, most first."""
    history = await store(
        db,
        one(1, state=State.TAKEN),
        one(2, state=State.TAKEN),
        one(3, state=State.BAD, user_id=8, name="@boris"),
        one(4, state=State.RELEASED),
    )
    assert [Share(7, "@anna", State.TAKEN, 2), Share(8, "@boris", State.BAD, 1)] == await history.shares(
        BEBOO
    )


async def test_the_export_holds_what_is_out(db: Database) -> None:
    """Live ones only, by resource; the test of its content stands with the view."""
    history = await store(db, one(1, resource="zeta"), one(2, state=State.EXPIRED), one(3, resource="alfa"))
    assert ["alfa", "zeta"] == [record.allocation.resource for record in await history.live()]


async def test_those_who_hold_most_come_first(db: Database) -> None:
    """Reserved, spent and bad ones are not held."""
    history = await store(
        db,
        one(1),
        one(2, user_id=8, name="@boris"),
        one(3, user_id=8, name="@boris", state=State.TAKEN),
        one(4, user_id=7, state=State.BAD),
        one(5, user_id=9, name="@clara", state=State.RESERVED, expires_at=NOW + 60),
    )
    assert [Holder(8, "@boris", 2), Holder(7, "@anna", 1)] == await history.holders(5)
    assert [Holder(8, "@boris", 2)] == await history.holders(1)


@pytest.mark.parametrize("word", ["@Anna", "@anna", "7", "anna"])
async def test_people_are_found_by_name_and_id(db: Database, word: str) -> None:
    """Without regard to case."""
    row = {"user_id": 7, "name": "@anna", "username": "anna", "preferences": "{}", "updated_at": NOW}
    await db.write(lambda connection: connection.execute(insert(people).values(row)))
    assert [Named(7, "@anna")] == await HistoryStore(db).called(word)


async def test_who_is_on_no_list_any_more_is_found_by_what_they_held(db: Database) -> None:
    """The journal remembers names."""
    history = await store(db, one(1, state=State.RELEASED), one(2, user_id=8, name="Анна К"))
    assert [Named(7, "@anna")] == await history.called("@ANNA")
    assert [Named(7, "@anna")] == await history.called("7")
    assert [Named(8, "Анна К")] == await history.called("Анна К")
    assert [] == await history.called("@nobody")


async def test_two_of_one_name_are_both_told(db: Database) -> None:
    """A user name may have changed hands."""
    history = await store(db, one(1), one(2, user_id=8))
    assert [Named(7, "@anna"), Named(8, "@anna")] == await history.called("@anna")


async def test_what_became_of_it_is_told(db: Database) -> None:
    """Why it is bad, and since when its entry is missing."""
    history = await store(db, one(1, state=State.TAKEN))

    def unit(connection: Connection) -> None:
        values = {"state": "bad", "reason": "dead", "missing_since": NOW - 5, "promised": True}
        connection.execute(update(table).values(**values))

    await db.write(unit)
    [record] = await history.records(BEBOO, None, 5)
    told = record.allocation
    assert (State.BAD, "dead", NOW - 5, True) == (
        told.state,
        told.reason,
        told.missing_since,
        told.promised,
    )
