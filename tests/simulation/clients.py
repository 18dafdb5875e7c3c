"""The people who use the desk: what they asked, what they were answered, and the history that makes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

from history import LEAVING, NEVER, Event, Moment, Operation, Outcome, Thing

from bot.errors import NotEnough, NotYours, OverLimit, RequestConflict
from bot.models.proxy import Proxy
from bot.models.results import Failure
from bot.services.proxy_service import ProxyService

Key = str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client was told: what is theirs (or free again) now, what failed, and the request's number.

    `pending`: the sheet did not show it yet, so that it may still be replaced.
    """

    things: tuple[Thing, ...] = ()
    failures: tuple[object, ...] = ()
    number: int = 0
    refusal: str = ""
    until: float = inf
    pending: bool = field(default=False, compare=False)


Work = Callable[[ProxyService], Coroutine[Any, Any, Answer]]


@dataclass(slots=True, eq=False)
class Op:
    """One request, however often it is sent. `wanted`: how many things at most; `targets`: which, where known.

    `to`: the colleague that something is handed over to.
    """

    key: Key
    client: int
    operation: Operation
    resource: str
    work: Work
    called: Moment
    wanted: int = 0
    targets: Sequence[Thing] = ()
    conflicting: Work | None = None
    answer: Answer | None = None
    answered: Moment = NEVER
    under_way: int = 0
    lost: bool = False
    to: int = 0

    @property
    def outcome(self) -> Outcome:
        """What the client knows."""
        if self.answer is not None:
            return Outcome.FAIL if self.answer.refusal else Outcome.OK
        return Outcome.UNKNOWN if self.under_way or self.lost else Outcome.FAIL

    def ended(self, attempt: asyncio.Task[None]) -> None:
        """One sending has come to its end: with an answer, an error, or the end of the process."""
        self.under_way -= 1
        self.lost = self.lost or attempt.cancelled()

    def events(self) -> list[Event]:
        """The request as the checker reads it."""
        if self.operation is Operation.TRANSFER:
            return [event for thing in self.targets for event in self._handed_over(thing)]
        if self.operation is Operation.REPLACE:
            return self._replaced()
        got = [] if self.answer is None else [self._event(Outcome.OK, thing) for thing in self.answer.things]
        if self.outcome is Outcome.OK and self.operation in LEAVING:
            return got
        rest = Outcome.FAIL if self.outcome is Outcome.OK else self.outcome
        return [*got, *(self._event(rest, thing) for thing in self.targets or [("", self.resource)])]

    def _handed_over(self, thing: Thing) -> list[Event]:
        left = replace(self._event(self.outcome, thing), operation=Operation.RELEASE)
        return [left, replace(left, operation=Operation.TAKE, client=self.to, given=True)]

    def _replaced(self) -> list[Event]:
        """Another was got, and the old one is marked, unless the client had it no more by then."""
        got = () if self.answer is None else self.answer.things
        none = self.outcome if self.answer is None else Outcome.FAIL
        taken = [self._event(Outcome.OK, thing) for thing in got]
        taken = taken or [self._event(none, ("", self.resource))]
        marked = Outcome.UNKNOWN if got else none
        return [
            *(replace(each, operation=Operation.TAKE) for each in taken),
            *(replace(self._event(marked, each), operation=Operation.REPORT) for each in self.targets),
        ]

    def _event(self, outcome: Outcome, thing: Thing) -> Event:
        until = self.answer.until if self.answer else inf
        return Event(
            self.called, self.answered, self.client, self.operation, outcome, thing[1], thing[0], until
        )


@dataclass(slots=True)
class Record:
    """Everything that was asked so far, what `held_by` showed, and promises that were broken at once."""

    ops: list[Op] = field(default_factory=list)
    looks: list[Event] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def history(self) -> list[Event]:
        """For the checker."""
        asked = [event for op in self.ops for event in op.events()]
        return [*asked, *self.looks, *self._freed_with(asked)]

    def _freed_with(self, asked: Sequence[Event]) -> Iterator[Event]:
        """Whoever is handed a thing whose entry a person has deleted may lose it like the one who had it."""
        deleted = [event for event in self.looks if event.operation is Operation.RELEASE]
        for got in asked:
            if got.given and got.outcome is Outcome.OK:
                for event in deleted:
                    same = (event.proxy, event.resource) == (got.proxy, got.resource)
                    if same and event.called < got.answered:
                        yield replace(event, client=got.client, called=got.answered)

    def accept(self, op: Op, answer: Answer, now: Moment) -> None:
        """An answer came: the first one counts, every other must be the same."""
        if op.answer is None:
            op.answer, op.answered = answer, now
            if len(answer.things) + len(answer.failures) > op.wanted:
                self.broken.append(f"{op.key} asked for {op.wanted} and was answered {answer}")
        elif op.answer != answer and not op.answer.pending:
            self.broken.append(f"{op.key} was answered {op.answer} and then {answer}")


def issue(client: int, resource: str, count: int, key: Key) -> Work:
    """Take the best `count`."""

    async def work(service: ProxyService) -> Answer:
        try:
            issued = await service.issue(
                resource, count, client, name=shown(client), request_key=key, new_resource=True
            )
        except (NotEnough, OverLimit) as refused:
            return Answer(refusal=str(refused))
        things = tuple(sorted((address(proxy), resource) for proxy in issued.proxies))
        return Answer(things, _told(issued.failures), issued.receipt.request, pending=issued.pending)

    return work


def take(client: int, resource: str, rows: Sequence[int], key: Key) -> Work:
    """Take exactly these rows."""

    async def work(service: ProxyService) -> Answer:
        taken, failed = await service.take_proxies_batch(
            rows, resource, client, request_id=key, name=shown(client)
        )
        pending = any(held.pending for held in await service.held_by(client))
        things = tuple(sorted((address(proxy), resource) for proxy in taken))
        return Answer(things, tuple(failed), pending=pending)

    return work


def reserve(client: int, resource: str, rows: Sequence[int]) -> Work:
    """Keep these rows for a while."""

    async def work(service: ProxyService) -> Answer:
        kept = await service.reserve_proxies(rows, resource, client, name=shown(client))
        things = tuple(sorted((address(proxy), resource) for proxy in kept.proxies))
        return Answer(things, _told(kept.failures), until=kept.expires_at)

    return work


def give_back(client: int, holdings: dict[str, Thing], key: Key) -> Work:
    """Free these allocations (by id)."""

    async def work(service: ProxyService) -> Answer:
        try:
            returned = await service.give_back(list(holdings), client, request_key=key)
        except NotYours:
            return Answer(refusal="not yours")
        things = tuple(sorted(holdings[each] for each in returned.released))
        return Answer(things, _told(returned.failures), returned.receipt.request)

    return work


def cancel(client: int) -> Work:
    """Drop every reservation."""

    async def work(service: ProxyService) -> Answer:
        await service.cancel_all_reservations(client)
        return Answer()

    return work


def refused_as_conflict(work: Work) -> Work:
    """The same key with other parameters: says whether that was refused as it must be."""

    async def attempt(service: ProxyService) -> Answer:
        try:
            await work(service)
        except RequestConflict:
            return Answer(refusal="conflict")
        return Answer()

    return attempt


def address(proxy: Proxy) -> str:
    """A proxy as a person tells it from others."""
    return proxy.endpoint.address


def shown(client: int) -> str:
    """A client's name in the sheet."""
    return f"@client{client}"


def _told(failures: Sequence[Failure]) -> tuple[object, ...]:
    return tuple((failure.row, str(failure.reason)) for failure in failures)
