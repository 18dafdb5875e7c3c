"""The Google Sheet as the services need it: rows by number, cells to fill, columns to refresh from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import requests
from google.auth.exceptions import GoogleAuthError, RefreshError
from gspread.exceptions import APIError

from bot.errors import OutcomeUnknown, PeerBusy, PeerError, PeerRefused, PeerUnavailable, RowsRefused
from bot.gateways import sheets_wire as wire
from bot.gateways.sheets_client import Manager, make_manager
from bot.models.sheet import Cell
from bot.models.view import RawRows
from bot.resilience.limiter import ReadWritePace
from bot.resilience.peer import PeerHealth

T = TypeVar("T")

PEER = "Google Sheets"
READ = {"valueRenderOption": "UNFORMATTED_VALUE"}
GRACE = 1.0
NOT_ACCEPTED = ("invalid_grant", "invalid_client", "unauthorized_client", "access_denied", "invalid_scope")


@dataclass(frozen=True, slots=True)
class SheetAddress:
    """Which tab of which book, and how to get there; `tab` empty = the first one; `deadline` in seconds."""

    spreadsheet: str
    tab: str
    service_account: Path
    api_url: str
    deadline: float


class GoogleSheet:
    """One tab. Raises PeerUnavailable, PeerBusy, PeerRefused, and OutcomeUnknown (from writes only).

    Callers pace their calls; a refusal for quota slows the shared pace down.
    """

    def __init__(self, address: SheetAddress, pace: ReadWritePace, health: PeerHealth) -> None:
        self._address = address
        self._pace = pace
        self._health = health
        self._commits = self._manager()
        self._refreshes = self._manager()
        self._tab_id: int | None = None
        self._title: str | None = None

    async def open(self) -> None:
        """Find the tab (one read); PeerRefused when the book or the tab is not there."""
        book = await self._read(self._refreshes, "fetch_sheet_metadata", self._address.spreadsheet)
        tabs = self._parsed(lambda: [sheet["properties"] for sheet in book["sheets"]], PeerUnavailable)
        found = next((tab for tab in tabs if self._is_ours(tab)), None)
        if found is None:
            titles = ", ".join(tab["title"] for tab in tabs)
            raise PeerRefused(PEER, 404, f"the book has no tab {self._address.tab!r}, only {titles}")
        self._tab_id, self._title = found["sheetId"], found["title"]

    async def close(self) -> None:
        """Close the connections."""
        await self._commits.close()
        await self._refreshes.close()

    async def read_rows(self, rows: Sequence[int]) -> RawRows:
        """Row 1 and the given rows, in one call."""
        title = await self._opened()
        runs = wire.reading_spans(rows, title)
        ranges = [wire.row_range(title, run) for run in [(1, 1), *runs]]
        answer = await self._read(
            self._commits, "values_batch_get", self._address.spreadsheet, ranges, dict(READ)
        )
        return self._parsed(lambda: wire.rows_read(answer, runs, rows), PeerUnavailable)

    async def write_cells(self, cells: Mapping[int, Mapping[int, Cell]]) -> RawRows:
        """Fill the given cells (row → column → value) in one call; returns those rows and row 1 as they now are."""
        body, runs = wire.write_body(await self._opened(), cells)
        try:
            answer = await self._call(
                self._commits, OutcomeUnknown, "values_batch_update", self._address.spreadsheet, body
            )
        except PeerRefused as error:
            raise _refused_write(error, runs) from error
        return self._parsed(lambda: wire.rows_written(answer, runs, cells), OutcomeUnknown)

    async def read_column(self, column: int) -> tuple[list[Cell], list[Cell]]:
        """Row 1, and one whole column below it, in one call."""
        title, letter = await self._opened(), wire.column_letter(column)
        ranges = [wire.row_range(title, (1, 1)), f"{wire.quoted(title)}!{letter}2:{letter}"]
        answer = await self._read(self._commits, *self._columns_call(ranges))

        def parse() -> tuple[list[Cell], list[Cell]]:
            header, [cells] = wire.columns_read(answer, 1)
            return header, cells

        return self._parsed(parse, PeerUnavailable)

    async def read_header(self) -> list[Cell]:
        """Row 1."""
        title = await self._opened()
        answer = await self._read(self._refreshes, *self._columns_call([wire.row_range(title, (1, 1))]))
        return self._parsed(lambda: wire.columns_read(answer, 0)[0], PeerUnavailable)

    async def read_columns(
        self, columns: Sequence[int], first: int, last: int
    ) -> tuple[list[Cell], list[list[Cell]], bool]:
        """Row 1, the given columns from row `first` to `last`, and whether the grid may go on after that."""
        title = await self._opened()
        ranges = [wire.row_range(title, (1, 1))]
        ranges += [wire.column_range(title, column, first, last) for column in columns]
        answer = await self._read(self._refreshes, *self._columns_call(ranges))

        def parse() -> tuple[list[Cell], list[list[Cell]], bool]:
            header, cells = wire.columns_read(answer, len(columns))
            return header, cells, wire.last_row(answer["valueRanges"][1]) >= last

        return self._parsed(parse, PeerUnavailable)

    async def _opened(self) -> str:
        """The tab's title, looked up again after it was renamed."""
        if self._title is None:
            await self.open()
        assert self._title is not None
        return self._title

    def _is_ours(self, tab: Mapping[str, Any]) -> bool:
        """By its id once we have seen it, else by the title in the settings, else the first."""
        if self._tab_id is not None:
            return bool(tab["sheetId"] == self._tab_id)
        return not self._address.tab or tab["title"].casefold() == self._address.tab.casefold()

    def _columns_call(self, ranges: list[str]) -> tuple[str, str, list[str], dict[str, str]]:
        return "values_batch_get", self._address.spreadsheet, ranges, {**READ, "majorDimension": "COLUMNS"}

    def _manager(self) -> Manager:
        return make_manager(self._address.service_account, self._address.api_url, self._address.deadline)

    async def _read(self, manager: Manager, method: str, *args: Any) -> Any:
        return await self._call(manager, PeerUnavailable, method, *args)

    async def _call(self, manager: Manager, lost: type[PeerError], method: str, *args: Any) -> Any:
        """One call; `lost` is what an answer that never came means for this kind of call."""
        try:
            async with asyncio.timeout(self._address.deadline + GRACE):
                answer = await manager.call(method, *args)
        except (APIError, requests.RequestException, GoogleAuthError, TimeoutError, OSError) as error:
            raise self._noticed(translate(error, lost)) from error
        self._health.succeeded()
        self._pace.recovered()
        return answer

    def _noticed(self, error: PeerError) -> PeerError:
        if isinstance(error, PeerBusy):
            self._pace.slow_down(error.retry_after)
        if isinstance(error, PeerRefused):
            self._health.succeeded()
            if "Unable to parse range" in error.message:
                self._title = None
                return PeerUnavailable(PEER, "the tab was renamed or removed")
        else:
            self._health.failed(error)
        return error

    def _parsed(self, parse: Callable[[], T], lost: type[PeerError]) -> T:
        try:
            return parse()
        except (wire.MalformedAnswer, KeyError, TypeError, AttributeError, ValueError) as error:
            raise self._noticed(lost(PEER, "the answer was not whole")) from error


def translate(error: Exception, lost: type[PeerError]) -> PeerError:
    """Google's and the network's errors in our words, without a word of what was sent."""
    if isinstance(error, APIError):
        return _translate_status(error, lost)
    if isinstance(error, RefreshError) and any(word in str(error) for word in NOT_ACCEPTED):
        return PeerRefused(PEER, 401, "the service account was not accepted")
    if isinstance(error, GoogleAuthError):
        return PeerUnavailable(PEER, "no access token could be had")
    if isinstance(error, requests.ConnectTimeout) or _never_connected(error):
        return PeerUnavailable(PEER, "no connection")
    return lost(PEER, f"no answer ({type(error).__name__})")


def _translate_status(error: APIError, lost: type[PeerError]) -> PeerError:
    status = error.response.status_code
    if status == 429:
        return PeerBusy(PEER, "quota exceeded", _seconds(error.response.headers.get("Retry-After")))
    if status >= 500:
        return lost(PEER, f"answered {status}")
    return PeerRefused(PEER, status, str(error.error.get("message", ""))[:300])


def _refused_write(error: PeerRefused, runs: Sequence[wire.Span]) -> PeerError:
    """What a refused write means: rows that are not there any more, some rows' fault, or none for anybody."""
    if wire.is_past_the_grid(error.message):
        return PeerUnavailable(PEER, "rows were deleted meanwhile")
    if error.status != 400 and not wire.is_protection(error.message):
        return error
    item = wire.refused_item(error.message)
    named = runs[item - 1 : item] if item else runs
    rows = frozenset(row for first, last in named or runs for row in range(first, last + 1))
    return RowsRefused(PEER, error.status, error.message, rows)


def _never_connected(error: Exception) -> bool:
    """urllib3 wraps a failed connect into a MaxRetryError whose reason is a NewConnectionError."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return type(reason).__name__ in {"NewConnectionError", "NameResolutionError", "ConnectTimeoutError"}


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.isascii() and header.isdigit() else None
