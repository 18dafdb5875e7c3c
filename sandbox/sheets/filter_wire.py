"""The …ByDataFilter requests, checked as Google's JSON layer checks them. Pure, and knows no spreadsheet."""

from typing import Any, NamedTuple

from sandbox.sheets import wire
from sandbox.sheets.a1 import Box
from sandbox.sheets.errors import invalid
from sandbox.sheets.message import Message
from sandbox.sheets.metadata import Lookup
from sandbox.sheets.metadata_wire import read_lookup
from sandbox.sheets.rendering import Rendering

JSON = dict[str, Any]

DATA_FIELDS = frozenset({"dataFilter", "majorDimension", "values"})


class DataFilter(NamedTuple):
    """What a filter asks for: a range text, a box on a sheet, or all rows and columns that a lookup finds.

    `source` is the filter as it was sent.
    """

    source: JSON
    a1_range: str | None
    grid_range: tuple[int, Box] | None
    lookup: Lookup | None


class FilteredRead(NamedTuple):
    """A values:batchGetByDataFilter."""

    filters: list[DataFilter]
    rendering: Rendering


class FilteredValues(NamedTuple):
    """Values for every range that a filter matches."""

    filter: DataFilter
    data: wire.ValueRange


class FilteredUpdate(NamedTuple):
    """A values:batchUpdateByDataFilter."""

    data: list[FilteredValues]
    options: wire.UpdateOptions


def read_request(query: wire.Query, raw: bytes) -> FilteredRead:
    """A values:batchGetByDataFilter; its options stand in the body."""
    wire.demand_parameters(query, frozenset())
    body = wire.parse_body(raw)
    wire.demand_fields(body, wire.READ_PARAMETERS | {"dataFilters"}, "")
    return FilteredRead(_filters(body), wire.rendering_of(body))


def clear_request(query: wire.Query, raw: bytes) -> list[DataFilter]:
    """A values:batchClearByDataFilter."""
    wire.demand_parameters(query, frozenset())
    body = wire.parse_body(raw)
    wire.demand_fields(body, frozenset({"dataFilters"}), "")
    return _filters(body)


def update_request(query: wire.Query, raw: bytes) -> FilteredUpdate:
    """A values:batchUpdateByDataFilter."""
    wire.demand_parameters(query, frozenset())
    body = wire.parse_body(raw)
    wire.demand_fields(body, wire.BATCH_FIELDS, "")
    return FilteredUpdate(
        [_filtered(part) for part in Message("", body).messages("data")], wire.body_options(body)
    )


def _filtered(part: Message) -> FilteredValues:
    part.demand(*DATA_FIELDS)
    values = {name: value for name, value in part.source.items() if name != "dataFilter"}
    return FilteredValues(_filter(part.message("dataFilter")), wire.value_range_of(values, part.path))


def _filters(body: JSON) -> list[DataFilter]:
    filters = [_filter(message) for message in Message("", body).messages("dataFilters")]
    if not filters:
        raise invalid("Must specify at least one dataFilter.")
    return filters


def _filter(message: Message) -> DataFilter:
    message.demand("a1Range", "gridRange", "developerMetadataLookup")
    chosen = [name for name, value in message.source.items() if value is not None]
    if len(chosen) > 1:
        raise wire.wrong_value(message.path, "oneof filter", message.source)
    looked = message.message("developerMetadataLookup")
    return DataFilter(
        dict(message.source),
        message.text("a1Range") if "a1Range" in chosen else None,
        message.message("gridRange").grid_range() if "gridRange" in chosen else None,
        read_lookup(looked) if "developerMetadataLookup" in chosen else None,
    )
