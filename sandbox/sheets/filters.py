"""Reading and changing values by data filters: which ranges a filter matches, and what becomes of them."""

from collections.abc import Iterator, Sequence
from typing import Any

from sandbox.sheets.a1 import Bounds, Box
from sandbox.sheets.book import Book
from sandbox.sheets.errors import ApiError, invalid
from sandbox.sheets.filter_wire import DataFilter, FilteredRead, FilteredUpdate, FilteredValues
from sandbox.sheets.reads import existing, value_range
from sandbox.sheets.sheet import Sheet
from sandbox.sheets.values import clear_all
from sandbox.sheets.wire import UpdateOptions
from sandbox.sheets.writes import Write, carry_out, demand_open, entered, response, targeted, totals

JSON = dict[str, Any]
Place = tuple[Sheet, Bounds]


def batch_get(book: Book, request: FilteredRead) -> JSON:
    """values:batchGetByDataFilter: by position in the book; equal ranges share one entry."""
    found: dict[tuple[int, Bounds], list[JSON]] = {}
    for asked, (sheet, bounds) in _places(book, request.filters):
        found.setdefault((book.sheets.index(sheet), bounds), []).append(asked.source)
    answers = [
        {
            "valueRange": value_range(book, book.sheets[index], bounds, request.rendering),
            "dataFilters": sources,
        }
        for (index, bounds), sources in sorted(found.items(), key=lambda item: item[0])
    ]
    return {"spreadsheetId": book.id} | ({"valueRanges": answers} if answers else {})


def batch_clear(book: Book, filters: Sequence[DataFilter], user: str) -> JSON:
    """values:batchClearByDataFilter: every range that matches, or none if one is closed to the user."""
    places = [place for _, place in _places(book, filters)]
    cleared = clear_all(book, places, user)
    return {"spreadsheetId": book.id} | ({"clearedRanges": cleared} if cleared else {})


def batch_update(book: Book, request: FilteredUpdate, user: str) -> JSON:
    """values:batchUpdateByDataFilter: all ranges that a filter matches get its values."""
    options = request.options
    writes = [
        (part, write)
        for index, part in enumerate(request.data)
        for write in _writes(book, part, options, user, index)
    ]
    done = [(part, write, carry_out(write)) for part, write in writes]
    book.revision += 1
    responses = []
    for part, write, written in done:
        answer = response(book, write, written, options, by_columns=part.data.by_columns)
        del answer["spreadsheetId"]
        responses.append(answer | {"dataFilter": part.filter.source})
    counts = {"spreadsheetId": book.id} | totals([(write, written) for _, write, written in done])
    return counts | ({"responses": responses} if responses else {})


def _writes(book: Book, part: FilteredValues, options: UpdateOptions, user: str, index: int) -> list[Write]:
    try:
        rows = entered(book, part.data, options)
        writes = [targeted(sheet, box, rows) for sheet, box in matches(book, part.filter)]
        for write in writes:
            demand_open(write, user)
    except ApiError as error:
        raise error.within(f"data[{index}]") from error
    return writes


def _places(book: Book, filters: Sequence[DataFilter]) -> Iterator[tuple[DataFilter, Place]]:
    for index, asked in enumerate(filters):
        try:
            for sheet, box in matches(book, asked):
                yield asked, existing(sheet, box)
        except ApiError as error:
            raise error.within(f"dataFilter[{index}]") from error


def matches(book: Book, asked: DataFilter) -> list[tuple[Sheet, Box]]:
    """The ranges that a filter matches. ApiError if it names nothing."""
    if asked.a1_range is not None:
        return [book.resolve(asked.a1_range)]
    if asked.lookup is not None:
        fits = asked.lookup.fits
        return [(sheet, note.box) for sheet in book.sheets for note in sheet.grid.metadata if fits(note)]
    if asked.grid_range is None:
        raise invalid("Must specify a filter.")
    sheet_id, box = asked.grid_range
    sheet = next((sheet for sheet in book.sheets if sheet.id == sheet_id), None)
    if sheet is None:
        raise invalid(f"No grid with id: {sheet_id}")
    return [(sheet, box)]
