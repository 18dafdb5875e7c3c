"""The sheet's shape at Google: tabs, grid and protected ranges, to look at and to change."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from google.auth.exceptions import GoogleAuthError
from gspread.exceptions import APIError

from bot.errors import OutcomeUnknown, PeerBusy, PeerError, PeerRefused, PeerUnavailable
from bot.gateways import sheets_wire as wire
from bot.gateways.google_sheet import GRACE, PEER, READ, SheetAddress, translate
from bot.gateways.sheets_client import make_manager
from bot.models.checkup import Area, Guard, Tab
from bot.models.sheet import Cell
from bot.resilience.limiter import ReadWritePace

T = TypeVar("T")

SHAPE = {"fields": "properties.title,sheets(properties,protectedRanges)"}
UNAUTHENTICATED = 401
FORBIDDEN = 403


def account_address(key_file: Path) -> str:
    """Whom to share the sheet with: the service account's address, out of its key file."""
    return str(json.loads(key_file.read_text(encoding="utf-8"))["client_email"])


class SheetDoctor:
    """One tab of one book, by way of its own connection. Paces its calls itself.

    Raises PeerUnavailable, PeerBusy and PeerRefused, and OutcomeUnknown from what changes the sheet.
    """

    def __init__(self, address: SheetAddress, pace: ReadWritePace) -> None:
        self._address = address
        self._pace = pace
        self._manager = make_manager(address.service_account, address.api_url, address.deadline)

    async def close(self) -> None:
        """Close the connection."""
        await self._manager.close()

    async def survey(self) -> Tab:
        """The tab and its protected ranges (a read), and whether the bot may write (counts as a write)."""
        book = await self._read(dict, "fetch_sheet_metadata", SHAPE)
        writable = await self._may_write()
        return _parsed(lambda: read_tab(book, self._address.tab, writable=writable), PeerUnavailable)

    async def read_columns(self, tab: Tab, columns: Sequence[int]) -> tuple[list[Cell], list[list[Cell]]]:
        """Row 1, and the given columns (0-based) below it; one read."""
        letters = map(wire.column_letter, columns)
        ranges = [wire.row_range(tab.title, (1, 1))]
        ranges += [f"{wire.quoted(tab.title)}!{letter}2:{letter}" for letter in letters]
        return await self._read(
            lambda answer: wire.columns_read(answer, len(columns)),
            "values_batch_get",
            ranges,
            {**READ, "majorDimension": "COLUMNS"},
        )

    async def add_column(self, tab: Tab, header: str) -> int:
        """Put the header behind the last used column; a read of the whole tab, and one write for all or nothing."""
        column = await self._read(
            lambda answer: len(answer.get("values", [])),
            "values_get",
            wire.quoted(tab.title),
            {"valueRenderOption": "FORMULA", "majorDimension": "COLUMNS"},
        )
        await self._change(*header_requests(tab, column, header))
        return column

    async def warn_before_edits(self, tab: Tab, column: int, description: str) -> None:
        """Protect the column by a warning: people free proxies by deleting entries, so they must be able to."""
        await self._change(warning_request(tab, column, description))

    async def _may_write(self) -> bool:
        """Ask for a change that changes nothing: whoever may only read is refused for that."""
        try:
            await self._change()
        except PeerRefused as error:
            return error.status != FORBIDDEN
        except OutcomeUnknown as error:
            raise PeerUnavailable(PEER, error.detail) from error
        return True

    async def _read(self, parse: Callable[[Any], T], method: str, *args: Any) -> T:
        await self._pace.reads.acquire()
        answer = await self._call(PeerUnavailable, method, *args)
        return _parsed(lambda: parse(answer), PeerUnavailable)

    async def _change(self, *changes: Mapping[str, Any]) -> None:
        await self._pace.writes.acquire()
        await self._call(OutcomeUnknown, "batch_update", {"requests": changes})

    async def _call(self, lost: type[PeerError], method: str, *args: Any) -> Any:
        try:
            async with asyncio.timeout(self._address.deadline + GRACE):
                answer = await self._manager.call(method, self._address.spreadsheet, *args)
        except (APIError, TimeoutError, OSError) as error:
            raise self._noticed(translate(error, lost)) from error
        except ValueError as error:
            raise PeerRefused(PEER, UNAUTHENTICATED, "the private key cannot be read") from error
        except GoogleAuthError as error:
            raise translate(error, lost) from error
        self._pace.recovered()
        return answer

    def _noticed(self, error: PeerError) -> PeerError:
        if isinstance(error, PeerBusy):
            self._pace.slow_down(error.retry_after)
        return error


def read_tab(book: Mapping[str, Any], title: str, *, writable: bool) -> Tab:
    """The tab of that title in any case, or the first; raises PeerRefused where it is not there."""
    for sheet in book["sheets"]:
        properties = sheet["properties"]
        if not title or properties["title"].casefold() == title.casefold():
            grid = properties["gridProperties"]
            return Tab(
                book=book["properties"]["title"],
                id=properties["sheetId"],
                title=properties["title"],
                rows=grid["rowCount"],
                columns=grid["columnCount"],
                guards=tuple(_guard(each) for each in sheet.get("protectedRanges", ())),
                writable=writable,
            )
    titles = ", ".join(sheet["properties"]["title"] for sheet in book["sheets"])
    raise PeerRefused(PEER, 404, f"the book has no tab {title!r}, only {titles}")


def header_requests(tab: Tab, column: int, header: str) -> list[dict[str, Any]]:
    """The changes that write a header into row 1 of a column which may lie just past the grid."""
    grow = {"appendDimension": {"sheetId": tab.id, "dimension": "COLUMNS", "length": 1}}
    write = {
        "updateCells": {
            "start": {"sheetId": tab.id, "rowIndex": 0, "columnIndex": column},
            "rows": [{"values": [{"userEnteredValue": {"stringValue": header}}]}],
            "fields": "userEnteredValue",
        }
    }
    return [grow, write] if column >= tab.columns else [write]


def warning_request(tab: Tab, column: int, description: str) -> dict[str, Any]:
    """The change that has Google warn before edits of a whole column."""
    place = {"sheetId": tab.id, "startColumnIndex": column, "endColumnIndex": column + 1}
    protected = {"range": place, "description": description, "warningOnly": True}
    return {"addProtectedRange": {"protectedRange": protected}}


def _guard(source: Mapping[str, Any]) -> Guard:
    """A ProtectedRange; fields at their default are left out of Google's answers."""
    return Guard(
        area=_area(source.get("range", {})),
        description=source.get("description", ""),
        warning_only=source.get("warningOnly", False),
        can_edit=source.get("requestingUserCanEdit", False),
        spared=tuple(_area(each) for each in source.get("unprotectedRanges", ())),
    )


def _area(source: Mapping[str, Any]) -> Area:
    return Area(
        top=source.get("startRowIndex", 0),
        left=source.get("startColumnIndex", 0),
        bottom=source.get("endRowIndex"),
        right=source.get("endColumnIndex"),
    )


def _parsed(parse: Callable[[], T], lost: type[PeerError]) -> T:
    try:
        return parse()
    except (wire.MalformedAnswer, KeyError, TypeError, AttributeError, ValueError) as error:
        raise lost(PEER, "the answer was not whole") from error
