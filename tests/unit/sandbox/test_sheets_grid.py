"""Structural edits of a grid, against a naive model: a full rectangle of cells, each with its format."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from sandbox.sheets.a1 import Box
from sandbox.sheets.grid import COLUMNS, ROWS, Axis, Cell, Grid
from sandbox.sheets.protection import Protection

SIZE = 6
CELL = st.one_of(st.just(""), st.sampled_from(["a", "B", "b", "ä"]), st.integers(0, 3), st.booleans())
Model = list[list[tuple[Cell, str | None]]]


@dataclass
class Pair:
    """A ragged grid and its model."""

    grid: Grid
    model: Model

    def assert_same(self) -> None:
        assert self.grid.size == [len(self.model), len(self.model[0])]
        shown = [
            [(self.grid.get(r, c), self.grid.formats.get((r, c))) for c in range(self.grid.size[1])]
            for r in range(self.grid.size[0])
        ]
        assert shown == self.model
        assert all(cell[0] < self.grid.size[0] and cell[1] < self.grid.size[1] for cell in self.grid.formats)


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    rows = draw(st.lists(st.lists(CELL, max_size=SIZE), max_size=SIZE))
    formats = draw(st.sets(st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)), max_size=5))
    grid = Grid([row.copy() for row in rows], SIZE, SIZE)
    grid.formats = dict.fromkeys(formats, "DATE")
    padded = [row + [""] * (SIZE - len(row)) for row in rows] + [[""] * SIZE] * (SIZE - len(rows))
    model: Model = [
        [(value, "DATE" if (r, c) in formats else None) for c, value in enumerate(row)]
        for r, row in enumerate(padded)
    ]
    return Pair(grid, model)


def turned(model: Model, axis: Axis) -> Model:
    return model if axis == ROWS else [list(column) for column in zip(*model, strict=True)]


AXIS = st.sampled_from([ROWS, COLUMNS])
PLACE = st.integers(0, SIZE)


@given(pairs(), AXIS, PLACE, st.integers(1, 3))
def test_inserting_shifts_what_follows(pair: Pair, axis: Axis, at: int, count: int) -> None:
    """Inserted lines are empty, everything after them moves on."""
    pair.grid.insert(axis, at, count)
    lines = turned(pair.model, axis)
    empty: Model = [[("", None)] * SIZE for _ in range(count)]
    pair.model = turned(lines[:at] + empty + lines[at:], axis)
    pair.assert_same()


@given(pairs(), AXIS, st.integers(0, SIZE - 3), st.integers(1, 3))
def test_deleting_closes_the_gap(pair: Pair, axis: Axis, at: int, count: int) -> None:
    """Deleted lines are gone, everything after them moves up."""
    pair.grid.delete(axis, at, count)
    lines = turned(pair.model, axis)
    pair.model = turned(lines[:at] + lines[at + count :], axis)
    pair.assert_same()


@given(pairs(), AXIS, st.integers(0, SIZE - 3), st.integers(1, 3), PLACE)
def test_moving_counts_the_destination_before_removal(
    pair: Pair, axis: Axis, start: int, count: int, to: int
) -> None:
    """[0,1,2,3,4], [1,3) to 4 gives [0,3,1,2,4]; a destination inside the source changes nothing."""
    pair.grid.move(axis, start, count, to)
    lines = turned(pair.model, axis)
    marked = [(index, line) for index, line in enumerate(lines) if not start <= index < start + count]
    before = [line for index, line in marked if index < to]
    after = [line for index, line in marked if index >= to]
    pair.model = turned(before + lines[start : start + count] + after, axis)
    pair.assert_same()


def test_the_documented_move() -> None:
    """The example of the documentation."""
    grid = Grid([[n] for n in range(5)], 5, 1)
    grid.move(ROWS, 1, 2, 4)
    assert [row[0] for row in grid.rows] == [0, 3, 1, 2, 4]


def rank(value: Cell) -> tuple[int, object]:
    kind = 2 if isinstance(value, bool) else 1 if isinstance(value, str) else 0
    return kind, value.casefold() if isinstance(value, str) else value


@given(pairs(), st.integers(0, 3), st.integers(0, 2), st.integers(0, 3), st.booleans())
def test_sorting_moves_whole_segments(pair: Pair, top: int, left: int, by: int, descending: bool) -> None:
    """A sort permutes the cells of its range by one column, stably, empty ones last, and nothing else."""
    bottom, right, column = SIZE - 1, SIZE - 1, left + by
    pair.grid.sort(Box(top, left, bottom, right), [(column, descending)])
    lines = pair.model[top:bottom]
    filled = [line for line in lines if line[column][0] != ""]
    while True:  # a bubble sort: slow, stable, and nothing like the code under test
        swaps = 0
        for i in range(len(filled) - 1):
            here, there = rank(filled[i][column][0]), rank(filled[i + 1][column][0])
            if (here < there) if descending else (here > there):  # type: ignore[operator]
                filled[i], filled[i + 1], swaps = filled[i + 1], filled[i], swaps + 1
        if not swaps:
            break
    order = filled + [line for line in lines if line[column][0] == ""]
    for row, line in zip(range(top, bottom), order, strict=True):
        pair.model[row] = pair.model[row][:left] + line[left:right] + pair.model[row][right:]
    pair.assert_same()


@given(AXIS, PLACE, st.integers(1, 3))
def test_protection_moves_with_its_cells(axis: Axis, at: int, count: int) -> None:
    """After an insertion the same cells are protected as before, and maybe new ones between them."""
    grid = Grid([], SIZE, SIZE)
    grid.protected = [Protection(1, Box(1, 1, 3, 3))]
    grid.insert(axis, at, count)
    shifted = [index + count if index >= at else index for index in range(SIZE)]
    for row in range(SIZE):
        for column in range(SIZE):
            now = (shifted[row], column) if axis == ROWS else (row, shifted[column])
            [box] = grid.closed_to("anybody")
            assert box.holds(*now) == (1 <= row < 3 and 1 <= column < 3)
