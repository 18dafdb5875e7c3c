"""The card that charts are drawn on: its look, its letters, and the library behind it, imported with the first card."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.views import charts_axes as axes

INCHES, DOTS = (6.0, 4.0), 180
CARD, INK, GREY, GRID = "#fbfcfe", "#1c2733", "#6b7a89", "#dfe5ec"
BLUE, GREEN, RED = "#2a6fdb", "#16855b", "#c8372d"
LARGE, USUAL, SMALL = 17.0, 12.5, 11.5
EDGE = 0.035  # of the picture, free at each side
LETTER = 0.0175  # of the picture's width, of a usual letter


@dataclass(frozen=True, slots=True)
class _Kit:
    """What is imported late."""

    figure: Any
    canvas: Any
    plain: Any
    bold: Any
    outlines: Any  # of the bold letters, to measure them


class Card:
    """A picture under way."""

    def __init__(self) -> None:
        self._kit = _kit()
        self._card = self._kit.figure(figsize=INCHES, dpi=DOTS, facecolor=CARD)

    def png(self) -> bytes:
        """What has been drawn."""
        file = io.BytesIO()
        self._kit.canvas(self._card).print_png(file, metadata={"Software": None})
        return file.getvalue()

    def head(self, name: str, last: str, below: str) -> None:
        """The name at the left, smaller or cut off where there is no room; at the right the figure that matters."""
        room = 1 - 2 * EDGE
        size = LARGE if self.fitting(f"{name}  {last}", room, LARGE) == f"{name}  {last}" else USUAL
        shown = self.fitting(f"{last}  {name}", room, size).removeprefix(f"{last}  ")
        self.write((EDGE, 0.905), shown, size=size, bold=True)
        self.write((1 - EDGE, 0.905), last, size=size, bold=True, ha="right")
        self.write((EDGE, 0.835), below, size=SMALL, ink=GREY)

    def write(self, place: tuple[float, float], text: str, **look: Any) -> None:
        """A text on the card; x and y from 0 to 1, from the left and from below."""
        self._card.text(*place, self.legible(text), **self.letters(**look))

    def letters(
        self, *, size: float = USUAL, bold: bool = False, ink: str = INK, **more: Any
    ) -> dict[str, Any]:
        """How a text looks."""
        font = (self._kit.bold if bold else self._kit.plain).copy()
        font.set_size(size)
        return {"fontproperties": font, "color": ink, **more}

    def field(self, left: float, bottom: float, right: float, top: float) -> Any:
        """A place to draw in, without a frame; values are written at its right."""
        field = self._card.add_axes((left, bottom, right - left, top - bottom), facecolor=CARD)
        field.set_frame_on(False)
        field.tick_params(length=0, pad=8)
        field.yaxis.tick_right()
        field.set_axisbelow(True)
        field.grid(axis="y", color=GRID, linewidth=1)
        return field

    def scale(self, field: Any, low: Decimal, high: Decimal, ticks: Sequence[axes.Tick]) -> None:
        """The values from `low` to `high`."""
        field.set_ylim(float(low), float(high))
        field.set_yticks(*apart(ticks), **self.letters(size=SMALL, ink=GREY))

    def legible(self, text: str) -> str:
        """What the font has; nothing is taken for a formula."""
        return self._known(text).replace("$", r"\$")

    def fitting(self, text: str, room: float, size: float) -> str:
        """As much of a bold text as has room, a part of the card's width."""
        if self._width(text, size) <= room:
            return text
        shown = next((n for n in range(len(text), 1, -1) if self._width(f"{text[:n]}…", size) <= room), 1)
        return f"{text[:shown].rstrip(' .')}…"

    def _known(self, text: str) -> str:
        has = self._kit.outlines.get_char_index
        return "".join(letter if has(ord(letter)) else "\N{WHITE SQUARE}" for letter in text)

    def _width(self, text: str, size: float) -> float:
        self._kit.outlines.set_size(size, DOTS)
        self._kit.outlines.set_text(self._known(text), 0.0)
        return float(self._kit.outlines.get_width_height()[0] / 64 / DOTS / INCHES[0])


def _kit() -> _Kit:
    import matplotlib as library
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties, get_font

    folder = Path(library.get_data_path()) / "fonts" / "ttf"
    plain, bold = folder / "DejaVuSans.ttf", folder / "DejaVuSans-Bold.ttf"
    return _Kit(
        Figure,
        FigureCanvasAgg,
        FontProperties(fname=plain),
        FontProperties(fname=bold),
        get_font(str(bold)),
    )


def right_edge(longest: int) -> float:
    """Where a field ends, at whose right so many letters are to have room."""
    return 1 - EDGE - 0.01 - LETTER * longest


def apart(ticks: Sequence[axes.Tick]) -> tuple[list[float], list[str]]:
    """Places and labels."""
    return [place for place, _ in ticks], [label for _, label in ticks]
