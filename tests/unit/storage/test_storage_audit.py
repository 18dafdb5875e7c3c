"""The audit table: a chain that grows in the transaction of what it tells of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Connection
from storage_makers import NOW
from test_storage_plans import scans

from bot.models.audit import START, Act, Deed, Link, link_hash
from bot.models.history import About, Subject
from bot.storage import audit
from bot.storage.audit import AuditStore
from bot.storage.database import Database

FROZE = Act(1001, "@admin", Deed.FREEZE, "beboo", "handed out", "frozen")
TOOK = Act(7, "@anna", Deed.TAKE, "beboo", after="192.0.2.7:8080")
ALLOWED = Act(1001, "@admin", Deed.ALLOW, "@anna", after="user")


async def every(db: Database) -> list[Link]:
    return await AuditStore(db).chain(0, 100)


async def test_acts_become_links_of_one_chain(db: Database) -> None:
    """Numbers without gaps, each hash over the one before it, across transactions."""
    store = AuditStore(db)
    await store.append([FROZE, TOOK], NOW)
    await store.append([ALLOWED], NOW + 0.125)

    links = await every(db)
    assert [(1, NOW, FROZE), (2, NOW, TOOK), (3, NOW + 0.125, ALLOWED)] == [
        (link.number, link.at, link.act) for link in links
    ]
    assert links[0].hash == link_hash(START, 1, NOW, FROZE)
    assert links[2].hash == link_hash(links[1].hash, 3, NOW + 0.125, ALLOWED)


async def test_a_whole_number_of_seconds_keeps_its_hash(db: Database) -> None:
    """Time is stored as a float, whatever it came as: the hash is the one of what is read again."""
    await AuditStore(db).append([FROZE], 1_800_000_000)
    [link] = await every(db)
    assert link.hash == link_hash(START, 1, link.at, link.act)


async def test_acts_written_at_once_do_not_fork_the_chain(db: Database) -> None:
    """Each transaction sees the last link of the one before it."""
    await asyncio.gather(*(AuditStore(db).append([TOOK], NOW) for _ in range(20)))
    links = await every(db)
    assert list(range(1, 21)) == [link.number for link in links]
    assert all(
        after.hash == link_hash(before.hash, after.number, after.at, after.act)
        for before, after in pairwise(links)
    )


async def test_an_act_goes_with_the_transaction_it_tells_of(db: Database) -> None:
    """What did not happen is not written down."""

    def unit(connection: Connection) -> None:
        audit.append(connection, [FROZE], NOW)
        raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        await db.write(unit)
    assert [] == await every(db)


async def test_nothing_is_written_for_no_acts(db: Database) -> None:
    """An empty list leaves the chain as it is."""
    await AuditStore(db).append([], NOW)
    assert [] == await every(db)


async def test_texts_are_cut_before_they_are_hashed(db: Database) -> None:
    """What is stored is what was hashed, however long a subject came in."""
    await AuditStore(db).append([Act(7, "n" * 100, "a" * 100, "s" * 1000)], NOW)
    [link] = await every(db)
    assert (64, 32, 160) == (len(link.act.name), len(link.act.act), len(link.act.subject))
    assert link.hash == link_hash(START, 1, NOW, link.act)


@pytest.mark.parametrize(
    ("subject", "numbers"),
    [
        (None, [7, 6, 5, 4, 3, 2, 1]),
        (Subject(About.RESOURCE, "beboo"), [7, 2, 1]),
        (Subject(About.HOST, "192.0.2.7"), [7, 6, 2]),
        (Subject(About.HOST, "192.0.2.7:8080"), [7, 2]),
        (Subject(About.HOST, "[2001:db8::1]"), [7]),
        (Subject(About.HOST, "[2001:db8::1]:80"), [7]),
        (Subject(About.HOST, "2.0.2.7:8080"), []),
        (Subject(About.PERSON, "7", "@anna"), [6, 5, 3, 2]),
        (Subject(About.PERSON, "1001"), [4, 3, 1]),
        (Subject(About.RESOURCE, "beb"), []),
        (Subject(About.RESOURCE, "nothing"), []),
    ],
)
async def test_acts_are_found_by_whom_and_what_they_are_about(
    db: Database, subject: Subject | None, numbers: list[int]
) -> None:
    """A host by any of its ports, a person by what they did and by what was done to them; each act once."""
    acts = [
        Act(1001, "@admin", Deed.FREEZE, "192.0.2.70:8080"),
        Act(8, "@boris", Deed.GIVE_BACK, "x", before="tinder of @anna"),
        Act(7, "@anna", Deed.GIVE_BACK, "192.0.2.7:9090", before="tinder of @anna"),
        Act(8, "@boris", Deed.TAKE, "beboo", after="192.0.2.7:8080, [2001:db8::1]:80"),
    ]
    await AuditStore(db).append([FROZE, TOOK, ALLOWED, *acts], NOW)

    found = await AuditStore(db).older(None, 10, subject)
    assert numbers == [link.number for link in found]


async def test_pages_go_both_ways(db: Database) -> None:
    """Newest first within a page, whichever way it was reached."""
    store = AuditStore(db)
    await store.append([TOOK] * 9, NOW)
    anna = Subject(About.PERSON, "7", "@anna")
    assert [6, 5, 4] == [link.number for link in await store.older(7, 3, anna)]
    assert [9, 8, 7] == [link.number for link in await store.newer(6, 3, anna)]
    assert [5, 4] == [link.number for link in await store.newer(3, 2, None)]


@pytest.mark.parametrize(
    "query",
    [
        lambda c: audit.append(c, [FROZE], NOW),
        lambda c: audit.chain(c, 3, 10),
        lambda c: audit.older(c, None, 10, None),
        lambda c: audit.older(c, None, 10, Subject(About.RESOURCE, "beboo")),
        lambda c: audit.newer(c, 3, 10, Subject(About.RESOURCE, "beboo")),
    ],
    ids=["append", "chain", "newest", "about", "newer about"],
)
async def test_no_link_is_found_by_walking(db: Database, query: Callable[[Connection], Any]) -> None:
    """Appending costs the same however long the chain is, and so does a page."""
    assert [] == await db.write(scans(query))
