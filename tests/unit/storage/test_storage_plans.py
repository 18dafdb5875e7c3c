"""What runs for every request is found by an index, however large the tables have become (a start may walk)."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from storage_makers import NOW, allocation, request

from bot.models.allocation import State
from bot.models.request import Settlement
from bot.storage import accounts, alerts, allocations, past_prices, price_history, requests
from bot.storage.database import Database

# A walk along the primary key is one over the whole table as well; a list of parameters is a virtual table, and what
# was found before is a subquery.
OWN_INDEX = re.compile(r"VIRTUAL TABLE|INDEX [iu]x_|SCAN (?:\(subquery|anon_)")

Query = Callable[[Connection], Any]

HOT: dict[str, Query] = {
    "reserve or queue": lambda c: allocations.add(c, [allocation(1)], {"key1": b"x"}, NOW),
    "which got in": lambda c: allocations.present(c, ["a", "b"]),
    "begin": lambda c: allocations.begin(c, ["a", "b"], NOW),
    "take": lambda c: allocations.take(c, ["a"], {"a": 5}, NOW),
    "fail": lambda c: allocations.move(c, ["a"], State.FAILED, since={State.QUEUED, State.TAKING}, now=NOW),
    "release": lambda c: allocations.move(
        c, ["a"], State.RELEASING, since={State.TAKEN}, now=NOW, user_id=7, release_request=2
    ),
    "claim": lambda c: allocations.move(
        c, ["a"], State.QUEUED, since={State.RESERVED}, now=NOW, user_id=7, unlapsed=True
    ),
    "expire": lambda c: allocations.expire(c, NOW),
    "cancel": lambda c: allocations.cancel(c, 7, NOW),
    "cancel but turns": lambda c: allocations.cancel(c, 7, NOW, turns=False, sparing="a"),
    "cancel one": lambda c: allocations.cancel(c, 7, NOW, request=3),
    "extend": lambda c: allocations.extend(c, 3, 7, NOW + 300, NOW),
    "mark": lambda c: allocations.move(
        c, ["a"], State.BAD, since={State.TAKEN}, now=NOW, user_id=7, reason="dead"
    ),
    "hand over": lambda c: allocations.hand_over(c, "a", 7, 8, "@boris", NOW),
    "promise": lambda c: allocations.promise(c, ["a", "b"], NOW),
    "keep": lambda c: allocations.keep(c, ["a"], NOW),
    "replace": lambda c: allocations.replace(c, ["a"]),
    "note missing": lambda c: allocations.note_missing(c, ["a"], NOW),
    "rekey": lambda c: allocations.rekey(c, "key1", "key2", b"x", NOW),
    "credentials": lambda c: allocations.with_credentials(c, ["a"]),
    "find by key": lambda c: requests.by_keys(c, ["a", "b"]),
    "find by number": lambda c: requests.by_number(c, 3),
    "resettle": lambda c: requests.resettle(c, 3, Settlement(extended=True)),
    "open": lambda c: requests.add(c, [request(1)], NOW),
    "settle": lambda c: requests.settle(c, {1: Settlement()}, NOW),
    "last number": requests.last_number,
    "open requests": requests.open_requests,
    "forget": lambda c: requests.forget(c, NOW),
    "accounts of": lambda c: accounts.open_accounts(c, 7),
    "paper account": lambda c: accounts.open_paper(c, 7, NOW),
    "orders in doubt": lambda c: accounts.in_doubt(c, 3),
    "note a price": lambda c: price_history.note(c, {"XAU": Decimal("4392.5")}, NOW),
    "past prices": lambda c: price_history.points(c, "XAU", NOW - 86_400, 3600),
    "draw prices together": lambda c: price_history.thin(c, 60, 3600, 1_900_000_800),
    "watched series": alerts.watched,
    "alerts within reach": lambda c: alerts.within_reach(c, {"BTC": Decimal(1)}, NOW),
    "alerts of": lambda c: c.execute(alerts.active_of(7)).all(),
    "count of alerts": lambda c: alerts.count_of(c, 7),
    "alert of a request": lambda c: alerts.with_key(c, "a"),
    "an alert": lambda c: alerts.with_id(c, 3),
    "prices of then": lambda c: past_prices.nearest(c, {("BTC", 3600)}, NOW),
}


def scans(query: Query) -> Query:
    """The steps of the query's plans that walk over a whole table."""

    def explain(connection: Connection) -> list[str]:
        asked: list[tuple[str, Any]] = []

        def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
            asked.append((statement, parameters[0] if many else parameters))

        event.listen(connection, "before_cursor_execute", note)
        query(connection)
        event.remove(connection, "before_cursor_execute", note)
        assert asked
        # The plan is made before values are bound: a partial index is found by what the statement itself says.
        plans = [
            connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {each}", values).all() for each, values in asked
        ]
        steps = [step.detail for plan in plans for step in plan]
        return [step for step in steps if step.startswith("SCAN") and not OWN_INDEX.search(step)]

    return explain


@pytest.mark.parametrize("query", HOT.values(), ids=HOT)
async def test_a_hot_query_walks_over_no_table(db: Database, query: Query) -> None:
    """Every step of its plan is a search, or a walk along an index that holds just what is asked for."""
    assert [] == await db.write(scans(query))


async def test_a_walk_over_a_table_would_be_noticed(db: Database) -> None:
    """The check itself can fail."""
    everything = scans(lambda c: c.execute(text("SELECT * FROM requests WHERE wanted = 3")).all())
    assert ["SCAN requests"] == await db.write(everything)
    in_order = scans(lambda c: allocations.of_request(c, 3))
    assert 1 == len(await db.write(in_order))
