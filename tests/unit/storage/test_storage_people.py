"""The people table: everybody as they were stored, with the acts that made them so."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update
from storage_makers import NOW

from bot.errors import StorageError
from bot.models.audit import Act
from bot.models.person import Person, Preferences
from bot.models.role import Role
from bot.storage.database import Database
from bot.storage.people import PAGE, PeopleStore
from bot.storage.tables import audit, people

ANNA = Person(
    7,
    "@anna",
    "anna",
    Role.TRADER,
    asked_at=1.5,
    blocked_at=2.5,
    preferences=Preferences("curl", 1320, 450, frozenset({"rotated", "low stock"})),
)
ACT = Act(1, "@root", "allow", "@anna", "", "trader")


@pytest.mark.parametrize(
    "person",
    [
        ANNA,
        Person(8, "Boris the Second"),
        Person(9, "@dora", "dora", denied=True),
        *(Person(1, "x", role=r) for r in Role),
    ],
    ids=lambda person: f"{person.name} {person.role}",
)
async def test_a_person_comes_back_as_they_were(db: Database, person: Person) -> None:
    """Every role, a no, and all that one can prefer."""
    await PeopleStore(db).put([person], [], NOW)
    assert [person] == await PeopleStore(db).load()


async def test_storing_again_replaces(db: Database) -> None:
    """One row a person, whatever becomes of them; ids of more than 32 bits are whole."""
    store = PeopleStore(db)
    giant = Person(2**52 - 1, "giant")
    await store.put([ANNA, giant], [], NOW)
    await store.put([Person(7, "@anne", "anne", denied=True)], [], NOW + 1)
    assert [Person(7, "@anne", "anne", denied=True), giant] == await store.load()


async def test_people_and_acts_are_written_together_or_not_at_all(db: Database) -> None:
    """No role without its act, no act without its role."""
    store = PeopleStore(db)
    await store.put([ANNA], [ACT], NOW)
    nameless = Person(8, None)  # type: ignore[arg-type]
    with pytest.raises(StorageError):
        await store.put([nameless], [ACT], NOW)
    acts = await db.read(
        lambda connection: connection.execute(select(func.count()).select_from(audit)).scalar()
    )
    assert ([ANNA], 1) == (await store.load(), acts)


async def test_more_people_than_a_page_are_all_loaded(db: Database) -> None:
    """Nobody is forgotten because they are many, least of all somebody who is not to be let in."""
    many = [Person(number, str(number), denied=number % 2 == 0) for number in range(1, PAGE + 3)]
    await PeopleStore(db).put(many, [], NOW)
    assert many == await PeopleStore(db).load()


async def test_the_time_of_the_last_change_is_kept(db: Database) -> None:
    """In seconds since the epoch."""
    await PeopleStore(db).put([ANNA], [], NOW)
    assert NOW == await db.read(lambda connection: connection.execute(select(people.c.updated_at)).scalar())


async def test_a_row_that_cannot_be_right_stops_the_start(db: Database) -> None:
    """A role we do not know gives no rights by guessing."""
    store = PeopleStore(db)
    await store.put([ANNA], [], NOW)
    await db.write(lambda connection: connection.execute(update(people).values(role="owner")).rowcount)
    with pytest.raises(ValueError, match="owner"):
        await store.load()
