"""Charts: what there is to draw, where it is from, how old it is, and the picture of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.errors import PeerError, PeerRefused, PeerUnavailable, UnknownSymbol
from bot.models.account import Account
from bot.models.chart import Chart, Drawn, LineChart, Span, UsageChart, coin_of, thinned
from bot.models.lookup import Aged
from bot.models.market import ZERO
from bot.models.price import Candle, Metal, Point
from bot.resilience.cache import AsyncCache, CacheFigures
from bot.resilience.clock import Clock
from bot.resilience.tasks import Supervisor
from bot.services.drawing import Drawing
from bot.services.fetching import Fetch
from bot.services.price_sources import CandleSource

PATIENCE = 20.0  # seconds for all sources together
TTL = {Span.DAY: 60.0, Span.WEEK: 300.0, Span.MONTH: 300.0, Span.QUARTER: 300.0}
CANDLE = {Span.DAY: 300, Span.WEEK: 3_600, Span.MONTH: 14_400, Span.QUARTER: 86_400}  # seconds of one
SOURCES = "the sources of past prices"


class SpotPoints(Protocol):
    """What metals cost before now."""

    async def points(self, series: str, since: float) -> Sequence[Point]:
        """What was noted since then, oldest first."""


class AccountValues(Protocol):
    """What accounts were worth before now."""

    async def points(self, account_id: int, since: float) -> Sequence[Point]:
        """What was noted since then, oldest first."""


class ChosenAccounts(Protocol):
    """Whose portfolio it is."""

    async def chosen(self, user_id: int) -> Account:
        """The account that the user trades with."""


class Usage(Protocol):
    """How the pool was used."""

    async def chart(self, resource: str | None = None) -> UsageChart:
        """Day by day."""


class SentPictures(Protocol):
    """What Telegram has already."""

    async def file_id(self, key: str) -> str | None:
        """What it knows the picture by; None where it was never sent."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A chart with its source and the seconds since its last value (None: noted by ourselves, day by day).

    `key` is the picture's, `file_id` what Telegram knows it by, if it was sent before.
    """

    chart: Chart
    source: str
    age: float | None
    stale: bool = False
    key: str = ""
    file_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Past:
    source: str
    points: tuple[Point, ...]


class Charts:
    """Raises PeerUnavailable and PeerBusy where past prices cannot be had, UnknownSymbol where nobody has them.

    An empty chart is no error: it has no picture.
    """

    def __init__(
        self,
        sources: Sequence[CandleSource],
        spot: SpotPoints,
        accounts: ChosenAccounts,
        values: AccountValues,
        usage: Usage,
        drawing: Drawing,
        sent: SentPictures,
        clock: Clock,
        supervisor: Supervisor,
    ) -> None:
        """`sources`: the first one that answers is believed."""
        self._sources = sources
        self._spot = spot
        self._accounts = accounts
        self._values = values
        self._usage = usage
        self._drawing = drawing
        self._sent = sent
        self._clock = clock
        self._fetch = Fetch(clock, PATIENCE)
        self._candles: AsyncCache[tuple[str, Span], _Past] = AsyncCache(
            clock, supervisor=supervisor, size=200, name="candles"
        )

    async def price(self, typed: str, span: Span) -> Shown:
        """What a coin cost, as somebody has typed it: BTC, btc/usdt."""
        coin = coin_of(typed)

        async def load() -> _Past:
            return await self._fetch.asked(SOURCES, lambda: self._ask(coin, span))

        past: Aged[_Past] = await self._fetch.aged(self._candles, (coin, span), load, SOURCES, ttl=TTL[span])
        chart = LineChart(Drawn.PRICE, coin, span, past.value.points)
        age = max(0.0, self._clock.time() - chart.points[-1].at)  # of what it says, not of when it was asked
        return await self._shown(Shown(chart, past.value.source, age, past.stale))

    async def spot(self, metal: Metal, span: Span) -> Shown:
        """What an ounce cost, as far as it was noted here."""
        points = await self._spot.points(metal.value, self._clock.time() - span.seconds)
        return await self._noted(Drawn.SPOT, metal.value, span, points)

    async def portfolio(self, user_id: int, span: Span) -> Shown:
        """What the account that the user trades with was worth, as far as it was noted here."""
        account = await self._accounts.chosen(user_id)
        points = await self._values.points(account.id, self._clock.time() - span.seconds)
        return await self._noted(Drawn.PORTFOLIO, account.label, span, points)

    async def pool(self, resource: str | None = None) -> Shown:
        """What was handed out day by day."""
        return await self._shown(Shown(await self._usage.chart(resource), "", None))

    async def paint(self, chart: Chart) -> bytes:
        """The picture, a PNG."""
        return await self._drawing.paint(chart)

    def caches(self) -> dict[str, CacheFigures]:
        """How the caches are doing, by name."""
        return {"past prices": self._candles.figures(), "pictures": self._drawing.figures()}

    async def _noted(self, what: Drawn, name: str, span: Span, points: Sequence[Point]) -> Shown:
        age = max(0.0, self._clock.time() - points[-1].at) if points else None
        return await self._shown(Shown(LineChart(what, name, span, thinned(points)), "", age))

    async def _shown(self, shown: Shown) -> Shown:
        """With its picture: drawn now, unless Telegram has it."""
        if shown.chart.is_empty:
            return shown
        key = self._drawing.key(shown.chart)
        file_id = await self._sent.file_id(key)
        if file_id is None:
            await self._drawing.paint(shown.chart)
        return Shown(shown.chart, shown.source, shown.age, shown.stale, key, file_id)

    async def _ask(self, coin: str, span: Span) -> _Past:
        seconds = CANDLE[span]
        failure: PeerError | None = None if self._sources else PeerUnavailable(SOURCES, "there are none")
        for source in self._sources:
            try:
                candles = await source.candles(coin, seconds, span.seconds // seconds)
            except PeerRefused:  # it does not have that coin
                continue
            except PeerError as error:
                failure = error
                continue
            now = self._clock.time()
            if points := closes(candles, seconds, now, now - span.seconds - seconds):
                return _Past(source.name, points)
        raise failure or UnknownSymbol(coin)


def closes(candles: Sequence[Candle], seconds: int, now: float, since: float) -> tuple[Point, ...]:
    """The price at the end of each interval, of the present one that of now.

    What is no price, or of another time, is left out; of two for one interval the later one counts.
    """
    sound = {
        each.at: each.close
        for each in candles
        if since <= each.at <= now and each.close.is_finite() and each.close > ZERO
    }
    return tuple(Point(min(at + seconds, now), sound[at]) for at in sorted(sound))
