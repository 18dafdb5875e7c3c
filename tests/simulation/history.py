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
    """TAKE and RELEASE of one proxy, RESERVE until a moment, CANCEL of all reservations, LOOK at what one holds."""

    TAKE = "take"
    RELEASE = "release"
    RESERVE = "reserve"
    CANCEL = "cancel"
    LOOK = "look"


_EFFECT = {Operation.TAKE: 1, Operation.RELEASE: -1}


@dataclass(frozen=True, slots=True)
class Event:
    """One call. `proxy` is empty where the caller does not know (yet) which; `answered` is NEVER while it is open.

    `until`: the end of a reservation, in seconds. `seen`: what a LOOK showed.
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
    return [*_shared(spans), *_contradicted(history, spans)]


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
    given_back = event.operation is Operation.RELEASE and event.outcome is not Outcome.FAIL and same
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
