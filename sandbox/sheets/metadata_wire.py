"""Requests about developer metadata, checked as Google's JSON layer checks them. Pure, and knows no spreadsheet."""

from sandbox.sheets.changes import CreateMetadata, DeleteMetadata
from sandbox.sheets.errors import invalid
from sandbox.sheets.message import Message
from sandbox.sheets.metadata import LOCATIONS, VISIBILITIES, Lookup, Metadata


def create_metadata(message: Message) -> CreateMetadata:
    """A createDeveloperMetadata on one row or column."""
    message.demand("developerMetadata")
    note = message.message("developerMetadata")
    note.demand("metadataId", "metadataKey", "metadataValue", "location", "visibility")
    location = note.message("location")
    if location.source.get("dimensionRange") is None:
        raise invalid("The sandbox keeps developer metadata on rows and columns only.")
    sheet_id, axis, start, end = location.message("dimensionRange").dimension_range()
    if end != start + 1:
        raise invalid("The dimensionRange of developer metadata must be exactly one row or column.")
    key, visibility = note.text("metadataKey"), note.choice("visibility", VISIBILITIES)
    if not key or visibility is None:
        raise invalid("Developer metadata must have a metadataKey and a visibility.")
    new = Metadata(note.integer("metadataId") or 0, key, note.text("metadataValue"), visibility, axis, start)
    return CreateMetadata(sheet_id, new)


def delete_metadata(message: Message) -> DeleteMetadata:
    """A deleteDeveloperMetadata of all that a lookup finds."""
    message.demand("dataFilter")
    chosen = message.message("dataFilter")
    if list(chosen.source) != ["developerMetadataLookup"]:
        raise invalid("The sandbox deletes developer metadata by developerMetadataLookup only.")
    return DeleteMetadata(read_lookup(chosen.message("developerMetadataLookup")))


def read_lookup(message: Message) -> Lookup:
    """A developerMetadataLookup."""
    message.demand("metadataId", "metadataKey", "metadataValue", "visibility", "locationType")
    return Lookup(
        message.integer("metadataId"),
        message.text("metadataKey") or None,
        message.text("metadataValue") or None,
        message.choice("visibility", VISIBILITIES),
        message.choice("locationType", LOCATIONS),
    )
