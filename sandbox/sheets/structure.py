"""spreadsheets:batchUpdate: sheets, the size of their grids, order, cells and protected ranges.

The changes are made to a draft, which takes the place of the book when every one of them has been accepted.
"""

from collections.abc import Callable
from typing import Any

from sandbox.sheets import (
    cell_changes,
    changes,
    dimension_changes,
    metadata_changes,
    protection_changes,
    sheet_changes,
)
from sandbox.sheets.book import Book
from sandbox.sheets.description import describe
from sandbox.sheets.draft import Draft
from sandbox.sheets.errors import ApiError, invalid
from sandbox.sheets.structure_wire import StructureRequest

JSON = dict[str, Any]

MAKERS: dict[type, Callable[[Draft, Any], JSON]] = {
    changes.AppendDimension: dimension_changes.append,
    changes.InsertDimension: dimension_changes.insert,
    changes.DeleteDimension: dimension_changes.delete,
    changes.MoveDimension: dimension_changes.move,
    changes.HideDimension: dimension_changes.hide,
    changes.SortRange: dimension_changes.sort,
    changes.AddSheet: sheet_changes.add_sheet,
    changes.DeleteSheet: sheet_changes.delete_sheet,
    changes.UpdateSheet: sheet_changes.update_sheet,
    changes.UpdateBook: sheet_changes.update_book,
    changes.CreateMetadata: metadata_changes.create,
    changes.DeleteMetadata: metadata_changes.delete,
    changes.UpdateCells: cell_changes.update_cells,
    changes.AddProtectedRange: protection_changes.add,
    changes.UpdateProtectedRange: protection_changes.update,
    changes.DeleteProtectedRange: protection_changes.delete,
}


def batch_update(book: Book, request: StructureRequest, user: str) -> JSON:
    """Make all changes, or none if one of them is refused."""
    if not request.changes:
        raise invalid("Must specify at least one request.")
    draft = Draft(book, user)
    replies = [_reply(draft, index, kind, change) for index, (kind, change) in enumerate(request.changes)]
    draft.publish()
    answer: JSON = {"spreadsheetId": book.id, "replies": replies}
    return answer | ({"updatedSpreadsheet": describe(book, user)} if request.include_book else {})


def _reply(draft: Draft, index: int, kind: str, change: changes.Change) -> JSON:
    try:
        answer = MAKERS[type(change)](draft, change)
    except ApiError as error:
        raise error.within(f"requests[{index}].{kind}") from error
    return {kind: answer} if answer else {}
