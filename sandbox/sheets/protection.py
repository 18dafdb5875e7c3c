"""Protected ranges: which cells they cover, and whom they keep out."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from sandbox.sheets.a1 import Box, parse_box

JSON = dict[str, Any]


class Protection(NamedTuple):
    """One protected range. A `warning_only` one asks before an edit, but keeps nobody out.

    The owner, who is nobody of the API's callers, may always edit; 0 is the id of one that has none yet.
    """

    id: int
    box: Box
    description: str = ""
    warning_only: bool = False
    editors: tuple[str, ...] = ()

    def keeps_out(self, user: str) -> bool:
        """Whether the user may not write there."""
        return not self.warning_only and user not in self.editors

    @classmethod
    def from_json(cls, source: str | Mapping[str, Any]) -> Self:
        """Read what `dump` wrote; a bare range such as `A1:B2` is a protection for everybody. ValueError."""
        if isinstance(source, str):
            box = parse_box(source)
            if box is None:
                raise ValueError(f"not a range: {source}")
            return cls(0, box)
        return cls(
            source.get("id", 0),
            Box(*source["box"]),
            source.get("description", ""),
            source.get("warningOnly", False),
            tuple(source.get("editors", ())),
        )

    def dump(self) -> JSON:
        """Everything about it, as JSON; the box as top, left, bottom and right, null where it is open."""
        return {
            "id": self.id,
            "box": list(self.box),
            "description": self.description,
            "warningOnly": self.warning_only,
            "editors": list(self.editors),
        }


def grid_range(sheet_id: int, box: Box) -> JSON:
    """A box as a GridRange; as in Google's answers, the id of the sheet 0 is left out."""
    indices = {
        "startRowIndex": box.top if box.top or box.bottom is not None else None,
        "endRowIndex": box.bottom,
        "startColumnIndex": box.left if box.left or box.right is not None else None,
        "endColumnIndex": box.right,
    }
    known = {name: index for name, index in indices.items() if index is not None}
    return ({"sheetId": sheet_id} if sheet_id else {}) | known


def describe(protection: Protection, sheet_id: int, user: str) -> JSON:
    """A ProtectedRange as that user sees it: the editors are told only to those who may edit there."""
    answer: JSON = {
        "protectedRangeId": protection.id,
        "range": grid_range(sheet_id, protection.box),
    }
    if protection.description:
        answer["description"] = protection.description
    if protection.warning_only:
        answer["warningOnly"] = True
    if not protection.keeps_out(user):
        answer["requestingUserCanEdit"] = True
        if not protection.warning_only:
            answer["editors"] = {"users": list(protection.editors)}
    return answer
