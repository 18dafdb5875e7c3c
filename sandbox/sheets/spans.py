"""What becomes of stretches of rows or columns when others are inserted, deleted or moved. Pure."""

from collections.abc import Callable

# The first index and the one after the last; None reaches to the end of the grid.
Span = tuple[int, int | None]
# Where a span goes; None if nothing of it is left.
Shift = Callable[[Span], Span | None]


def inserted(at: int, count: int) -> Shift:
    """After `count` lines were inserted before index `at`: a span grows only if they came between its lines."""

    def shift(span: Span) -> Span:
        first, end = span
        return first + count * (first >= at), None if end is None else end + count * (end > at)

    return shift


def deleted(at: int, count: int) -> Shift:
    """After `count` lines from index `at` on were deleted."""

    def closed_up(index: int) -> int:
        return index - min(count, max(0, index - at))

    def shift(span: Span) -> Span | None:
        first, end = span
        if end is None:
            return closed_up(first), None
        return (closed_up(first), closed_up(end)) if closed_up(first) < closed_up(end) else None

    return shift


def moved(start: int, count: int, to: int) -> Shift:
    """After lines were moved before index `to`, counted before they were taken out.

    A span inside of what was moved goes along; any other behaves as if they had been deleted and inserted.
    """
    end = start + count
    place = to if to <= start else max(start, to - count)

    def shift(span: Span) -> Span | None:
        first, stop = span
        if stop is not None and start <= first and stop <= end:
            return first + place - start, stop + place - start
        left = deleted(start, count)(span)
        return inserted(place, count)(left) if left else None

    return shift
