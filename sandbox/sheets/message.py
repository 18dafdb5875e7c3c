"""JSON messages of a request, read field by field as Google's JSON layer reads them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sandbox.sheets import wire
from sandbox.sheets.a1 import Box
from sandbox.sheets.errors import invalid
from sandbox.sheets.grid import COLUMNS, ROWS, Axis

DIMENSIONS: dict[str, Axis] = {"ROWS": ROWS, "COLUMNS": COLUMNS}


class Message(NamedTuple):
    """A JSON object of the request and its path in it; reads fields by their JSON name, null as absent."""

    path: str
    source: Mapping[str, Any]

    def demand(self, *known: str) -> None:
        """Refuse names that the message does not have."""
        wire.demand_fields(dict(self.source), frozenset(known), self.path)

    def message(self, name: str) -> "Message":
        """A nested message; an empty one where there is none."""
        value, path = self.source.get(name), self._at(name)
        if value is not None and not isinstance(value, dict):
            raise wire.wrong_value(path, self._type(name), value)
        return Message(path, value or {})

    def messages(self, name: str) -> list["Message"]:
        """A list of messages."""
        values, path = self.source.get(name) or [], self._at(name)
        if not isinstance(values, list):
            raise wire.wrong_value(path, self._type(name), values)
        for index, value in enumerate(values):
            if not isinstance(value, dict):
                raise wire.wrong_value(f"{path}[{index}]", self._type(name), value)
        return [Message(f"{path}[{index}]", value) for index, value in enumerate(values)]

    def integer(self, name: str) -> int | None:
        """A number; proto3 takes it as text, too."""
        value = self.source.get(name)
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,10}", value):
            return int(value)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise wire.wrong_value(self._at(name), "TYPE_INT32", value)

    def flag(self, name: str) -> bool:
        """A boolean, false where there is none."""
        return bool(self._typed(name, bool, "TYPE_BOOL"))

    def text(self, name: str) -> str:
        """A text, "" where there is none."""
        return str(self._typed(name, str, "TYPE_STRING") or "")

    def choice(self, name: str, known: Sequence[str]) -> str | None:
        """One of several words; None where there is none."""
        text = self.text(name)
        if text and text not in known:
            raise wire.wrong_value(self._at(name), f"{wire.PACKAGE}{name[0].upper()}{name[1:]}", text)
        return text or None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(str(value) for value in self._typed(name, list, "TYPE_STRING") or ())

    def axis(self) -> Axis:
        """The field `dimension`."""
        value = self.source.get("dimension")
        if value not in DIMENSIONS:
            raise wire.wrong_value(self._at("dimension"), f"{wire.PACKAGE}Dimension", value)
        return DIMENSIONS[value]

    def grid_range(self) -> tuple[int, Box]:
        """A GridRange: the id of its sheet and the box, open where it says no end."""
        self.demand("sheetId", "startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
        top, left = (self.integer(name) or 0 for name in ("startRowIndex", "startColumnIndex"))
        bottom, right = self.integer("endRowIndex"), self.integer("endColumnIndex")
        for first, end in ((top, bottom), (left, right)):
            if first < 0 or (end is not None and end <= first):
                raise invalid("The indexes of a GridRange must be >= 0, and each end greater than its start.")
        return self.integer("sheetId") or 0, Box(top, left, bottom, right)

    def dimension_range(self) -> tuple[int, Axis, int, int | None]:
        """A DimensionRange: the id of its sheet, its axis, the first index and the one after the last, if said."""
        self.demand("sheetId", "dimension", "startIndex", "endIndex")
        start, end = self.integer("startIndex") or 0, self.integer("endIndex")
        if start < 0 or (end is not None and end < 0):
            raise invalid("DimensionRange indexes must be >= 0")
        return self.integer("sheetId") or 0, self.axis(), start, end

    def mask(self) -> list[str]:
        """The paths of the field `fields`, with points between names. ApiError for none."""
        text = self.text("fields").replace("/", ".").replace(" ", "")
        for parent, inside in re.findall(r"(\w+)\(([^()]*)\)", text):
            listed = ",".join(f"{parent}.{name}" for name in inside.split(","))
            text = text.replace(f"{parent}({inside})", listed)
        if not text:
            raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
        return text.split(",")

    def _typed(self, name: str, kind: type, written: str) -> Any:
        value = self.source.get(name)
        if value is None or isinstance(value, kind):
            return value
        raise wire.wrong_value(self._at(name), written, value)

    def _type(self, name: str) -> str:
        """The type of a field that holds messages, as far as its name tells it."""
        suffix = "Request" if re.fullmatch(r"requests\[[0-9]+\]", self.path) else ""
        return f"{wire.PACKAGE}{name[0].upper()}{name[1:].removesuffix('s')}{suffix}"

    def _at(self, name: str) -> str:
        snake = re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
        return f"{self.path}.{snake}" if self.path else snake
