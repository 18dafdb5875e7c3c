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
from bot.resilience.breaker import Resting
from bot.resilience.limiter import ReadWritePace
from bot.resilience.peer import PeerHealth

T = TypeVar("T")

PEER = "Google Sheets"
READ = {"valueRenderOption": "UNFORMATTED_VALUE"}
FAILURES = (PeerUnavailable, OutcomeUnknown)
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

    Callers pace the calls they know of; `open`, which others may cause, paces itself. A refusal for quota slows the
    shared pace down. Reads and writes may fail apart, so each kind has its own health, and with it its breaker;
    without one for writes they share that of the reads. While a breaker rests, its calls raise PeerUnavailable at
    once, with the seconds until it is worth a try.
    """

    def __init__(
        self, address: SheetAddress, pace: ReadWritePace, reads: PeerHealth, writes: PeerHealth | None = None
    ) -> None:
        self._address = address
        self._pace = pace
        self._reads = reads
        self._writes = writes or reads
        self._commits = self._manager()
        self._refreshes = self._manager()
        self._tab_id: int | None = None
        self._title: str | None = None

    @property
    def is_away(self) -> bool:
        """Whether reads or writes are refused for now, or only tried one by one."""
        return self._reads.is_away or self._writes.is_away

    async def open(self) -> None:
        """Find the tab (one read); PeerRefused when the book or the tab is not there."""
        await self._pace.reads.acquire()
        tabs = await self._read(
            self._refreshes,
            lambda book: [sheet["properties"] for sheet in book["sheets"]],
            "fetch_sheet_metadata",
            self._address.spreadsheet,
        )
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
        return await self._read(
            self._commits,
            lambda answer: wire.rows_read(answer, runs, rows),
            "values_batch_get",
            self._address.spreadsheet,
            ranges,
            dict(READ),
        )

    async def read_all(self) -> RawRows:
        """Row 1 and every row below it, in one call."""
        ranges = [wire.quoted(await self._opened())]
        call = "values_batch_get", self._address.spreadsheet, ranges, dict(READ)
        return await self._read(self._commits, wire.sheet_read, *call)

    async def write_cells(self, cells: Mapping[int, Mapping[int, Cell]]) -> RawRows:
        """Fill the given cells (row → column → value) in one call; returns those rows and row 1 as they now are."""
        body, runs = wire.write_body(await self._opened(), cells)
        try:
            return await self._call(
                self._commits,
                self._writes,
                OutcomeUnknown,
                lambda answer: wire.rows_written(answer, runs, cells),
                "values_batch_update",
                self._address.spreadsheet,
                body,
            )
        except PeerRefused as error:
            raise _refused_write(error, runs) from error

    async def read_column(self, column: int) -> tuple[list[Cell], list[Cell]]:
        """Row 1, and one whole column below it, in one call."""
        title, letter = await self._opened(), wire.column_letter(column)
        ranges = [wire.row_range(title, (1, 1)), f"{wire.quoted(title)}!{letter}2:{letter}"]

        def parse(answer: Any) -> tuple[list[Cell], list[Cell]]:
            header, [cells] = wire.columns_read(answer, 1)
            return header, cells

        return await self._read(self._commits, parse, *self._columns_call(ranges))

    async def read_header(self) -> list[Cell]:
        """Row 1."""
        call = self._columns_call([wire.row_range(await self._opened(), (1, 1))])
        return await self._read(self._refreshes, lambda answer: wire.columns_read(answer, 0)[0], *call)

    async def read_columns(
        self, columns: Sequence[int], first: int, last: int
    ) -> tuple[list[Cell], list[list[Cell]], bool]:
        """Row 1, the given columns from row `first` to `last`, and whether the grid may go on after that."""
        title = await self._opened()
        ranges = [wire.row_range(title, (1, 1))]
        ranges += [wire.column_range(title, column, first, last) for column in columns]

        def parse(answer: Any) -> tuple[list[Cell], list[list[Cell]], bool]:
            header, cells = wire.columns_read(answer, len(columns))
            return header, cells, wire.last_row(answer["valueRanges"][1]) >= last

        return await self._read(self._refreshes, parse, *self._columns_call(ranges))

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

    async def _read(self, manager: Manager, parse: Callable[[Any], T], method: str, *args: Any) -> T:
        return await self._call(manager, self._reads, PeerUnavailable, parse, method, *args)

    async def _call(
        self,
        manager: Manager,
        health: PeerHealth,
        lost: type[PeerError],
        parse: Callable[[Any], T],
        method: str,
        *args: Any,
    ) -> T:
        """One call and what its answer says; `lost` is what it means for this kind of call if none came."""
        try:
            with health.call(failures=FAILURES, answers=(PeerRefused,)):
                result = _parsed(parse, await self._answer(manager, lost, method, *args), lost)
        except Resting as resting:
            raise PeerUnavailable(PEER, "resting after failures", resting.retry_in) from resting
        except PeerBusy as busy:
            self._pace.slow_down(busy.retry_after)
            raise
        except PeerRefused as refused:
            if "Unable to parse range" not in refused.message:
                raise
            self._title = None
            raise PeerUnavailable(PEER, "the tab was renamed or removed") from refused
        self._pace.recovered()
        return result

    async def _answer(self, manager: Manager, lost: type[PeerError], method: str, *args: Any) -> Any:
        try:
            async with asyncio.timeout(self._address.deadline + GRACE):
                return await manager.call(method, *args)
        except (APIError, requests.RequestException, GoogleAuthError, TimeoutError, OSError) as error:
            raise translate(error, lost) from error


def _parsed(parse: Callable[[Any], T], answer: Any, lost: type[PeerError]) -> T:
    try:
        return parse(answer)
    except (wire.MalformedAnswer, KeyError, TypeError, AttributeError, ValueError) as error:
        raise lost(PEER, "the answer was not whole") from error


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
