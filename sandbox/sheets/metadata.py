"""Developer metadata: notes that programs attach to rows and columns, and that move along with them."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from sandbox.sheets.a1 import Box
from sandbox.sheets.spans import Shift

JSON = dict[str, Any]

ROWS = 0
AXES = ("ROWS", "COLUMNS")
LOCATIONS = ("ROW", "COLUMN")
VISIBILITIES = ("DOCUMENT", "PROJECT")


class Metadata(NamedTuple):
    """A note: its id, key, value and visibility, and the row (axis 0) or column (axis 1) that it is about."""

    id: int
    key: str
    value: str
    visibility: str
    axis: int
    line: int

    @property
    def box(self) -> Box:
        """The whole row or column."""
        if self.axis == ROWS:
            return Box(self.line, 0, self.line + 1, None)
        return Box(0, self.line, None, self.line + 1)

    def shifted(self, axis: int, shift: Shift) -> Self | None:
        """The note where its row or column has gone; None if that is gone."""
        if axis != self.axis:
            return self
        span = shift((self.line, self.line + 1))
        return self._replace(line=span[0]) if span else None

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> Self:
        """Read what `dump` wrote."""
        return cls(**source)

    def dump(self) -> JSON:
        """Everything about it, as JSON."""
        return self._asdict()


class Lookup(NamedTuple):
    """What to look for; a note matches if everything that is said fits."""

    id: int | None
    key: str | None
    value: str | None
    visibility: str | None
    location: str | None

    def fits(self, note: Metadata) -> bool:
        """Whether a note matches."""
        said = (self.id, self.key, self.value, self.visibility, self.location)
        told = (note.id, note.key, note.value, note.visibility, LOCATIONS[note.axis])
        return all(asked is None or asked == is_ for asked, is_ in zip(said, told, strict=True))


def describe(note: Metadata, sheet_id: int) -> JSON:
    """A DeveloperMetadata as Google's answers have it."""
    place = {"dimension": AXES[note.axis], "startIndex": note.line, "endIndex": note.line + 1}
    place = ({"sheetId": sheet_id} if sheet_id else {}) | {name: each for name, each in place.items() if each}
    answer: JSON = {"metadataId": note.id, "metadataKey": note.key}
    if note.value:
        answer["metadataValue"] = note.value
    location = {"locationType": LOCATIONS[note.axis], "dimensionRange": place}
    return answer | {"location": location, "visibility": note.visibility}
