"""Judges a history of calls, knowing nothing of the bot: was any proxy ever two users' for one resource?

A call is known by when it was made and when it was answered, as in Jepsen's histories: what it did, it did at some
moment between the two. Whoever was told "yours" holds the proxy at least from that answer until they call to give
it back; such certain spans must never overlap. A call without an answer may have done its work at any time, or
never: it is evidence for nothing. Each (proxy, resource) is judged apart, which is what makes this fast.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

Moment = tuple[float, int]  # seconds, and a count that orders what happens within the same instant
Thing = tuple[str, str]  # proxy, resource

NEVER: Moment = (inf, 0)


class Outcome(StrEnum):
    """What the caller knows: it was done, it was not done, or neither."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Operation(StrEnum):
    """TAKE and RELEASE of one proxy, RESERVE until a moment, CANCEL of all reservations, LOOK at what one holds.

    SPEND and REPORT end a holding so that nobody gets the thing again until it is REVIVEd. What REPLACE and
    TRANSFER do is told as what it comes to: a REPORT or RELEASE, and a TAKE.
    """

    TAKE = "take"
    RELEASE = "release"
    RESERVE = "reserve"
    CANCEL = "cancel"
    LOOK = "look"
    SPEND = "spend"
    REPORT = "report"
    REPLACE = "replace"
    TRANSFER = "transfer"
    REVIVE = "revive"


MARKS = frozenset({Operation.SPEND, Operation.REPORT})
LEAVING = MARKS | {Operation.RELEASE}
_EFFECT = {Operation.TAKE: 1, **dict.fromkeys(LEAVING, -1)}


@dataclass(frozen=True, slots=True)
class Event:
    """One call. `proxy` is empty where the caller does not know (yet) which; `answered` is NEVER while it is open.

    `until`: the end of a reservation, in seconds. `seen`: what a LOOK showed. `given`: got from a colleague.
    """

    called: Moment
    answered: Moment
    client: int
    operation: Operation
    outcome: Outcome
    resource: str = ""
    proxy: str = ""
    until: float = inf
    seen: frozenset[Thing] = frozenset()
    given: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which the client certainly had the thing."""

    start: Moment
    end: Moment
    client: int
    thing: Thing
    operation: Operation

    def covers(self, event: Event) -> bool:
        """Whether it lasted from before the call until after the answer."""
        return self.start <= event.called and event.answered <= self.end


def violations(history: Sequence[Event]) -> list[str]:
    """Everything in the history that cannot have come from a desk that keeps its promises, a line each."""
    spans = certain_spans(history)
    return [*_shared(spans), *_contradicted(history, spans), *_got_though_marked(history)]


def certain_spans(history: Sequence[Event]) -> list[Span]:
    """What was certainly whose, and when; in order of time."""
    spans = []
    for event in history:
        if event.outcome is Outcome.OK and event.operation in {Operation.TAKE, Operation.RESERVE}:
            end = min(_ends(event, history), default=NEVER)
            if event.answered < end:
                thing = (event.proxy, event.resource)
                spans.append(Span(event.answered, end, event.client, thing, event.operation))
    return sorted(spans, key=lambda span: span.start)


def unexplained(history: Sequence[Event], held: Iterable[tuple[int, Thing]]) -> list[str]:
    """What clients hold at the end of a history that is settled and should not, and the other way round.

    Who took a thing more often than they gave it back holds it (an answer that comes after a crash need not tell
    of what was given back meanwhile). Calls without an answer explain anything.
    """
    held, balance, doubtful = set(held), Counter[tuple[int, Thing]](), set[tuple[int, Thing]]()
    for event in sorted(history, key=lambda event: event.called):
        thing = (event.proxy, event.resource)
        if event.operation in _EFFECT and event.outcome is Outcome.OK:
            balance[event.client, thing] = max(0, balance[event.client, thing] + _EFFECT[event.operation])
        elif event.operation in _EFFECT and event.outcome is Outcome.UNKNOWN:
            doubtful.add((event.client, thing))
    return [
        f"{_named(*one)} at the end, though never got"
        if one in held
        else f"{_named(*one)} no more at the end, though never given back"
        for one in sorted(held | balance.keys())
        if (balance[one] > 0) != (one in held) and doubtful.isdisjoint([one, (one[0], ("", one[1][1]))])
    ]


def mismarked(history: Sequence[Event], marked: Iterable[Thing]) -> list[str]:
    """What is marked at the end of a settled history though nobody did so, and the other way round."""
    marked, wrong = set(marked), []
    marks = [event for event in history if event.operation in MARKS]
    for mark in marks:
        thing = (mark.proxy, mark.resource)
        if mark.outcome is Outcome.OK and thing not in marked and not _is_lifted(mark, NEVER, history):
            wrong.append(f"{thing[0]} for {thing[1]} is not marked any more, though nobody has lifted that")
    possible = {(mark.proxy, mark.resource) for mark in marks if mark.outcome is not Outcome.FAIL}
    return [
        *wrong,
        *(f"{one[0]} for {one[1]} is marked, and nobody did" for one in sorted(marked - possible)),
    ]


def _got_though_marked(history: Sequence[Event]) -> Iterator[str]:
    """What was asked for after it had been used up, or after it was known not to work, cannot be got."""
    got = [
        event for event in history if event.operation in {Operation.TAKE, Operation.RESERVE} and event.proxy
    ]
    for mark in history:
        if mark.operation not in MARKS or mark.outcome is not Outcome.OK:
            continue
        for event in got:
            hit = event.resource == mark.resource or mark.operation is Operation.REPORT
            late = event.outcome is Outcome.OK and event.called > mark.answered and not event.given
            if hit and late and event.proxy == mark.proxy and not _is_lifted(mark, event.answered, history):
                yield f"{event.proxy} for {event.resource} was got by {event.client}, after a {mark.operation}"


def _is_lifted(mark: Event, before: Moment, history: Sequence[Event]) -> bool:
    """Whether an admin may have revived it by then, or a person have deleted its entry (whoever had it)."""
    for event in history:
        same = (event.proxy, event.resource) == (mark.proxy, mark.resource) and event.called < before
        revived = event.operation is Operation.REVIVE and event.outcome is not Outcome.FAIL
        deleted = event.operation is Operation.RELEASE and event.outcome is Outcome.UNKNOWN
        if same and (deleted or (revived and event.answered > mark.called)):
            return True
    return False


def _ends(begun: Event, history: Sequence[Event]) -> Iterator[Moment]:
    """Moments after which the thing may be another's."""
    if begun.operation is Operation.RESERVE:
        yield (begun.until, -1)
    for event in history:
        if event.client == begun.client and _may_end(event, begun):
            yield event.called


def _may_end(event: Event, begun: Event) -> bool:
    same = event.resource == begun.resource and event.proxy in {"", begun.proxy}
    if begun.operation is Operation.RESERVE:
        used = event.operation is Operation.CANCEL or (event.operation is Operation.TAKE and same)
        return used and event.answered > begun.called
    given_back = event.operation in LEAVING and event.outcome is not Outcome.FAIL and same
    return given_back and event.called > begun.called


def _shared(spans: Sequence[Span]) -> Iterator[str]:
    last: dict[Thing, Span] = {}
    for span in spans:
        former = last.get(span.thing)
        if former is not None and span.start < former.end:
            yield f"{_named(span.client, span.thing)} at {span.start}, and client {former.client}'s until {former.end}"
        if former is None or former.end < span.end:
            last[span.thing] = span


def _contradicted(history: Sequence[Event], spans: Sequence[Span]) -> Iterator[str]:
    """Looks that show another's thing, or do not show one's own."""
    for look in history:
        if look.operation is not Operation.LOOK:
            continue
        for span in spans:
            if not span.covers(look):
                continue
            if span.client != look.client and span.thing in look.seen:
                yield f"{_named(look.client, span.thing)} by a look at {look.called}, but client {span.client} has it"
            if (
                span.client == look.client
                and span.operation is Operation.TAKE
                and span.thing not in look.seen
            ):
                yield f"{_named(span.client, span.thing)} since {span.start}, but not by a look at {look.called}"


def _named(client: int, thing: Thing) -> str:
    return f"{thing[0]} for {thing[1]} is client {client}'s"
