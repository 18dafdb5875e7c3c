"""Human edits tied to the very moment before or after an API call is carried out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from sandbox.sheets.book import Book
from sandbox.sheets.edits import Edit, apply_edits

METHODS = (
    *("spreadsheets.get", "values.get", "values.batchGet"),
    *("values.update", "values.batchUpdate", "spreadsheets.batchUpdate"),
    *("values.append", "values.clear", "values.batchClear"),
    *("values.batchGetByDataFilter", "values.batchUpdateByDataFilter", "values.batchClearByDataFilter"),
)


@dataclass(slots=True)
class Hook:
    """Edits to apply `when` ("before" or "after") the method `on` works on a spreadsheet.

    The first `skip` calls pass, the next `times` calls meet the edit.
    """

    on: str
    spreadsheet: str
    edit: Edit | list[Edit]
    when: str = "before"
    times: int = 1
    skip: int = 0
    hits: int = 0

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> Self:
        """Read a hook; ValueError if it is none."""
        names = {field.name for field in fields(cls)} - {"hits"}
        if not isinstance(source, dict) or not {"on", "spreadsheet", "edit"} <= source.keys() <= names:
            raise ValueError(f"a hook has on, spreadsheet, edit and may have {', '.join(sorted(names))}")
        hook = cls(**source)
        if hook.on not in METHODS or hook.when not in ("before", "after"):
            raise ValueError(f"on is one of {', '.join(METHODS)}, when is before or after")
        return hook

    def meets(self, method: str, when: str, spreadsheet: str) -> bool:
        """Whether the edit is due now; counts the call either way."""
        if (self.on, self.when, self.spreadsheet) != (method, when, spreadsheet) or self.hits >= self.times:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.hits += 1
        return True


class Hooks:
    """The hooks that are set."""

    def __init__(self) -> None:
        self._hooks: list[Hook] = []

    def add(self, source: Mapping[str, Any]) -> None:
        """Set one more hook; ValueError if it is none."""
        self._hooks.append(Hook.from_json(source))

    def clear(self) -> None:
        """Forget all hooks."""
        self._hooks.clear()

    def run(self, method: str, when: str, book: Book) -> None:
        """Apply the edits that are due."""
        for hook in self._hooks:
            if hook.meets(method, when, book.id):
                apply_edits(book, hook.edit)

    def snapshot(self) -> list[dict[str, Any]]:
        """All hooks with their hits, as JSON."""
        return [asdict(hook) for hook in self._hooks]
