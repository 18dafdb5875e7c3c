"""The batchUpdate requests about protected ranges. Pure, and knows no spreadsheet."""

from typing import Any

from sandbox.sheets.changes import AddProtectedRange, DeleteProtectedRange, UpdateProtectedRange
from sandbox.sheets.errors import invalid
from sandbox.sheets.message import Message

FIELDS = ("range", "description", "warningOnly", "editors")


def add_protection(message: Message) -> AddProtectedRange:
    """An addProtectedRange."""
    message.demand("protectedRange")
    protected = _protected(message)
    return AddProtectedRange(
        *protected.message("range").grid_range(),
        protected.text("description"),
        protected.flag("warningOnly"),
        _editors(protected),
    )


def update_protection(message: Message) -> UpdateProtectedRange:
    """An updateProtectedRange; what its mask does not name is left alone."""
    message.demand("protectedRange", "fields")
    protected = _protected(message)
    fields: dict[str, Any] = {}
    sheet_id = None
    for path in message.mask():
        match path.removesuffix(".users"):
            case "range":
                sheet_id, fields["box"] = protected.message("range").grid_range()
            case "description":
                fields["description"] = protected.text("description")
            case "warningOnly":
                fields["warning_only"] = protected.flag("warningOnly")
            case "editors":
                fields["editors"] = _editors(protected) or ()
            case _:
                raise invalid(f"The sandbox changes nothing of a protected range but {', '.join(FIELDS)}.")
    return UpdateProtectedRange(protected.integer("protectedRangeId") or 0, sheet_id, fields)


def delete_protection(message: Message) -> DeleteProtectedRange:
    """A deleteProtectedRange."""
    message.demand("protectedRangeId")
    return DeleteProtectedRange(message.integer("protectedRangeId") or 0)


def _protected(message: Message) -> Message:
    protected = message.message("protectedRange")
    protected.demand("protectedRangeId", "requestingUserCanEdit", *FIELDS)
    return protected


def _editors(protected: Message) -> tuple[str, ...] | None:
    return protected.message("editors").texts("users") if protected.source.get("editors") else None
