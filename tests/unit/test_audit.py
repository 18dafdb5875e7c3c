"""The audit: acts are kept for good, and whoever changes one is found out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from new_schema import upgrade
from sqlalchemy import Connection, delete, update

from bot.models.audit import Act, Deed, link_hash
from bot.models.history import About, Subject
from bot.resilience.clock import ManualClock
from bot.services.audit import Audit, ChainCheck
from bot.storage.audit import AuditStore
from bot.storage.database import Database
from bot.storage.tables import audit as table

ANNA = Subject(About.PERSON, "7", "@anna")


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    db = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    await db.start()
    await db.migrate(upgrade)
    yield db
    await db.close()


@pytest.fixture
def audit(db: Database) -> Audit:
    return Audit(AuditStore(db), ManualClock())


def act(number: int) -> Act:
    return Act(7, "@anna", Deed.TAKE, "beboo", after=f"192.0.2.{number}:8080")


async def written(audit: Audit, count: int) -> None:
    for number in range(1, count + 1):
        await audit.note(act(number))


async def test_an_act_is_noted_with_its_time(audit: Audit) -> None:
    """Who, what, to what, from what to what, and when."""
    await audit.note(act(1))
    [link] = (await audit.page()).links
    assert (1, 1_800_000_000.0, act(1)) == (link.number, link.at, link.act)


async def test_an_empty_chain_is_whole(audit: Audit) -> None:
    """Nothing to check, nothing broken."""
    assert ChainCheck(0) == await audit.verify()
    page = await audit.page()
    assert ((), False, False) == (page.links, page.older, page.newer)


async def test_a_long_chain_is_checked_to_its_end(db: Database, audit: Audit) -> None:
    """However many pages it takes."""
    store = AuditStore(db)
    await store.append([act(number % 200) for number in range(1204)], 1_800_000_000.0)
    assert ChainCheck(1204) == await audit.verify()


def change(which: int, **values: Any) -> Callable[[Connection], Any]:
    return lambda connection: connection.execute(
        update(table).where(table.c.number == which).values(**values)
    )


def drop(*numbers: int) -> Callable[[Connection], Any]:
    return lambda connection: connection.execute(delete(table).where(table.c.number.in_(numbers)))


def forge(connection: Connection) -> None:
    """Change the last link and hash it anew."""
    other = Act(8, "@boris", Deed.TAKE, "beboo", after="192.0.2.1:8080")
    before = connection.execute(table.select().where(table.c.number == 4)).one()
    values = {"actor": 8, "name": "@boris", "subject": "192.0.2.1:8080", "after": ""}
    made = link_hash(before.hash, 5, before.at, other)
    connection.execute(update(table).where(table.c.number == 5).values(**values, hash=made))


@pytest.mark.parametrize(
    ("tamper", "broken"),
    [
        (change(3, after="tinder"), 3),
        (change(1, actor=8), 1),
        (change(2, at=1.0), 2),
        (change(5, name="@boris"), 5),
        (change(4, hash="0" * 64), 4),
        (drop(1), 1),
        (drop(3), 3),
        (drop(2, 3, 4), 2),
        (change(5, number=6), 5),
    ],
)
async def test_the_first_link_that_was_touched_is_named(
    db: Database, audit: Audit, tamper: Callable[[Connection], Any], broken: int
) -> None:
    """Any field, any place, taken out or renumbered."""
    await written(audit, 5)
    await db.write(tamper)
    assert ChainCheck(broken - 1, broken) == await audit.verify()


@pytest.mark.parametrize("tamper", [drop(5), forge])
async def test_what_was_checked_once_must_still_be_there(
    db: Database, audit: Audit, tamper: Callable[[Connection], Any]
) -> None:
    """An end that was cut off, or written anew with right hashes, shows as long as this process remembers."""
    await written(audit, 5)
    assert ChainCheck(5) == await audit.verify()
    await db.write(tamper)
    assert ChainCheck(4, 5) == await audit.verify()
    assert ChainCheck(4, 5) == await audit.verify()


async def test_the_chain_may_grow_between_two_checks(audit: Audit) -> None:
    """Growing is what it is for."""
    await written(audit, 2)
    await audit.verify()
    await written(audit, 2)
    assert ChainCheck(4) == await audit.verify()


async def test_one_can_leaf_to_the_end_and_back(audit: Audit) -> None:
    """Pages follow each other without gap, and the newest is reached again."""
    await written(audit, 7)
    first = await audit.page(limit=3)
    second = await audit.page(first.links[-1].number, 3)
    third = await audit.page(second.links[-1].number, 3)
    assert [[7, 6, 5], [4, 3, 2], [1]] == [
        [link.number for link in page.links] for page in (first, second, third)
    ]
    assert [(True, False), (True, True), (False, True)] == [
        (page.older, page.newer) for page in (first, second, third)
    ]
    back = await audit.page_after(third.links[0].number, 3)
    newest = await audit.page_after(back.links[0].number, 3)
    assert ([4, 3, 2], True, True) == ([link.number for link in back.links], back.older, back.newer)
    assert (first.links, False) == (newest.links, newest.newer)


async def test_a_page_can_be_about_one_person(audit: Audit) -> None:
    """What they did and what was done to them."""
    await written(audit, 1)
    await audit.note(Act(1, "@admin", Deed.FREEZE, "beboo"))
    await audit.note(Act(1, "@admin", Deed.ALLOW, "@anna"))
    page = await audit.page(subject=ANNA)
    assert [3, 1] == [link.number for link in page.links]
