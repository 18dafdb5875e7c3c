"""Changes of developer metadata."""

from typing import Any

from sandbox.sheets.changes import CreateMetadata, DeleteMetadata
from sandbox.sheets.draft import Draft
from sandbox.sheets.errors import invalid
from sandbox.sheets.metadata import Metadata, describe

JSON = dict[str, Any]


def create(draft: Draft, change: CreateMetadata) -> JSON:
    """Attach a note to a row or column that exists; ids are unique in the spreadsheet."""
    sheet, note = draft.sheet(change.sheet_id), change.note
    if sheet.grid.starts_outside(note.box):
        raise sheet.exceeds(note.box)
    taken = {each.id for other in draft.sheets for each in other.grid.metadata}
    if note.id in taken:
        raise invalid(f"Developer metadata with id {note.id} already exists.")
    kept = note._replace(id=note.id or draft.book.new_sheet_id())
    sheet.grid.metadata.append(kept)
    return {"developerMetadata": describe(kept, sheet.id)}


def delete(draft: Draft, change: DeleteMetadata) -> JSON:
    """Take away all notes that the lookup finds; the reply tells them."""
    gone: list[tuple[int, Metadata]] = []
    for sheet in draft.sheets:
        found = [note for note in sheet.grid.metadata if change.lookup.fits(note)]
        if found:
            grid = draft.grid(sheet.id)
            grid.metadata = [note for note in grid.metadata if note not in found]
            gone += [(sheet.id, note) for note in found]
    return {"deletedDeveloperMetadata": [describe(note, sheet_id) for sheet_id, note in gone]} if gone else {}
