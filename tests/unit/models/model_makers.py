"""Rows, views and allocations for the tests beside this file; each proxy can be told by its number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from bot.models.allocation import Allocation, State
from bot.models.pool import Inventory
from bot.models.proxy import parse_endpoint, proxy_key
from bot.models.sheet import FIELDS, Cell, Columns, SheetRow, find_columns
from bot.models.view import RawRows, Reading, View, make_view

SALT = b"the salt of these tests"
DAY = date(2026, 11, 22)
TODAY = DAY.toordinal()
NOW = 1_800_000_000.0
ALIASES = {field: (field,) for field in FIELDS}
HEADER = ("proxy", "used_for", "issued", "expires", "country", "note")
COLUMNS: Columns = find_columns(HEADER, ALIASES)
READING = Reading(ALIASES, SALT, DAY)

Cells = Sequence[Cell]


def proxy_text(proxy: int) -> str:
    """The proxy as it stands in its cell."""
    return f"10.0.0.{proxy}:8080:user{proxy}:pass{proxy}"


def key_of(proxy: int) -> str:
    """The proxy's key."""
    return proxy_key(parse_endpoint(proxy_text(proxy)), SALT)


def cells(
    proxy: int, used_for: str = "", issued: str = "", expires: Cell = 30, country: str = "NL"
) -> list[Cell]:
    """A row of the sheet under HEADER; `expires` is a number of days unless it is a date."""
    return [proxy_text(proxy), used_for, issued, expires, country, ""]


def view(rows: Mapping[int, Cells], header: Cells = HEADER) -> View:
    """Rows by number, as one call showed them."""
    return make_view(RawRows(header, rows), READING)


def row(
    number: int,
    proxy: int,
    used_for: str = "",
    issued: str = "",
    expires: Cell = 30,
    country: str = "NL",
) -> SheetRow:
    """One readable row."""
    return view({number: cells(proxy, used_for, issued, expires, country)}).rows[number]


def inventory(rows: Iterable[SheetRow], read_at: float = NOW) -> Inventory:
    """What a refresh read."""
    return Inventory(COLUMNS, read_at, list(rows))


def allocation(
    proxy: int,
    resource: str = "beboo",
    state: State = State.TAKEN,
    *,
    id: str | None = None,  # noqa: A002 - the field's name
    row: int = 2,
    expires_at: float | None = None,
    user_id: int = 7,
) -> Allocation:
    """An allocation to @anna; its id follows from the proxy and the resource unless it is given."""
    return Allocation(
        id=id or id_of(proxy, resource),
        request=1,
        key=key_of(proxy),
        resource=resource,
        user_id=user_id,
        name="@anna",
        issued_on="2026-11-22",
        state=state,
        row=row,
        expires_at=expires_at,
    )


def id_of(proxy: int, resource: str = "beboo") -> str:
    """Eight characters that differ by proxy and resource."""
    return f"{resource[:3]:x<3}{proxy:05d}"


def entry_of(proxy: int, resource: str = "beboo") -> str:
    """The text of `allocation(proxy, resource)` in the `issued` cell."""
    return f"{resource} @anna 2026-11-22 #{id_of(proxy, resource)}"
