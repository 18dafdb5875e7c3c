"""Alerts: what people want to be told of prices, looked at by one job with one question a series."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

import structlog

from bot.errors import AlreadyThere, QuartermasterError, UnknownAlert
from bot.models.alert import (
    MOST_ACTIVE,
    Alert,
    AlertWish,
    Change,
    Listed,
    NewAlert,
    Quote,
    Span,
    change_between,
    evaluate,
    is_beyond,
    slack_of,
    snoozed,
)
from bot.models.lookup import Aged
from bot.models.price import Point
from bot.resilience.clock import Clock
from bot.resilience.deadline import deadline

log = structlog.get_logger(__name__)

Note = Callable[[str, Decimal, float], Awaitable[object]]

AT_ONCE = 4
PATIENCE = 20.0  # beyond the sources' own time-outs: one that hangs must not hold up the others for ever
FRESH = 300.0
A_ROUND = 500  # changes in one transaction
SNOOZE = 3_600.0
KEPT = 30 * 86_400.0


class Prices(Protocol):
    """What metals and coins cost."""

    async def price(self, series: str) -> Aged[Decimal]:
        """Of XAU, BTC …; raises PeerError, UnknownSymbol."""


class PastPrices(Protocol):
    """What they did cost."""

    async def of_then(self, wanted: Collection[Span], now: float) -> Mapping[Span, Point]:
        """Of each series the price of so many seconds before `now`; those that are not known are left out."""


class AlertStore(Protocol):
    """Where alerts are kept. `watched`: series and seconds of changes; `within_reach`: all that prices may change."""

    async def add(self, alert: Alert, request_key: str, limit: int) -> Alert: ...
    async def set_by(self, request_key: str) -> Alert | None: ...
    async def watched(self) -> Collection[tuple[str, int | None]]: ...
    async def within_reach(self, prices: Mapping[str, Decimal], now: float) -> Sequence[Alert]: ...
    async def active_of(self, user_id: int) -> list[Alert]: ...
    async def change(
        self, user_id: int, alert_id: int, turned: Callable[[Alert], Alert], limit: int
    ) -> Alert: ...
    async def apply(self, changes: Sequence[Change], now: float) -> list[Change]: ...
    async def forget(self, before: float) -> int: ...


class Alerts:
    """Answers for one user at a time, and looks at everybody's alerts at each tick.

    `told` is called when notices were written, `note` with the prices that changes are measured from later. A price
    that is stale, or not to be had, changes nothing.
    """

    def __init__(
        self,
        store: AlertStore,
        prices: Prices,
        past: PastPrices,
        note: Note,
        clock: Clock,
        told: Callable[[], None],
        *,
        limit: int = MOST_ACTIVE,
        at_once: int = AT_ONCE,
    ) -> None:
        self._store = store
        self._prices = prices
        self._past = past
        self._note = note
        self._clock = clock
        self._told = told
        self._limit = limit
        self._at_once = at_once
        self._seen: dict[str, Quote] = {}
        self._failing: set[str] = set()

    async def create(self, user_id: int, wish: AlertWish, request_key: str) -> NewAlert:
        """Set an alert; the same key sets one only once.

        Raises AlreadyThere, TooManyAlerts, RequestConflict; UnknownSymbol or PeerError where nobody knows the series.
        """
        if await self.known(request_key):
            made = _made(user_id, wish, None, self._clock.time())
            return NewAlert(await self._store.add(made, request_key, self._limit))
        quote = _usable(await self._prices.price(wish.series), self._clock.time())
        before = await self._then(wish, quote)
        if quote is not None:
            self._seen[wish.series] = quote
            if is_beyond(wish, quote.price, before):
                raise _already(wish, quote, before)
        now = self._clock.time()
        alert = await self._store.add(_made(user_id, wish, quote, now), request_key, self._limit)
        if wish.seconds is None or before is not None:
            return NewAlert(alert, quote)
        return NewAlert(alert, quote, now + wish.seconds - slack_of(wish.seconds))

    async def known(self, request_key: str) -> bool:
        """Whether a request with that key has set an alert."""
        return await self._store.set_by(request_key) is not None

    async def listed(self, user_id: int) -> Listed:
        """The active ones of a person."""
        found = tuple(await self._store.active_of(user_id))
        quotes = {alert.series: self._seen[alert.series] for alert in found if alert.series in self._seen}
        return Listed(found, quotes)

    async def snooze(self, user_id: int, alert_id: int, seconds: float = SNOOZE) -> Alert:
        """Say nothing of it for a while, and after that as if it had not fired. Raises UnknownAlert, TooManyAlerts."""
        until = self._clock.time() + seconds
        alert = await self._change(user_id, alert_id, lambda alert: snoozed(alert, until))
        if alert.ended_at is not None:
            raise UnknownAlert
        return alert

    async def set_repeats(self, user_id: int, alert_id: int, repeats: bool) -> Alert:
        """Whether it fires again and again. Raises UnknownAlert."""
        return await self._change(user_id, alert_id, lambda alert: replace(alert, repeats=repeats))

    async def delete(self, user_id: int, alert_id: int) -> Alert:
        """End it, or leave it as it has ended. Raises UnknownAlert where it is not theirs."""
        now = self._clock.time()
        return await self._change(
            user_id, alert_id, lambda alert: replace(alert, ended_at=alert.ended_at or now)
        )

    async def tick(self) -> int:
        """Look at every active alert once; returns how many said something. Raises StorageError."""
        watched = await self._store.watched()
        quotes = await self._quotes(sorted({series for series, _ in watched}))
        past = await self._measured(watched, quotes)
        now = self._clock.time()
        near = await self._store.within_reach({name: each.price for name, each in quotes.items()}, now)
        changes = evaluate(near, quotes, past, now)
        said = 0
        for start in range(0, len(changes), A_ROUND):
            made = await self._store.apply(changes[start : start + A_ROUND], now)
            said += sum(change.notice is not None for change in made)
            if said:
                self._told()
        return said

    async def forget(self) -> int:
        """Delete alerts that ended a month ago; returns how many."""
        return await self._store.forget(self._clock.time() - KEPT)

    async def _change(self, user_id: int, alert_id: int, turned: Callable[[Alert], Alert]) -> Alert:
        return await self._store.change(user_id, alert_id, turned, self._limit)

    async def _quotes(self, series: Sequence[str]) -> dict[str, Quote]:
        """What each costs, a few at once; those that nobody tells are not among them."""
        turn = asyncio.Semaphore(self._at_once)

        async def one(name: str) -> Quote | None:
            async with turn:
                return await self._quote(name)

        found = await asyncio.gather(*map(one, series))
        quotes = {name: quote for name, quote in zip(series, found, strict=True) if quote is not None}
        self._seen = {name: self._seen[name] for name in series if name in self._seen} | quotes
        return quotes

    async def _quote(self, series: str) -> Quote | None:
        """Logged once when it fails, and once when it does not any more."""
        try:
            async with deadline(self._clock, PATIENCE):
                quote = _usable(await self._prices.price(series), self._clock.time())
        except (QuartermasterError, TimeoutError) as error:
            quote, reason = None, type(error).__name__
        else:
            reason = "stale"
        if quote is None and series not in self._failing:
            self._failing.add(series)
            log.warning("no price for alerts", series=series, reason=reason)
        elif quote is not None and series in self._failing:
            self._failing.discard(series)
            log.info("prices for alerts again", series=series)
        return quote

    async def _measured(
        self, watched: Iterable[tuple[str, int | None]], quotes: Mapping[str, Quote]
    ) -> Mapping[Span, Point]:
        """The prices that changes are measured from; those of now are noted for later."""
        spans = {(series, seconds) for series, seconds in watched if seconds is not None and series in quotes}
        noted = {series: quotes[series] for series, _ in spans}
        await asyncio.gather(*(self._note(series, each.price, each.at) for series, each in noted.items()))
        return await self._past.of_then(spans, self._clock.time()) if spans else {}

    async def _then(self, wish: AlertWish, quote: Quote | None) -> Point | None:
        """What a change is measured from; the price of now is noted for later."""
        if wish.seconds is None:
            return None
        if quote is not None:
            await self._note(wish.series, quote.price, quote.at)
        span = (wish.series, wish.seconds)
        return (await self._past.of_then({span}, self._clock.time())).get(span)


def _usable(found: Aged[Decimal], now: float) -> Quote | None:
    """A price that may decide something; None for one that is old or impossible."""
    quote = Quote(found.value, found.source, now - found.age)
    return quote if not found.stale and found.age <= FRESH and quote.is_possible else None


def _already(wish: AlertWish, quote: Quote, before: Point | None) -> AlreadyThere:
    found = quote.price if before is None else change_between(before.price, quote.price)
    return AlreadyThere(wish.series, wish.kind, found, quote.source, wish.seconds)


def _made(user_id: int, wish: AlertWish, quote: Quote | None, now: float) -> Alert:
    return Alert(
        0,
        user_id,
        wish.series,
        wish.kind,
        wish.target,
        wish.seconds,
        wish.repeats,
        now,
        set_at_price=quote.price if quote else None,
        expires_at=now + wish.lasts if wish.lasts is not None else None,
    )
