"""Who holds what, as a file for spreadsheets: CSV (RFC 4180) in UTF-8, and nothing in it is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bot.models.history import Record
from bot.views.reply import Attachment, Reply
from bot.views.states import standing
from bot.views.text import count_of

# Without it Excel reads UTF-8 as the machine's old code page.
BYTE_ORDER_MARK = "\ufeff"
HEADER = ("resource", "proxy", "row", "user id", "name", "state", "issued on", "changed at (UTC)")
_FORMULAS = tuple("=+-@\t\r\n＝＋－＠")
_BEFORE_A_FORMULA = " \"'\u00a0\ufeff\u200b"


def export(records: Sequence[Record], now: float) -> Reply:
    """The file, and how many rows it has."""
    name = f"proxies-{_moment(now)[:10]}.csv"
    text = (
        f"{count_of(len(records), 'row')}: who holds what now, and what is reserved, used up or not working."
    )
    return Reply((f"{text}\nNo logins are in it.",), file=Attachment(name, BYTE_ORDER_MARK + as_csv(records)))


def as_csv(records: Iterable[Record]) -> str:
    """A header and a line a record; lines end with CR LF, cells are quoted where they must be."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(HEADER)
    writer.writerows(map(_cells, records))
    return target.getvalue()


def harmless(text: str) -> str:
    """The text with a `'` in front where a spreadsheet could take it for a formula."""
    telling = text.lstrip(_BEFORE_A_FORMULA)
    return f"'{text}" if text.startswith(_FORMULAS) or telling.startswith(_FORMULAS) else text


def _cells(record: Record) -> tuple[str | int, ...]:
    allocation = record.allocation
    return (
        harmless(allocation.resource),
        harmless(record.address),
        allocation.row,
        allocation.user_id,
        harmless(allocation.name),
        standing(allocation),
        harmless(allocation.issued_on),
        _moment(record.changed_at),
    )


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
