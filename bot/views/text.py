"""Small pieces of text that several views share."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

MINUTE, HOUR, DAY = 60, 3600, 86400
QUOTED = 20  # characters


def escaped(text: object) -> str:
    """Anything from outside, safe inside Telegram's HTML."""
    return html.escape(str(text), quote=False)


def cut(text: str, most: int) -> str:
    """The text, or its beginning with `…` in place of the rest: `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def quoted(word: str) -> str:
    """A word of somebody's as it may be said back to them: short, and nothing that prints strangely."""
    kept = "".join(letter for letter in word[:QUOTED] if letter.isprintable())
    return f"“{kept}{'…' if len(word) > QUOTED else ''}”"


def count_of(number: int, singular: str, plural: str = "") -> str:
    """`1 proxy`, `5 proxies`; the plural is the singular with an s where none is given."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def proxies_of(number: int) -> str:
    """`1 proxy`, `5 proxies`."""
    return count_of(number, "proxy", "proxies")


def ranges(numbers: Iterable[int]) -> str:
    """`2, 7–9, 15`: sorted, runs of neighbours drawn together."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(_run(run) for run in runs)


def _run(run: Sequence[int]) -> str:
    if len(run) == 1:
        return str(run[0])
    return f"{run[0]}{'–' if len(run) > 2 else ', '}{run[-1]}"


def duration(seconds: float) -> str:
    """`3 s`, `4 min`, `2 h 5 min`, `3 d 4 h`: two units at most, nothing below a second."""
    whole = max(0, round(seconds))
    if whole < 2 * MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min"
    big, small, names = (HOUR, MINUTE, ("h", "min")) if whole < DAY else (DAY, HOUR, ("d", "h"))
    rest = whole % big // small
    return f"{whole // big} {names[0]}" + (f" {rest} {names[1]}" if rest else "")


def ago(seconds: float) -> str:
    """`3 s ago`; `just now` below a second."""
    return "just now" if seconds < 1 else f"{duration(seconds)} ago"


def listed(names: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part) if names else ""


def table(rows: Iterable[tuple[str, object]], *, width: int = 30) -> str:
    """Labels on the left, values on the right, as monospaced lines that fit a phone."""
    return "<pre>" + "\n".join(_row(label, str(value), width) for label, value in rows) + "</pre>"


def _row(label: str, value: str, width: int) -> str:
    room = max(1, width - len(value) - 1)
    shown = label if len(label) <= room else label[: room - 1] + "…"
    return escaped(f"{shown}{' ' * max(1, width - len(shown) - len(value))}{value}")
