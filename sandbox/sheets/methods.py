"""The API's methods: each turns a call into work on a book, refusing what is wrong whatever the book."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from multidict import MultiMapping

from sandbox.sheets import filter_wire, filters, reads, structure, values, wire
from sandbox.sheets.book import Book
from sandbox.sheets.description import describe
from sandbox.sheets.errors import invalid
from sandbox.sheets.structure_wire import structure_request

JSON = dict[str, Any]


class Call(NamedTuple):
    """What a method needs of an HTTP request."""

    path: Mapping[str, str]
    query: MultiMapping[str]
    body: bytes


class Work(NamedTuple):
    """A call that is well-formed: how many ranges it names, and what to do with the book for a user."""

    ranges: int
    run: Callable[[Book, str], JSON]


class Method(NamedTuple):
    """A method of the API; `kind` says which quota it uses, "read" or "write"."""

    name: str
    kind: str
    prepare: Callable[[Call], Work]


def _spreadsheets_get(call: Call) -> Work:
    wire.demand_parameters(call.query, {"ranges", "includeGridData", "excludeTablesInBandedRanges"})
    if call.query.get("includeGridData", "false").lower() != "false":
        raise invalid("The sandbox does not serve grid data: read values instead.")
    fields = call.query.get("fields", "*")
    return Work(0, lambda book, user: _selected(describe(book, user), fields))


def _values_get(call: Call) -> Work:
    rendering = wire.read_options(call.query)
    return Work(1, lambda book, _: reads.get(book, call.path["range"], rendering))


def _values_batch_get(call: Call) -> Work:
    rendering = wire.read_options(call.query, extra=frozenset({"ranges"}))
    ranges = call.query.getall("ranges", [])
    return Work(len(ranges), lambda book, _: reads.batch_get(book, ranges, rendering))


def _values_update(call: Call) -> Work:
    data, options = wire.update_request(call.path["range"], call.query, call.body)
    return Work(1, lambda book, user: values.update(book, data, options, user))


def _values_batch_update(call: Call) -> Work:
    request = wire.batch_update_request(call.query, call.body)
    return Work(len(request.data), lambda book, user: values.batch_update(book, request, user))


def _values_append(call: Call) -> Work:
    request = wire.append_request(call.path["range"], call.query, call.body)
    return Work(1, lambda book, user: values.append(book, request, user))


def _values_clear(call: Call) -> Work:
    wire.demand_parameters(call.query, frozenset())
    wire.demand_fields(wire.parse_body(call.body), frozenset(), "")
    return Work(1, lambda book, user: values.clear(book, call.path["range"], user))


def _values_batch_clear(call: Call) -> Work:
    ranges = wire.batch_clear_request(call.query, call.body)
    return Work(len(ranges), lambda book, user: values.batch_clear(book, ranges, user))


def _filtered_get(call: Call) -> Work:
    request = filter_wire.read_request(call.query, call.body)
    return Work(len(request.filters), lambda book, _: filters.batch_get(book, request))


def _filtered_update(call: Call) -> Work:
    request = filter_wire.update_request(call.query, call.body)
    return Work(len(request.data), lambda book, user: filters.batch_update(book, request, user))


def _filtered_clear(call: Call) -> Work:
    asked = filter_wire.clear_request(call.query, call.body)
    return Work(len(asked), lambda book, user: filters.batch_clear(book, asked, user))


def _batch_update(call: Call) -> Work:
    request = structure_request(call.query, call.body)
    return Work(len(request.changes), lambda book, user: structure.batch_update(book, request, user))


SPREADSHEETS_GET = Method("spreadsheets.get", "read", _spreadsheets_get)
VALUES_GET = Method("values.get", "read", _values_get)
VALUES_BATCH_GET = Method("values.batchGet", "read", _values_batch_get)
VALUES_UPDATE = Method("values.update", "write", _values_update)
VALUES_BATCH_UPDATE = Method("values.batchUpdate", "write", _values_batch_update)
VALUES_APPEND = Method("values.append", "write", _values_append)
VALUES_CLEAR = Method("values.clear", "write", _values_clear)
VALUES_BATCH_CLEAR = Method("values.batchClear", "write", _values_batch_clear)
FILTERED_GET = Method("values.batchGetByDataFilter", "read", _filtered_get)
FILTERED_UPDATE = Method("values.batchUpdateByDataFilter", "write", _filtered_update)
FILTERED_CLEAR = Method("values.batchClearByDataFilter", "write", _filtered_clear)
BATCH_UPDATE = Method("spreadsheets.batchUpdate", "write", _batch_update)


def _selected(answer: JSON, fields: str) -> JSON:
    """Honour a field mask at the top level; deeper selections keep the whole of it."""
    wanted = set(re.findall(r"[A-Za-z]+|\*", re.sub(r"\([^)]*\)|[./][^,]*", "", fields)))
    return answer if "*" in wanted else {name: value for name, value in answer.items() if name in wanted}
