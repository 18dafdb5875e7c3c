"""Requests as they come over the wire: query and JSON body, checked as Google's JSON layer checks them.

Everything here is pure and knows no spreadsheet: what it refuses is refused whatever the book holds.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from sandbox.sheets.enums import ENUMS
from sandbox.sheets.errors import ApiError, invalid, malformed
from sandbox.sheets.rendering import Rendering

JSON = dict[str, Any]
Query = Mapping[str, str]
Values = Sequence[Sequence[Any]]

PACKAGE = "type.googleapis.com/google.apps.sheets.v4."
LIST_VALUE = "type.googleapis.com/google.protobuf.ListValue"
STANDARD_PARAMETERS = frozenset(
    {"$.xgafv", "access_token", "alt", "callback", "fields", "key", "oauth_token", "prettyPrint"}
    | {"quotaUser", "uploadType", "upload_protocol"}
)
READ_PARAMETERS = frozenset({"majorDimension", "valueRenderOption", "dateTimeRenderOption"})
RESPONSE_FIELDS = frozenset(
    {"includeValuesInResponse", "responseValueRenderOption", "responseDateTimeRenderOption"}
)
UPDATE_PARAMETERS = RESPONSE_FIELDS | {"valueInputOption"}
VALUE_RANGE_FIELDS = frozenset({"range", "majorDimension", "values"})
APPEND_PARAMETERS = UPDATE_PARAMETERS | {"insertDataOption"}
BATCH_FIELDS = UPDATE_PARAMETERS | {"data"}


class ValueRange(NamedTuple):
    """Values to write: rows of cells from the range's first cell on; None skips a cell."""

    range: str
    rows: Values
    by_columns: bool


class UpdateOptions(NamedTuple):
    """How to take what is written, and what to answer."""

    user_entered: bool
    include_values: bool
    rendering: Rendering


class Append(NamedTuple):
    """A values.append; its rows push down what lies below, or are written over it."""

    data: ValueRange
    options: UpdateOptions
    insert_rows: bool


class BatchUpdate(NamedTuple):
    """A values:batchUpdate."""

    data: list[ValueRange]
    options: UpdateOptions


def demand_parameters(query: Iterable[str], known: frozenset[str] | set[str]) -> None:
    """Refuse query parameters that the method does not have."""
    unknown = [name for name in query if name not in known and name not in STANDARD_PARAMETERS]
    if unknown:
        raise malformed([("", _unbound(name)) for name in unknown])


def _unbound(name: str) -> str:
    reason = f"Cannot bind query parameter. Field '{name}' could not be found in request message."
    return f'Invalid JSON payload received. Unknown name "{name}": {reason}'


def read_options(query: Query, extra: frozenset[str] = frozenset()) -> Rendering:
    """The rendering a values.get or values:batchGet asks for."""
    demand_parameters(query, READ_PARAMETERS | extra)
    return rendering_of(query)


def rendering_of(source: Mapping[str, Any]) -> Rendering:
    """The rendering that the options of a read say."""
    return _rendering(source, "valueRenderOption", "dateTimeRenderOption", source)


def _rendering(source: Mapping[str, Any], values: str, dates: str, major: Mapping[str, Any]) -> Rendering:
    return Rendering(
        by_columns=_enum(major, "majorDimension") == "COLUMNS",
        formatted=_enum(source, values) in (None, "FORMATTED_VALUE"),
        dates_as_text=_enum(source, dates) == "FORMATTED_STRING" and _enum(source, values) != "FORMULA",
        formulas=_enum(source, values) == "FORMULA",
    )


def update_request(path_range: str, query: Query, raw: bytes) -> tuple[ValueRange, UpdateOptions]:
    """A values.update."""
    demand_parameters(query, UPDATE_PARAMETERS)
    return _written(path_range, query, raw)


def append_request(path_range: str, query: Query, raw: bytes) -> Append:
    """A values.append."""
    demand_parameters(query, APPEND_PARAMETERS)
    data, options = _written(path_range, query, raw)
    return Append(data, options, _enum(query, "insertDataOption") == "INSERT_ROWS")


def batch_clear_request(query: Query, raw: bytes) -> list[str]:
    """The ranges of a values:batchClear."""
    demand_parameters(query, frozenset())
    body = parse_body(raw)
    demand_fields(body, frozenset({"ranges"}), "")
    ranges = body.get("ranges") or []
    if not isinstance(ranges, list):
        raise wrong_value("ranges", "TYPE_STRING", ranges)
    for index, text in enumerate(ranges):
        if not isinstance(text, str):
            raise wrong_value(f"ranges[{index}]", "TYPE_STRING", text)
    return ranges


def _written(path_range: str, query: Query, raw: bytes) -> tuple[ValueRange, UpdateOptions]:
    body = parse_body(raw)
    written = value_range_of(body, "data")
    if body.get("range") not in (None, path_range):
        raise invalid(f"Request range[{path_range}] does not match value's range[{body['range']}]")
    flag = query.get("includeValuesInResponse", "false")
    if flag.lower() not in ("true", "false"):
        raise wrong_value("include_values_in_response", "TYPE_BOOL", flag)
    options = _update_options(query, include=flag.lower() == "true")
    return written._replace(range=path_range), options


def batch_update_request(query: Query, raw: bytes) -> BatchUpdate:
    """A values:batchUpdate."""
    demand_parameters(query, frozenset())
    body = parse_body(raw)
    demand_fields(body, BATCH_FIELDS, "")
    data = body.get("data") or []
    if not isinstance(data, list):
        raise wrong_value("data", PACKAGE + "ValueRange", data)
    written = [value_range_of(item, f"data[{index}]") for index, item in enumerate(data)]
    return BatchUpdate(written, body_options(body))


def body_options(body: JSON) -> UpdateOptions:
    """The options of a write that stand in its body."""
    include = body.get("includeValuesInResponse") or False
    if not isinstance(include, bool):
        raise wrong_value("include_values_in_response", "TYPE_BOOL", include)
    return _update_options(body, include=include)


def _update_options(source: Mapping[str, Any], *, include: bool) -> UpdateOptions:
    rendering = _rendering(source, "responseValueRenderOption", "responseDateTimeRenderOption", {})
    option = _enum(source, "valueInputOption")
    if option in (None, "INPUT_VALUE_OPTION_UNSPECIFIED"):
        raise invalid("'valueInputOption' is required but not specified")
    return UpdateOptions(option == "USER_ENTERED", include, rendering)


def parse_body(raw: bytes) -> JSON:
    """A JSON object; an empty body is an empty object."""
    try:
        body = json.loads(raw or b"{}", parse_constant=_refuse_constant)
        if b"\\ud" in raw or b"\\uD" in raw:
            json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair is no text: it fails here
    except (ValueError, RecursionError) as error:
        text = f"Invalid JSON payload received. Unexpected token.\n{error}"
        raise malformed([("", text)]) from error
    if not isinstance(body, dict):
        raise malformed([("", "Invalid JSON payload received. Root element must be a message.")])
    return body


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def value_range_of(source: object, path: str) -> ValueRange:
    """The ValueRange that stands at a path of the body."""
    if not isinstance(source, dict):
        raise wrong_value(path, PACKAGE + "ValueRange", source)
    if not source.keys() <= VALUE_RANGE_FIELDS:
        demand_fields(source, VALUE_RANGE_FIELDS, path)
    text = source.get("range") or ""
    if text.__class__ is not str:
        raise wrong_value(f"{path}.range", "TYPE_STRING", text)
    by_columns = "majorDimension" in source and _enum(source, "majorDimension", path) == "COLUMNS"
    return ValueRange(text, _lists(source.get("values"), path), by_columns)


def _lists(values: object, path: str) -> Values:
    if values is None:
        return []
    if not isinstance(values, list):
        raise wrong_value(f"{path}.values", LIST_VALUE, values)
    for line in values:
        if line.__class__ is not list:
            raise _not_lists(values, path)
    return values


def _not_lists(values: list[Any], path: str) -> ApiError:
    wrong = [
        (f"{path}.values[{index}]", line) for index, line in enumerate(values) if not isinstance(line, list)
    ]
    return malformed([(place, _wrong_value_text(place, LIST_VALUE, value)) for place, value in wrong])


def transposed(values: Values) -> Values:
    """Columns of cells as rows of cells; what is missing is skipped."""
    return list(zip_longest(*values))


def demand_fields(body: JSON, known: frozenset[str], path: str) -> None:
    """Refuse names that the message at `path` does not have."""
    at = f" at '{path}'" if path else ""
    unknown = [name for name in body if name not in known]
    if unknown:
        text = 'Invalid JSON payload received. Unknown name "{}"{}: Cannot find field.'
        raise malformed([(path, text.format(name, at)) for name in unknown])


def _enum(source: Mapping[str, Any], name: str, path: str = "") -> str | None:
    value = source.get(name)
    proto_name, kind, known = ENUMS[name]
    if value is None or value in known:
        return value
    raise wrong_value(f"{path}.{proto_name}" if path else proto_name, PACKAGE + kind, value)


def wrong_value(path: str, kind: str, value: object) -> ApiError:
    """The refusal of a value that is not of the type it should be."""
    return malformed([(path, _wrong_value_text(path, kind, value))])


def _wrong_value_text(path: str, kind: str, value: object) -> str:
    shown = f'"{value}"' if isinstance(value, str) else json.dumps(value)
    return f"Invalid value at '{path}' ({kind}), {shown}"
