"""How people write a setting: each form says in words what it expects and reads the text."""

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from bot.settings.problems import abridge, mask


class FormError(ValueError):
    """A text doesn't have its form; reads on after the setting's name. Never holds the text itself."""

    def __init__(self, problem: str, suggestion: str | None = None) -> None:
        super().__init__(problem)
        self.suggestion = suggestion


@dataclass(frozen=True, slots=True)
class Form:
    """The form of one setting, put beside its type as `Annotated[type, Form(...)]`.

    `expected` completes "expected …"; `read` turns the text into a value or raises FormError; a `secret` is
    only ever shown masked; a `verbatim` text keeps the blanks around it.
    """

    expected: str
    read: Callable[[str], object]
    secret: bool = False
    verbatim: bool = False

    def show(self, text: str) -> str:
        """The text as a message may quote it."""
        return mask(text) if self.secret else abridge(text)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._validate, handler(source))

    def _validate(self, value: object) -> object:
        return self.read(self._unwrapped(value)) if isinstance(value, str) else value

    def _unwrapped(self, text: str) -> str:
        bare = text.strip()
        # Bytes of an environment that are not UTF-8 arrive as lone surrogates.
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise FormError("is not UTF-8 text")
        if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'":
            raise FormError("is wrapped in quotes")
        if self.secret and text != bare:
            raise FormError(f"has a blank at its {'start' if text[0] != bare[0] else 'end'}")
        return text if self.verbatim else bare


def text() -> Form:
    """Any text, taken as it stands."""
    return Form("a text", str, verbatim=True)


def choice(*options: str) -> Form:
    """One of a few words, in any case; the value is spelled as in `options`."""
    by_folded = {option.casefold(): option for option in options}

    def read(text: str) -> str:
        if text.casefold() not in by_folded:
            raise FormError(f"is none of the {len(options)} choices", nearest(text, options))
        return by_folded[text.casefold()]

    return Form(f"one of {', '.join(options)}", read)


def ranking(*options: str) -> Form:
    """Some of a few words in order of preference, in any case; the value is a tuple without repetitions."""
    one = choice(*options)

    def read(text: str) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(str(one.read(word)) for word in words(text)))
        if not found:
            raise FormError("names none")
        return found

    return Form(f"some of {', '.join(options)}, the first asked first", read)


def header_names() -> Form:
    """Names one column may have in row 1; the value is a tuple of them, casefolded, blanks made one."""

    def read(text: str) -> tuple[str, ...]:
        names = (" ".join(name.casefold().split()) for name in text.split(","))
        found = tuple(dict.fromkeys(filter(None, names)))
        if not found:
            raise FormError("holds no name")
        return found

    return Form("one or more header names, comma-separated", read)


def words(text: str) -> list[str]:
    """The parts of a list written with commas or blanks."""
    return text.replace(",", " ").split()


def nearest(text: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """The known spelling most like `text` in any case; None when all are less alike than `likeness`."""
    by_folded = {spelling.casefold(): spelling for spelling in known}
    found = difflib.get_close_matches(text.casefold(), by_folded, n=1, cutoff=likeness)
    return by_folded[found[0]] if found else None
