"""The one way to a public source of prices: at a pace it bears, for a limited time, and not at all while it is down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from bot.errors import KeyRefused, PeerBusy, PeerRefused, PeerUnavailable
from bot.gateways.feed_reading import NotOffered, NotWhole, TooOften
from bot.gateways.http_client import Answer, HttpClient, HttpFailure
from bot.resilience.breaker import Breaker, Resting
from bot.resilience.clock import Clock
from bot.resilience.deadline import deadline
from bot.resilience.peer import PeerHealth
from bot.resilience.timings import Timings

T = TypeVar("T")

PATIENCE = 3.0  # seconds a call waits for its turn
BUSY = (403, 418, 429)


class Pace(Protocol):
    """How often a source may be asked; it learns from what becomes of the calls."""

    @property
    def delay(self) -> float:
        """Seconds between two calls."""

    @property
    def wait(self) -> float:
        """Seconds until the next turn, be it for the delay or because the source asked to be left alone."""

    async def turn(self) -> object:
        """Wait until a call may be sent."""

    def succeeded(self) -> None:
        """The source has answered."""

    def refused(self, retry_after: float | None = None) -> None:
        """The source asks to slow down."""


class Feed:
    """One source: its connections, pace, breaker and health. `url` is without a slash at its end.

    A call ends within `longest` seconds. One that its caller gives up before that tells nothing of the source, so
    whoever sets a deadline should set it no shorter.
    """

    def __init__(
        self,
        name: str,
        url: str,
        http: HttpClient,
        clock: Clock,
        pace: Pace,
        *,
        timeout: float,
        patience: float = PATIENCE,
        timings: Timings | None = None,
    ) -> None:
        self.name = name
        self.pace = pace
        self.breaker = Breaker(name, clock)
        self.health = PeerHealth(name, clock, self.breaker, timings)
        self.longest = patience + timeout
        self.last_good: float | None = None
        self.url = url
        self._http = http
        self._clock = clock
        self._timeout = timeout
        self._patience = patience

    @property
    def retry_in(self) -> float:
        """Seconds until a call may be made that is not refused here; 0 while one is only a turn away."""
        wait = self.pace.wait
        return max(self.breaker.retry_in, wait if wait > self._patience else 0.0)

    async def get(
        self,
        path: str,
        read: Callable[[bytes], T],
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """What `read` makes of the answer; it raises NotWhole, NotOffered or TooOften for what it cannot use.

        Raises PeerUnavailable, PeerBusy where the source asks to slow down, PeerRefused.
        """
        await self._turn()
        try:
            with self.health.call(failures=(PeerUnavailable,), answers=(PeerRefused,)):
                outcome = await self._asked(path, read, query, headers or {})
        except Resting as resting:
            raise PeerUnavailable(self.name, "resting after failures", resting.retry_in) from resting
        if isinstance(outcome, PeerBusy):
            self.pace.refused(outcome.retry_after)
            raise outcome
        self.pace.succeeded()
        self.last_good = self._clock.time()
        return outcome

    async def _turn(self) -> None:
        """Who would have to wait for longer than is bearable is told so: at once, or in a crowd after that time."""
        if self.breaker.retry_in > 0:
            raise PeerUnavailable(self.name, "resting after failures", self.breaker.retry_in)
        if self.pace.wait > self._patience:
            raise PeerBusy(self.name, "it asked to slow down", self.pace.wait)
        try:
            async with deadline(self._clock, self._patience):
                await self.pace.turn()
        except TimeoutError as error:
            raise PeerBusy(self.name, "too many calls for its pace", self.pace.wait) from error

    async def _asked(
        self, path: str, read: Callable[[bytes], T], query: str, headers: Mapping[str, str]
    ) -> T | PeerBusy:
        """A refusal for the pace is returned: it is no failure of the source's."""
        try:
            answer = await self._http.request(
                "GET", self.url + path, query=query, headers=headers, timeout=self._timeout
            )
        except HttpFailure as failure:
            raise PeerUnavailable(self.name, f"no answer ({failure})") from failure
        if answer.status in BUSY:
            return PeerBusy(self.name, f"answered {answer.status}", _retry_after(answer))
        self._judge(answer.status)
        try:
            return read(answer.content)
        except TooOften:
            return PeerBusy(self.name, "asked too often")
        except NotOffered as refusal:
            raise PeerRefused(self.name, answer.status, "does not offer that") from refusal
        except NotWhole as damage:
            raise PeerUnavailable(self.name, "an answer that cannot be read") from damage

    def _judge(self, status: int) -> None:
        if status == 200:
            return
        if status == 401:
            raise KeyRefused(self.name, status, "the key was not accepted")
        if 400 <= status < 500 and status != 408:
            raise PeerRefused(self.name, status, "does not offer that")
        raise PeerUnavailable(self.name, f"answered {status}")


def _retry_after(answer: Answer) -> float | None:
    """Seconds, where the answer says a number of them."""
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None
