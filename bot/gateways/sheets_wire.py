"""The wire of the Sheets API v4, purely: ranges to ask for, bodies to send, answers to read."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from bot.models.sheet import Cell
from bot.models.view import RawRows

MAX_RANGES = 90
MAX_URL = 7_000
GAP = 4  # a range of its own costs more, on the wire and at both ends, than four rows that are not needed

Span = tuple[int, int]

_ITEM = re.compile(r"Invalid data\[(\d+)\]")


class MalformedAnswer(ValueError):
    """A 200 whose body is not the whole answer it should be."""


def spans(rows: Iterable[int], gap: int = 0) -> list[Span]:
    """Row numbers as runs of neighbours, first and last included; up to `gap` rows between them are bridged."""
    runs: list[Span] = []
    for row in sorted(set(rows)):
        if runs and row <= runs[-1][1] + 1 + gap:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs


def reading_spans(rows: Iterable[int], tab: str) -> list[Span]:
    """The runs to read: bridged at their smallest gaps until they fit into one URL, or their hull."""
    runs = spans(rows, GAP)
    if len(runs) > MAX_RANGES:
        gaps = sorted((after[0] - before[1] for before, after in pairwise(runs)), reverse=True)
        runs = spans(rows, gaps[MAX_RANGES - 2] - 1)
    length = sum(len(quote(row_range(tab, run), safe="")) + len("&ranges=") for run in runs)
    if runs and length > MAX_URL:
        return [(runs[0][0], runs[-1][1])]
    return runs


def row_range(tab: str, span: Span) -> str:
    """Whole rows: `'Tab'!5:9`; the answer is bounded to the grid."""
    return f"{quoted(tab)}!{span[0]}:{span[1]}"


def column_range(tab: str, column: int, first: int, last: int) -> str:
    """Part of one column (0-based): `'Tab'!E2:E20001`."""
    letter = column_letter(column)
    return f"{quoted(tab)}!{letter}{first}:{letter}{last}"


def quoted(tab: str) -> str:
    """The tab's title as it stands in a range: always quoted, apostrophes doubled."""
    return "'" + tab.replace("'", "''") + "'"


def column_letter(column: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def rows_read(answer: Any, runs: Sequence[Span], wanted: Iterable[int]) -> RawRows:
    """The answer of a batchGet for row 1 and `runs`, cut to the `wanted` rows."""
    ranges = _value_ranges(answer, len(runs) + 1)
    header = _rows(ranges[0])
    cells: dict[int, Sequence[Cell]] = dict.fromkeys(wanted, ())
    for (first, last), value_range in zip(runs, ranges[1:], strict=True):
        rows = _rows(value_range)
        for number in range(first, min(last, first + len(rows) - 1) + 1):
            if number in cells:
                cells[number] = rows[number - first]
    return RawRows(header[0] if header else [], cells)


def sheet_read(answer: Any) -> RawRows:
    """The answer of a batchGet for the whole sheet: row 1, and every row below it."""
    header, *rows = _rows(_value_ranges(answer, 1)[0]) or [[]]
    return RawRows(header, dict(enumerate(rows, start=2)))


def write_body(tab: str, cells: Mapping[int, Mapping[int, Cell]]) -> tuple[dict[str, Any], list[Span]]:
    """The body of a batchUpdate: whole rows with only the given cells filled, and row 1 with none.

    Empty values are skipped by the API, but the rows come back whole in the same call: row 1 tells whether a
    column came or went meanwhile.
    """
    runs = spans(cells, GAP)
    data: list[dict[str, Any]] = [{"range": row_range(tab, (1, 1)), "values": [[None]]}]
    data += [
        {
            "range": row_range(tab, run),
            "values": [_sparse(cells.get(row, {})) for row in range(run[0], run[1] + 1)],
        }
        for run in runs
    ]
    body = {
        "valueInputOption": "RAW",
        "includeValuesInResponse": True,
        "responseValueRenderOption": "UNFORMATTED_VALUE",
        "data": data,
    }
    return body, runs


def rows_written(answer: Any, runs: Sequence[Span], wanted: Container[int]) -> RawRows:
    """The `wanted` rows as a batchUpdate left them; the header is empty where the API did not tell it."""
    responses = answer.get("responses") if isinstance(answer, dict) else None
    if not isinstance(responses, list) or len(responses) != len(runs) + 1:
        raise MalformedAnswer("the answer of the write is not whole")
    header = _rows(responses[0].get("updatedData", {}))
    cells: dict[int, Sequence[Cell]] = {}
    for (first, last), response in zip(runs, responses[1:], strict=True):
        if "updatedData" not in response:
            raise MalformedAnswer("the answer of the write holds no values")
        rows = _rows(response["updatedData"])
        for number in range(first, last + 1):
            if number in wanted:
                cells[number] = rows[number - first] if number - first < len(rows) else []
    return RawRows(header[0] if header else [], cells)


def columns_read(answer: Any, count: int) -> tuple[list[Cell], list[list[Cell]]]:
    """Row 1 and `count` columns from a batchGet by columns."""
    ranges = _value_ranges(answer, count + 1)
    header = [column[0] if column else None for column in _rows(ranges[0])]
    return header, [(_rows(value_range) or [[]])[0] for value_range in ranges[1:]]


def refused_item(message: str) -> int | None:
    """Which item of a batch a refusal names (`Invalid data[3]: …`), None where it names none."""
    found = _ITEM.match(message)
    return int(found[1]) if found else None


def is_past_the_grid(message: str) -> bool:
    """Whether a refusal says that a range begins or ends outside the grid."""
    return "exceeds grid limits" in message


def is_protection(message: str) -> bool:
    """Whether a refusal is for a protected range; the API gives it as 400 or as 403."""
    return "protected" in message


def last_row(value_range: Mapping[str, Any]) -> int:
    """The last row of an answered range; the API bounds it to the grid."""
    return int("".join(filter(str.isdigit, value_range["range"].rpartition("!")[2].rpartition(":")[2])))


def _value_ranges(answer: Any, count: int) -> list[Any]:
    ranges = answer.get("valueRanges") if isinstance(answer, dict) else None
    if not isinstance(ranges, list) or len(ranges) != count:
        raise MalformedAnswer("the answer of the read is not whole")
    return ranges


def _rows(value_range: Any) -> list[list[Cell]]:
    if not isinstance(value_range, dict):
        raise MalformedAnswer("a range of the answer is no object")
    rows: list[list[Cell]] = value_range.get("values", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise MalformedAnswer("the values of a range are no rows")
    return rows


def _sparse(cells: Mapping[int, Cell]) -> list[Cell]:
    return [cells.get(column) for column in range(max(cells, default=-1) + 1)]
