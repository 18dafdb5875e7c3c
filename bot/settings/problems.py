"""What is wrong with the settings, in words for the person who wrote them."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.errors import QuartermasterError
from bot.redaction import MASK, Redactor

LONGEST_SHOWN = 40
SHORTEST_SECRET_SHOWN = 12

_redact = Redactor(())


@dataclass(frozen=True)
class SettingProblem:
    """One mistake in one setting: `name` is what is set wrongly, `problem` reads on after it.

    `expected` is the form a good value has ("" where there is none), `shown` the value as it may be shown,
    `suggestion` the nearest known name or value. `missing` tells a value nobody gave from one that is wrong.
    """

    name: str
    problem: str
    expected: str
    shown: str | None = None
    suggestion: str | None = None
    missing: bool = False

    def __str__(self) -> str:
        return f"{self.name}: {self.sentence}"

    @property
    def sentence(self) -> str:
        """The line without the name."""
        got = f" (got {self.shown})" if self.shown is not None else ""
        expected = f"; expected {self.expected}" if self.expected else ""
        hint = f"; did you mean {self.suggestion}?" if self.suggestion else ""
        return f"{self.problem}{got}{expected}{hint}"


class SettingsError(QuartermasterError):
    """The settings can't be used; its text lists all mistakes, one a line."""

    def __init__(self, problems: Iterable[SettingProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        need = "setting needs" if count == 1 else "settings need"
        width = max((len(problem.name) for problem in self.problems), default=0)
        lines = (f"  {problem.name:<{width}}  {problem.sentence}" for problem in self.problems)
        return "\n".join([f"{count} {need} attention (in .env or the environment):", *lines])


def mask(value: str) -> str:
    """A secret as it may be shown: its first and last two characters, of a short one none."""
    if len(value) < SHORTEST_SECRET_SHOWN:
        return MASK
    return _on_one_line(f"{value[:2]}{MASK}{value[-2:]}")


def abridge(value: str) -> str:
    """A value that is no secret as it is shown: on one line, cut, and without secrets pasted by mistake."""
    text = _on_one_line(_redact(value))
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def _on_one_line(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
