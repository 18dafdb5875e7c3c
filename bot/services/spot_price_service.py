"""What metals cost: the first source that works, checked, kept for a minute; the last good price where none does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Protocol

import structlog

from bot.errors import PeerError, PeerRefused, PeerUnavailable, StorageError
from bot.models.lookup import Aged
from bot.models.market_hours import closed_until, is_stale
from bot.models.price import Metal, Point, Spot
from bot.models.spot import SpotBoard, Verdict, judge, usable
from bot.resilience.cache import AsyncCache, CacheFigures, LoadEnded
from bot.resilience.clock import Clock
from bot.resilience.cooldown import Cooldown
from bot.resilience.deadline import deadline
from bot.resilience.slots import resting
from bot.resilience.tasks import Supervisor
from bot.services.price_sources import SpotSource

PEER = "price sources"
A_YARDSTICK = 3 * 86_400.0  # seconds for which the last good price says what a jump is
HURRY = 3.0  # seconds that people wait for a new price while there is one that is not old
TRY_AGAIN = 10.0  # seconds after all sources have failed
COOL_DOWN = 10.0  # seconds between two refreshes of the same person, and of all

log = structlog.get_logger(__name__)


class GoodPrices(Protocol):
    """Where the last good price of each metal outlives a restart."""

    async def spots(self) -> Sequence[Spot]:
        """All of them."""

    async def keep(self, spot: Spot) -> None:
        """This is the last good one from now on."""


class History(Protocol):
    """Where past prices are kept."""

    async def note(self, series: str, price: Decimal, at: float) -> None:
        """What it cost at that time."""

    async def points(self, series: str, since: float) -> Sequence[Point]:
        """Prices since then, the oldest first."""


class Admins(Protocol):
    """Who is told of what a person should look at."""

    def raise_(self, topic: str, matter: str) -> None:
        """It has begun, or goes on."""

    def clear(self, topic: str) -> None:
        """It is over."""


class SpotPrices:
    """Each price with its source and age, marked as stale after 15 minutes of trading. None is ever invented.

    A price that is no number above zero, or of another metal, counts as no answer; one that jumps by more than
    10 % needs a second source that says so within 2 %, else the last good one stays and admins are told.
    """

    def __init__(
        self,
        sources: Sequence[SpotSource],
        store: GoodPrices,
        history: History,
        admins: Admins,
        clock: Clock,
        supervisor: Supervisor,
        *,
        ttl: float = 60.0,
    ) -> None:
        """`sources`: in the order in which they are asked; `ttl`: seconds for which a price is not asked for anew."""
        self._sources = sources
        self._store = store
        self._history = history
        self._admins = admins
        self._clock = clock
        self._supervisor = supervisor
        self._good: dict[Metal, Spot] = {}
        self._by_person = Cooldown(clock, COOL_DOWN)
        self._by_all = Cooldown(clock, COOL_DOWN)
        self._cache: AsyncCache[Metal, Spot] = AsyncCache(
            clock, supervisor=supervisor, ttl=ttl, size=len(Metal), name="spot prices"
        )

    async def load(self) -> None:
        """Know the last good prices of a former process."""
        self._good = {spot.metal: spot for spot in await self._store.spots()} | self._good

    async def get(self, metal: Metal) -> Aged[Spot]:
        """What an ounce costs, as of at most a minute ago if a source works; else the last good price.

        Raises PeerUnavailable where there never was one.
        """
        try:
            return self._aged(await self._soon(metal))
        except (PeerUnavailable, TimeoutError) as error:
            last = self._good.get(metal)
            if last is None:
                raise PeerUnavailable(PEER, "no price so far") from error
            return self._aged(last)

    async def all(self) -> SpotBoard:
        """Every metal; one that cannot be had does not keep the others away."""
        async with resting():
            found = await asyncio.gather(*(self._or_error(metal) for metal in Metal))
        return SpotBoard(dict(zip(Metal, found, strict=True)), closed_until(self._clock.time()))

    def again(self, user_id: int) -> bool:
        """Have all of them asked for anew by whoever looks next; False where that person has just done so."""
        if not self._by_person.first(user_id):
            return False
        if self._by_all.first("all"):
            for metal in Metal:
                self._cache.expire(metal)
        return True

    async def refresh(self) -> None:
        """Ask for all of them now, so that nobody has to wait: the job. A source that fails is no error of it."""
        for metal in Metal:
            self._cache.expire(metal)
        await asyncio.gather(*(self._or_none(metal) for metal in Metal))

    async def points(self, series: str, since: float) -> Sequence[Point]:
        """Past prices of a series (XAU …) since then, the oldest first. Raises StorageError."""
        return await self._history.points(series, since)

    def caches(self) -> dict[str, CacheFigures]:
        """How the cache is doing, by name."""
        return {"spot prices": self._cache.figures()}

    async def _or_error(self, metal: Metal) -> Aged[Spot] | PeerError:
        try:
            return await self.get(metal)
        except PeerError as error:
            return error

    def _aged(self, spot: Spot) -> Aged[Spot]:
        now = self._clock.time()
        return Aged(spot, spot.source, max(0.0, now - spot.at), is_stale(spot.at, now))

    async def _soon(self, metal: Metal) -> Spot:
        """People wait for a moment only while there is a price that is not old. Raises TimeoutError after it."""
        if (fresh := self._cache.peek(metal)) is not None:
            return fresh
        last = self._good.get(metal)
        async with resting():
            if last is None or is_stale(last.at, self._clock.time()):
                return await self._fetched(metal)
            asked = self._supervisor.start(self._or_none(metal), name="spot price")
            async with deadline(self._clock, HURRY):
                return await asyncio.shield(asked) or last

    async def _or_none(self, metal: Metal) -> Spot | None:
        """Goes on when nobody waits any more: what is slow is noticed, and what it brings is there for the next."""
        with suppress(PeerUnavailable):
            return await self._fetched(metal)
        return None

    async def _fetched(self, metal: Metal) -> Spot:
        """From the cache or the sources; where all of them fail they are left alone for a moment."""
        try:
            return (await self._cache.get(metal, lambda: self._ask(metal))).value
        except LoadEnded as error:
            raise PeerUnavailable(PEER, "the lookup was ended") from error
        except PeerUnavailable:
            if (last := self._good.get(metal)) is not None:
                self._cache.put(metal, last, ttl=TRY_AGAIN)
            raise

    async def _ask(self, metal: Metal) -> Spot:
        """The sources one after the other, until one price counts; one that is old only if there is nothing better."""
        known = self._yardstick(metal)
        fresh: list[Spot] = []
        old: list[Spot] = []
        for source in self._sources:
            spot = await self._answer(source, metal)
            if spot is None:
                continue
            (old if is_stale(spot.at, self._clock.time()) else fresh).append(spot)
            verdict = judge(fresh, known, all_asked=False)
            if verdict.accepted is not None:
                return await self._accept(metal, verdict)
        return await self._settle(metal, fresh, old, known)

    async def _settle(
        self, metal: Metal, fresh: Sequence[Spot], old: Sequence[Spot], known: Decimal | None
    ) -> Spot:
        """What counts now that all are asked."""
        verdict = judge(fresh, known, all_asked=True)
        if verdict.accepted is not None or verdict.refused:
            return await self._accept(metal, verdict)
        verdict, last = judge(old, known, all_asked=True), self._good.get(metal)
        if verdict.accepted is None or (last is not None and last.at >= verdict.accepted.at):
            raise PeerUnavailable(PEER, f"none has a price of {metal} that is not old")
        return await self._accept(metal, verdict)

    async def _answer(self, source: SpotSource, metal: Metal) -> Spot | None:
        """What a source says, if it is a price; its gateway has noticed already what else there is to notice."""
        try:
            said = await source.spot(metal)
        except (PeerUnavailable, PeerRefused):
            return None
        spot = usable(said, metal, self._clock.time())
        if spot is None:
            log.warning("a price was refused", source=source.name, metal=metal.value, price=str(said.price))
        return spot

    async def _accept(self, metal: Metal, verdict: Verdict) -> Spot:
        """Keep what counts unless a newer price is known, and tell admins what was refused.

        Raises PeerUnavailable where nothing counts.
        """
        self._tell(metal, verdict)
        spot = verdict.accepted
        if spot is None:
            raise PeerUnavailable(PEER, f"no price of {metal} that another source confirms")
        before = self._good.get(metal)
        if before is not None and (before == spot or before.at > spot.at):
            return before  # what another source said later still stands
        self._good[metal] = spot
        with suppress(StorageError):  # it is the price all the same
            await self._store.keep(spot)
            if not spot.is_futures:  # it is some way off, and would look like a move
                await self._history.note(metal.value, spot.price, spot.at)
        return spot

    def _tell(self, metal: Metal, verdict: Verdict) -> None:
        topic = f"price {metal}"
        if not verdict.refused:
            self._admins.clear(topic)
            return
        said = ", ".join(f"{spot.source} {spot.price:f}" for spot in verdict.refused)
        counts = verdict.accepted or self._good.get(metal)
        self._admins.raise_(topic, f"{said} against {counts.price:f}" if counts else said)

    def _yardstick(self, metal: Metal) -> Decimal | None:
        """What a jump is measured by; a price of last week says nothing about today's."""
        last = self._good.get(metal)
        if last is None or self._clock.time() - last.at > A_YARDSTICK:
            return None
        return last.price
