"""The checker itself: it must refuse what no honest desk can have answered, and nothing else."""

from __future__ import annotations

from math import inf

import pytest
from history import NEVER, Event, Moment, Operation, Outcome, Thing, mismarked, unexplained, violations

OK, FAIL, UNKNOWN = Outcome.OK, Outcome.FAIL, Outcome.UNKNOWN
ANNA, BORIS = 1, 2
THING = ("10.0.0.1:8080", "beboo")


def call(
    client: int,
    operation: Operation,
    begin: float,
    end: float = inf,
    outcome: Outcome = OK,
    *,
    proxy: str = "10.0.0.1:8080",
    resource: str = "beboo",
    until: float = inf,
) -> Event:
    """A call from second `begin` to second `end`."""
    answered: Moment = (end, 0) if end < inf else NEVER
    return Event((begin, 0), answered, client, operation, outcome, resource, proxy, until)


def look(client: int, begin: float, end: float, *, shows: bool) -> Event:
    """A look at what the client holds."""
    seen = frozenset({THING} if shows else ())
    return Event((begin, 0), (end, 0), client, Operation.LOOK, OK, seen=seen)


def take(client: int, begin: float, end: float = inf, outcome: Outcome = OK, proxy: str = THING[0]) -> Event:
    """A take of the one proxy."""
    return call(client, Operation.TAKE, begin, end, outcome, proxy=proxy)


def give(client: int, begin: float, end: float = inf, outcome: Outcome = OK, proxy: str = THING[0]) -> Event:
    """Giving it back."""
    return call(client, Operation.RELEASE, begin, end, outcome, proxy=proxy)


def keep(client: int, begin: float, end: float, until: float) -> Event:
    """A reservation of it."""
    return call(client, Operation.RESERVE, begin, end, until=until)


def mark(
    client: int, begin: float, end: float, operation: Operation = Operation.SPEND, outcome: Outcome = OK
) -> Event:
    """It is used up, or does not work."""
    return call(client, operation, begin, end, outcome)


def revive(begin: float, end: float, outcome: Outcome = OK) -> Event:
    """An admin has it handed out again."""
    return call(ANNA, Operation.REVIVE, begin, end, outcome)


IMPOSSIBLE = {
    "got after it was used up": [take(ANNA, 0, 1), mark(ANNA, 2, 3), take(BORIS, 4, 5)],
    "reserved after it was used up": [take(ANNA, 0, 1), mark(ANNA, 2, 3), keep(BORIS, 4, 5, 300)],
    "got for another resource after it was reported": [
        take(ANNA, 0, 1),
        mark(ANNA, 2, 3, Operation.REPORT),
        call(BORIS, Operation.TAKE, 4, 5, resource="lentik"),
    ],
    "got though reviving it had failed": [
        take(ANNA, 0, 1),
        mark(ANNA, 2, 3),
        revive(4, 5, FAIL),
        take(BORIS, 6, 7),
    ],
    "two takes answered": [take(ANNA, 0, 1), take(BORIS, 2, 3)],
    "two takes at the same time": [take(ANNA, 0, 3), take(BORIS, 1, 2)],
    "the same client, twice": [take(ANNA, 0, 1), take(ANNA, 2, 3)],
    "taken before it was given back": [take(ANNA, 0, 1), take(BORIS, 2, 3), give(ANNA, 4, 5)],
    "taken though giving it back had failed": [take(ANNA, 0, 1), give(ANNA, 2, 3, FAIL), take(BORIS, 4, 5)],
    "reserved while held": [take(ANNA, 0, 1), keep(BORIS, 2, 3, 300)],
    "taken while reserved": [keep(ANNA, 0, 1, 300), take(BORIS, 2, 3)],
    "held for long, with others in between": [
        take(ANNA, 0, 1),
        keep(ANNA, 2, 3, 4),
        take(BORIS, 10, 11),
        give(ANNA, 20, 21),
    ],
    "seen by another": [take(ANNA, 0, 1), look(BORIS, 2, 3, shows=True)],
    "not seen by its holder": [take(ANNA, 0, 1), look(ANNA, 2, 3, shows=False)],
}

POSSIBLE = {
    "got after it was revived": [take(ANNA, 0, 1), mark(ANNA, 2, 3), revive(4, 5), take(BORIS, 6, 7)],
    "got after a person deleted the mark": [
        take(ANNA, 0, 1),
        mark(ANNA, 2, 3),
        give(ANNA, 4, outcome=UNKNOWN),
        take(BORIS, 6, 7),
    ],
    "used up, and got for another resource": [
        take(ANNA, 0, 1),
        mark(ANNA, 2, 3),
        call(BORIS, Operation.TAKE, 4, 5, resource="lentik"),
    ],
    "one after the other": [take(ANNA, 0, 1), give(ANNA, 2, 3), take(BORIS, 4, 5)],
    "taken while it is being given back": [take(ANNA, 0, 1), give(ANNA, 2, 9), take(BORIS, 4, 5)],
    "giving it back never answered": [take(ANNA, 0, 1), give(ANNA, 2, outcome=UNKNOWN), take(BORIS, 4, 5)],
    "a take never answered": [take(ANNA, 0, outcome=UNKNOWN, proxy=""), take(BORIS, 2, 3)],
    "a take that failed": [take(ANNA, 0, 1, FAIL), take(BORIS, 2, 3)],
    "a reservation that lapsed": [keep(ANNA, 0, 1, 300), take(BORIS, 301, 302)],
    "a reservation that was cancelled": [
        keep(ANNA, 0, 1, 300),
        call(ANNA, Operation.CANCEL, 2, 3, proxy="", resource=""),
        take(BORIS, 4, 5),
    ],
    "a reservation used by its holder": [keep(ANNA, 0, 1, 300), take(ANNA, 2, 3)],
    "another resource": [take(ANNA, 0, 1), call(BORIS, Operation.TAKE, 2, 3, resource="lentik")],
    "another proxy": [take(ANNA, 0, 1), take(BORIS, 2, 3, proxy="10.0.0.2:8080")],
    "a look while it is being taken": [take(ANNA, 0, 5), look(ANNA, 1, 2, shows=False)],
    "a look while it is being given back": [
        take(ANNA, 0, 1),
        give(ANNA, 2, 5),
        look(ANNA, 3, 4, shows=False),
    ],
}


@pytest.mark.parametrize("history", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_refuses(history: list[Event]) -> None:
    """What breaks the promise is told."""
    assert violations(history)


@pytest.mark.parametrize("history", POSSIBLE.values(), ids=POSSIBLE)
def test_accepts(history: list[Event]) -> None:
    """What an honest desk may have answered is no violation."""
    assert violations(history) == []


@pytest.mark.parametrize(
    ("history", "held", "wrong"),
    [
        ([take(ANNA, 0, 1)], [(ANNA, THING)], 0),
        ([take(ANNA, 0, 1)], [], 1),
        ([take(ANNA, 0, 1, FAIL)], [(ANNA, THING)], 1),
        ([], [(ANNA, THING)], 1),
        ([take(ANNA, 0, 1), give(ANNA, 2, 3)], [(ANNA, THING)], 1),
        ([take(ANNA, 0, 1), give(ANNA, 2, 3)], [], 0),
        ([take(ANNA, 0, 1), give(ANNA, 2, 3), take(ANNA, 4, 5)], [(ANNA, THING)], 0),
        ([take(ANNA, 0, outcome=UNKNOWN, proxy="")], [(ANNA, THING)], 0),
        ([take(ANNA, 0, outcome=UNKNOWN, proxy="")], [], 0),
        ([take(ANNA, 0, outcome=UNKNOWN, proxy="")], [(BORIS, THING)], 1),
        ([take(ANNA, 0, 1), give(ANNA, 2, 3, UNKNOWN)], [], 0),
        ([give(ANNA, 2, 3), take(ANNA, 4, 5)], [(ANNA, THING)], 0),
        ([take(ANNA, 0, 1), give(ANNA, 2, 3, UNKNOWN, proxy="10.0.0.2:8080")], [], 1),
    ],
)
def test_the_end_must_follow_from_the_answers(
    history: list[Event], held: list[tuple[int, tuple[str, str]]], wrong: int
) -> None:
    """Who took once more than they gave back holds it; calls without an answer explain either."""
    assert wrong == len(unexplained(history, held))


@pytest.mark.parametrize(
    ("history", "marked", "wrong"),
    [
        ([mark(ANNA, 0, 1)], [THING], 0),
        ([mark(ANNA, 0, 1)], [], 1),
        ([mark(ANNA, 0, 1), revive(2, 3)], [], 0),
        ([mark(ANNA, 0, 1, outcome=FAIL)], [THING], 1),
        ([mark(ANNA, 0, 1, outcome=UNKNOWN)], [THING], 0),
        ([], [THING], 1),
    ],
)
def test_what_is_marked_at_the_end_was_marked(history: list[Event], marked: list[Thing], wrong: int) -> None:
    """Marks stay until somebody lifts them, and come from nowhere else."""
    assert wrong == len(mismarked(history, marked))
