"""The list of coins that several sources know, merged, kept for an hour and over restarts; and single prices of it."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol, TypeVar

import structlog

from bot.errors import PeerError, PeerUnavailable, StorageError, UnknownSymbol
from bot.models.lookup import Aged
from bot.models.price import Coin
from bot.models.screen_query import Bound, Order, chosen
from bot.models.screening import (
    Listed,
    Screen,
    Screening,
    SourceNote,
    checked,
    is_jump,
    merge,
    prices_of,
    trouble_of,
)
from bot.resilience.cache import AsyncCache, CacheFigures, Entry, LoadEnded
from bot.resilience.clock import Clock
from bot.resilience.cooldown import Cooldown
from bot.resilience.several import Several, ask_all
from bot.resilience.slots import resting
from bot.resilience.tasks import Supervisor
from bot.services.fetching import Fetch
from bot.services.price_sources import CoinSource

V = TypeVar("V")

log = structlog.get_logger(__name__)

PEER = "the price sources"
ALL = "all"
PARTIAL_FOR = 300.0  # seconds after which a list without all sources is made anew
LATELY = 10.0  # seconds in which a list is as good as a new one
AHEAD = 0.8  # of its time: then the list is made anew before somebody has to wait for it
CLOCKS_DIFFER = 10.0
KEPT = 24 * 3600.0
COOL_DOWN = 30.0
REMEMBERED = 6 * 3600.0  # how long a price counts against a jump
PRICE_TTL = 30.0
STALE_AFTER = 900.0  # by the time that a source gives

LEEWAY = 3.0  # seconds that a source's own way is given beyond the time-out of a call, to wait for its turn

Index = Mapping[str, Sequence[Coin]]


def patience(timeout: float) -> float:
    """How long a source is waited for whose calls may take `timeout` seconds."""
    return timeout + LEEWAY


class Keeper(Protocol):
    """Keeps the last list over restarts."""

    async def load(self) -> Screening | None:
        """What was kept; None where there is nothing that can be read."""

    async def save(self, screening: Screening) -> None:
        """Keep it in place of the former one; raises StorageError."""


class Screener:
    """All coins of all sources, which are asked at once, each for `patience` seconds at most.

    Who fails is left out and named in the list. Raises PeerUnavailable where no source answers, nor has in a day.
    """

    def __init__(
        self,
        sources: Sequence[CoinSource],
        keeper: Keeper,
        clock: Clock,
        supervisor: Supervisor,
        *,
        ttl: float = 3600.0,
        patience: float = 10.0,
        lately: float = LATELY,
    ) -> None:
        """`sources` in order of preference; the list is kept for `ttl` seconds, and not refreshed within `lately`."""
        self._sources = {source.name: source for source in sources}
        self._keeper = keeper
        self._clock = clock
        self._supervisor = supervisor
        self._ttl = ttl
        self._patience = patience
        self._lately = lately
        self._fetch = Fetch(clock, patience)
        self._refreshed = Cooldown(clock, COOL_DOWN)
        self._said: dict[tuple[str, str], tuple[float, Sequence[Decimal]]] = {}
        self._restored = False
        self._latest: Screening | None = None
        self._lists: AsyncCache[str, Screening] = AsyncCache(
            clock, supervisor=supervisor, ttl=ttl, size=1, keep=KEPT, name="screener"
        )
        self._coins: AsyncCache[str, Index] = AsyncCache(
            clock, supervisor=supervisor, ttl=PRICE_TTL, size=10, keep=0.0, name="coin prices"
        )

    async def top(
        self, order: Order, count: int, bounds: Sequence[Bound] = (), refresh: bool = False
    ) -> Screen:
        """The first `count` coins within the bounds; `refresh`: of a list not older than some seconds."""
        entry = await self._listing(refresh=refresh)
        screening = entry.value
        rows = chosen(screening.rows, order, bounds)
        return Screen(tuple(rows[:count]), screening.sources, screening.at, len(rows), entry.stale)

    def may_refresh(self, user_id: int) -> bool:
        """Whether the person may have a new list made; False within 30 s of their last one."""
        return self._refreshed.first(user_id)

    async def price(self, symbol: str) -> Aged[Decimal]:
        """What a coin of the list costs, asked for within the last 30 s.

        The first of its own sources that answers decides: others may mean another coin. `stale`: by the source's own
        time the price is older than 15 minutes. Raises UnknownSymbol, PeerError.
        """
        listed = await self._listed(symbol.strip().upper())
        trouble: PeerError = PeerUnavailable(PEER, f"no usable price of {listed.symbol}")
        for name in (each for each in self._sources if each in listed.sources):
            try:
                index = await self._index(name)
            except PeerError as error:
                trouble = error
                continue
            if (coin := self._same(listed, name, index)) is not None:
                age = max(0.0, self._clock.time() - coin.at)
                return Aged(coin.price, name, age, stale=age > STALE_AFTER)
        raise trouble

    async def warm(self) -> None:
        """Have a new list before the old one's time is over; nobody waits for it. Raises PeerUnavailable."""
        held = self._lists.peek(ALL)
        if held is None:
            await self._listing()
        elif self._is_due(held, self._ttl * AHEAD):
            self._lists.put(ALL, await self._ask())

    def caches(self) -> dict[str, CacheFigures]:
        """How the caches are doing, by name."""
        return {"screener": self._lists.figures(), "coin prices": self._coins.figures()}

    async def _listing(self, *, refresh: bool = False) -> Entry[Screening]:
        held = self._lists.peek(ALL)
        if held is not None and self._is_due(held, self._lately if refresh else self._ttl):
            self._lists.expire(ALL)
        entry = await _loaded(self._lists, ALL, lambda: self._load(anew=refresh), stale_on=(PeerUnavailable,))
        if entry.stale and self._clock.time() - entry.value.at >= KEPT:
            raise PeerUnavailable(PEER, "none has answered for a day")
        return entry

    def _is_due(self, screening: Screening, lasts: float) -> bool:
        age = self._clock.time() - screening.at
        return age >= lasts or (screening.is_partial and age >= PARTIAL_FOR)

    async def _load(self, *, anew: bool) -> Screening:
        """What a former process has kept, while that is young; else a new list."""
        await self._restore()
        if self._latest is not None and not self._is_due(self._latest, self._lately if anew else self._ttl):
            return self._latest
        try:
            return await self._ask()
        except PeerUnavailable:
            if self._latest is not None:
                self._lists.put(ALL, self._latest)
                self._lists.expire(ALL)
            raise

    async def _ask(self) -> Screening:
        answers = await ask_all(
            {name: source.coins for name, source in self._sources.items()},
            self._clock,
            deadline=self._patience,
            supervisor=self._supervisor,
        )
        screening = self._merged(answers)
        if not screening.rows:
            raise PeerUnavailable(PEER, "none has answered with prices")
        self._latest = screening
        await self._save(screening)
        return screening

    async def _restore(self) -> None:
        """Once: take what a former process has kept, if it is neither a day old nor from the future."""
        if self._restored:
            return
        kept = await self._keeper.load()
        self._restored = True
        if kept is not None and -CLOCKS_DIFFER < self._clock.time() - kept.at < KEPT:
            self._latest = kept
            self._remember(kept.rows, kept.at)

    async def _save(self, screening: Screening) -> None:
        try:
            await self._keeper.save(screening)
        except StorageError as error:
            log.warning("the list of coins was not kept", error=str(error))

    def _merged(self, answers: Several[Sequence[Coin]]) -> Screening:
        now = self._clock.time()
        for name, error in answers.failed.items():
            if not isinstance(error, PeerError | TimeoutError):
                log.error("source failed", source=name, exc_info=error)
        for name, coins in answers.worked.items():
            self._coins.put(name, _indexed(name, coins))
        rows = merge(answers.worked.items(), self._before())
        self._remember(rows, now)
        return Screening(rows, tuple(self._note(name, answers) for name in self._sources), now)

    def _note(self, name: str, answers: Several[Sequence[Coin]]) -> SourceNote:
        if name in answers.worked:
            return SourceNote(name, len(answers.worked[name]))
        return SourceNote(name, trouble=trouble_of(answers.failed[name]))

    def _before(self) -> dict[tuple[str, str], Sequence[Decimal]]:
        since = self._clock.time() - REMEMBERED
        self._said = {key: said for key, said in self._said.items() if said[0] > since}
        return {key: prices for key, (_, prices) in self._said.items()}

    def _remember(self, rows: Sequence[Listed], at: float) -> None:
        self._said |= {key: (at, prices) for key, prices in prices_of(rows).items()}

    async def _listed(self, symbol: str) -> Listed:
        screening = self._latest or (await self._listing()).value
        listed = screening.find(symbol)
        if listed is None:
            known = [row.symbol for row in screening.rows]
            raise UnknownSymbol(symbol, tuple(difflib.get_close_matches(symbol, known, n=3)))
        return listed

    async def _index(self, name: str) -> Index:
        async def load() -> Index:
            return _indexed(name, await self._fetch.asked(name, self._sources[name].coins))

        return (await _loaded(self._coins, name, load)).value

    def _same(self, listed: Listed, name: str, index: Index) -> Coin | None:
        """The coin that is meant, among those of one source with that symbol: the nearest to the listed price."""
        key = name, listed.ticker
        _, said = self._said.get(key, (0.0, ()))
        sound = [coin for coin in index.get(listed.ticker, ()) if not is_jump(coin, {key: said})]
        return min(sound, key=lambda coin: abs(coin.price - listed.price), default=None)


async def _loaded(
    cache: AsyncCache[str, V],
    key: str,
    load: Callable[[], Awaitable[V]],
    stale_on: tuple[type[Exception], ...] = (),
) -> Entry[V]:
    try:
        async with resting():
            return await cache.get(key, load, stale_on=stale_on)
    except LoadEnded as error:
        raise PeerUnavailable(PEER, "the lookup was ended") from error


def _indexed(name: str, coins: Sequence[Coin]) -> Index:
    index: dict[str, list[Coin]] = {}
    for coin in coins:
        if (usable := checked(coin, name)) is not None:
            index.setdefault(usable.symbol, []).append(usable)
    return index
