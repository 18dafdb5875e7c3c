"""Allocations, requests and schemas for the tests beside this file."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, inspect, select

from bot.models.allocation import Allocation, State
from bot.models.proxy import Endpoint
from bot.models.request import Request
from bot.storage.database import Database
from bot.storage.tables import allocations as allocation_table

ENDPOINT = Endpoint("http", "10.0.0.1", 8080, "user", "pass")
NOW = 1_800_000_000.0


def allocation(number: int, state: State = State.QUEUED, **changes: Any) -> Allocation:
    """An allocation whose id and key follow from the number."""
    fields: dict[str, Any] = {
        "id": f"id{number:06d}",
        "request": 1,
        "key": f"key{number}",
        "resource": "beboo",
        "user_id": 7,
        "name": "@anna",
        "issued_on": "2026-11-22",
        "state": state,
        "row": number,
    }
    return Allocation(**{**fields, **changes})


def request(number: int, **changes: Any) -> Request:
    """An open request whose key follows from the number."""
    fields: dict[str, Any] = {
        "number": number,
        "key": f"request{number}",
        "kind": "take",
        "params": "hash",
        "user_id": 7,
        "resource": "beboo",
        "wanted": 1,
    }
    return Request(**{**fields, **changes})


def endpoints(*allocations: Allocation) -> dict[str, Endpoint]:
    """The same endpoint for every key."""
    return {each.key: ENDPOINT for each in allocations}


async def states(db: Database) -> dict[str, State]:
    """Every allocation's state as it is stored, by id."""
    columns = select(allocation_table.c.id, allocation_table.c.state)
    rows = await db.read(lambda connection: connection.execute(columns).all())
    return {row.id: State(row.state) for row in rows}


def schema(connection: Connection) -> dict[str, Any]:
    """Tables with their columns, keys and indexes, but Alembic's own."""
    inspector = inspect(connection)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"])
                for column in inspector.get_columns(table)
            },
            "primary key": inspector.get_pk_constraint(table)["constrained_columns"],
            "unique": [each["column_names"] for each in inspector.get_unique_constraints(table)],
            "indexes": {
                index["name"]: (
                    index["column_names"],
                    index["unique"],
                    str(index.get("dialect_options", {}).get("sqlite_where", "")),
                )
                for index in inspector.get_indexes(table)
            },
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }
