"""Changes of protected ranges; only who may edit there can make them."""

from typing import Any

from sandbox.sheets.a1 import WHOLE_SHEET
from sandbox.sheets.changes import AddProtectedRange, DeleteProtectedRange, UpdateProtectedRange
from sandbox.sheets.draft import Draft
from sandbox.sheets.errors import PROTECTED, invalid
from sandbox.sheets.protection import Protection, describe
from sandbox.sheets.sheet import Sheet

JSON = dict[str, Any]


def add(draft: Draft, change: AddProtectedRange) -> JSON:
    """Protect a range; without editors whoever asks is its editor."""
    sheet = draft.sheet(change.sheet_id)
    editors = change.editors or ()
    wanted = Protection(0, change.box, change.description, change.warning_only, editors)
    accepted = _accepted(draft, sheet, wanted)
    protection = accepted._replace(id=draft.book.new_protection_id())
    sheet.grid.protected.append(protection)
    return {"protectedRange": describe(protection, change.sheet_id, draft.user)}


def update(draft: Draft, change: UpdateProtectedRange) -> JSON:
    """Change the fields that are named."""
    sheet, old = _found(draft, change.id)
    if change.sheet_id not in (None, sheet.id):
        raise invalid("The sandbox moves no protected range to another sheet.")
    place = sheet.grid.protected.index(old)
    sheet.grid.protected.remove(old)
    sheet.grid.protected.insert(place, _accepted(draft, sheet, old._replace(**change.fields)))
    return {}


def delete(draft: Draft, change: DeleteProtectedRange) -> JSON:
    """End a protection."""
    sheet, old = _found(draft, change.id)
    sheet.grid.protected.remove(old)
    return {}


def _found(draft: Draft, protection_id: int) -> tuple[Sheet, Protection]:
    for sheet in draft.sheets:
        found = next((each for each in sheet.grid.protected if each.id == protection_id), None)
        if found and found.keeps_out(draft.user):
            raise invalid(PROTECTED)
        if found:
            return draft.sheet(sheet.id), found
    raise invalid(f"No protected range with id: {protection_id}")


def _accepted(draft: Draft, sheet: Sheet, wanted: Protection) -> Protection:
    if wanted.warning_only and wanted.editors:
        raise invalid("ProtectedRange is warningOnly. Editors cannot be set on it.")
    if wanted.editors and draft.user not in wanted.editors:
        raise invalid("You can't remove yourself as an editor.")
    if wanted.box == WHOLE_SHEET and any(each.box == WHOLE_SHEET for each in sheet.grid.protected):
        raise invalid(f'Sheet "{sheet.title}" already has sheet protection.')
    return wanted if wanted.warning_only or wanted.editors else wanted._replace(editors=(draft.user,))
