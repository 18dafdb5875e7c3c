"""What a case of a bad input is, and how an answer is judged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bad_inputs.promises import Promise
from bad_inputs.whole_desk import EVA

SECRET = re.compile(r"pass\d+")
OF_PROGRAMS = re.compile(r"Traceback|\b[A-Z]\w*(?:Error|Exception)\b")


@dataclass(frozen=True, slots=True)
class Typed:
    """A message that somebody writes to the bot in private; `says`: the whole lines that its one answer begins with."""

    promise: Promise
    text: str
    says: str
    by: int = EVA

    @property
    def name(self) -> str:
        """How the case is told from others."""
        shown = self.text if len(self.text) <= 40 else f"{self.text[:40]}… ({len(self.text)})"
        return f"{self.by}:{ascii(shown)[1:-1]}"


def typed(promise: Promise, answers: dict[str, str], *, remedy: str = "", by: int = EVA) -> Iterator[Typed]:
    """A case for each text and the first line of its answer; `remedy` is the second."""
    for text, first in answers.items():
        yield Typed(promise, text, "\n".join(part for part in (first, remedy) if part), by)


def told(says: str, answer: str) -> str:
    """`says` where the answer begins with these lines, else the answer: to be compared with `says`."""
    return says if answer == says or answer.startswith(f"{says}\n") else answer


def is_fit_for_people(answers: Iterable[str]) -> bool:
    """No password of the sheet in them, and nothing that only programmers say."""
    return not any(SECRET.search(answer) or OF_PROGRAMS.search(answer) for answer in answers)
