"""Checks the sheet from end to end, and mends what the bot may mend by itself: its own column."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.errors import OutcomeUnknown
from bot.models.checkup import (
    OURS,
    Layout,
    Mended,
    Mending,
    SheetCheckup,
    Tab,
    check_rows,
    find_layout,
    is_guarded,
)
from bot.models.sheet import Cell
from bot.resilience.slots import resting


class SheetSurgeon(Protocol):
    """The sheet's shape: to look at, and to change. Raises PeerError."""

    async def survey(self) -> Tab:
        """The tab, its protected ranges, and whether it may be written; nothing is."""

    async def read_columns(self, tab: Tab, columns: Sequence[int]) -> tuple[list[Cell], list[list[Cell]]]:
        """Row 1, and the given columns below it."""

    async def add_column(self, tab: Tab, header: str) -> int:
        """Put the header behind the last used column, growing the grid if needed; returns the column (0-based)."""

    async def warn_before_edits(self, tab: Tab, column: int, description: str) -> None:
        """Have Google warn whoever edits the column, and let them."""


class Doctor:
    """`aliases`: the header names of each field; `address`: whom the sheet is to be shared with."""

    def __init__(self, sheet: SheetSurgeon, aliases: Mapping[str, Sequence[str]], address: str) -> None:
        self._sheet = sheet
        self._aliases = aliases
        self.address = address
        self._mending = asyncio.Lock()

    async def check(self) -> SheetCheckup:
        """Look at everything and change nothing. Raises PeerError where the sheet cannot be looked at."""
        async with resting():
            tab, layout = await self._look()
            if "proxy" not in layout.places:
                return SheetCheckup(tab, layout, None)
            header, [cells] = await self._sheet.read_columns(tab, [layout.places["proxy"]])
            if find_layout(header, self._aliases) != layout:
                return await self.check()  # somebody has moved a column between the two reads
            return SheetCheckup(tab, layout, await asyncio.to_thread(check_rows, cells))

    async def add_issued(self) -> Mended:
        """Add the bot's own column, unless there is one. Raises PeerError; nothing was changed then."""
        async with resting(), self._mending:
            tab, layout = await self._look()
            if not layout.shared:
                return Mended(Mending.HAD_ONE, layout.places["issued"])
            try:
                return Mended(Mending.ADDED, await self._sheet.add_column(tab, self._aliases["issued"][0]))
            except OutcomeUnknown:
                return Mended(Mending.UNCONFIRMED)

    async def protect_issued(self) -> Mended:
        """Have people warned before they edit the bot's own column, once. Raises PeerError, as above."""
        async with resting(), self._mending:
            tab, layout = await self._look()
            column = layout.places.get("issued")
            if column is None:
                return Mended(Mending.NO_COLUMN)
            if is_guarded(tab, layout):
                return Mended(Mending.WAS_PROTECTED, column)
            try:
                await self._sheet.warn_before_edits(tab, column, OURS)
            except OutcomeUnknown:
                return Mended(Mending.UNCONFIRMED)
            return Mended(Mending.PROTECTED, column)

    async def _look(self) -> tuple[Tab, Layout]:
        tab = await self._sheet.survey()
        header, _ = await self._sheet.read_columns(tab, [])
        return tab, find_layout(header, self._aliases)
