"""The relay: carries notices from the outbox to their readers, at least once each, in order per chat.

A chat that is slow, or has to wait, holds up no other. What the bot is asked goes another way and never waits
behind this; a third of Telegram's pace is left to it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import tzinfo
from typing import Protocol

import structlog

from bot.errors import PeerError, PeerRefused, PeerUnavailable, StorageError, Unreachable
from bot.models.delivery import (
    GIVE_UP_AFTER,
    Outcome,
    Parcel,
    is_lapsed,
    is_wanted,
    waits_until,
)
from bot.models.notice import FOR_ADMINS, THE_WEBHOOK, Notice
from bot.resilience.clock import Clock
from bot.resilience.limiter import TokenBucket
from bot.resilience.retry import backoff
from bot.resilience.tasks import Supervisor
from bot.services.outbox import Directory, reader_of

log = structlog.get_logger(__name__)

AT_A_TIME = 8
PER_MINUTE = 20 * 60.0
STORAGE_PAUSE = 5.0
LONGEST_PARKING = 86_400.0
READER_LOOK = 3600.0
RETRY_FLOOR, RETRY_BASE, RETRY_CEILING = 1.0, 2.0, 600.0


class Parcels(Protocol):
    """The outbox as the relay sees it."""

    async def due(self, now: float, limit: int) -> list[Parcel]: ...
    async def next_due(self, after: float) -> float | None: ...
    async def postpone(self, number: int, until: float, attempts: int) -> None: ...
    async def done(self, number: int, outcome: Outcome, now: float) -> None: ...


class Courier(Protocol):
    """The way to a reader."""

    async def deliver(self, notice: Notice, number: int, created_at: float) -> None:
        """Raises Unreachable, another PeerRefused (never again), another PeerError or StorageError (try again)."""


class Relay:
    """Runs until it is stopped.

    `webhook`: the courier of what goes to the alert address; `on_blocked` is told of people who cannot be
    written to; `zone`: whose clock the quiet hours are read on.
    """

    def __init__(
        self,
        parcels: Parcels,
        courier: Courier,
        webhook: Courier | None,
        supervisor: Supervisor,
        clock: Clock,
        jitter: random.Random,
        *,
        people: Directory,
        on_blocked: Callable[[int], Awaitable[object]],
        zone: tzinfo,
    ) -> None:
        self._parcels = parcels
        self._courier = courier
        self._webhook = webhook
        self._supervisor = supervisor
        self._clock = clock
        self._jitter = jitter
        self._people = people
        self._on_blocked = on_blocked
        self._zone = zone
        self._pace = TokenBucket(clock, per_minute=PER_MINUTE, burst=AT_A_TIME)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._news = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """There is something new to carry."""
        self._news.set()

    async def run(self) -> None:
        """Carry what is due, then rest until something is; returns after `stop`."""
        while not self._stopping:
            self._news.clear()
            now = self._clock.time()
            try:
                await self._begin(now)
                due_at = await self._parcels.next_due(now)
            except StorageError as error:
                log.warning("the outbox cannot be read", error=str(error))
                await self._rest(STORAGE_PAUSE)
            else:
                await self._rest(None if due_at is None else due_at - self._clock.time())

    async def stop(self, grace: float) -> None:
        """Begin nothing more, and give what is under way `grace` seconds."""
        self._stopping = True
        self._news.set()
        if self._under_way:
            await asyncio.wait(self._under_way.values(), timeout=grace)

    async def _begin(self, now: float) -> None:
        # What is under way now may still be open in what is read now: its chat has to wait for the next look.
        busy = set(self._under_way)
        if len(busy) >= AT_A_TIME:
            return
        for parcel in await self._parcels.due(now, 2 * AT_A_TIME):
            if parcel.to not in busy and len(self._under_way) < AT_A_TIME and not self._stopping:
                self._start(parcel)

    def _start(self, parcel: Parcel) -> None:
        def ended(_: object) -> None:
            del self._under_way[parcel.to]
            self._news.set()

        task = self._supervisor.start(self._handle(parcel), name=f"notice-{parcel.number}")
        self._under_way[parcel.to] = task
        task.add_done_callback(ended)

    async def _rest(self, seconds: float | None) -> None:
        """Until there is news, or the time is over."""
        waits: list[asyncio.Task[object]] = [asyncio.create_task(self._news.wait())]
        if seconds is not None:
            waits.append(asyncio.create_task(self._clock.sleep(seconds)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _handle(self, parcel: Parcel) -> None:
        try:
            outcome = await self._outcome(parcel)
        except Exception:
            # A mistake in one notice may not hold up all that is to be said to that chat.
            log.exception("a notice cannot be said", number=parcel.number)
            outcome = Outcome.UNDELIVERABLE
        if outcome is not None:
            await self._insist(lambda: self._parcels.done(parcel.number, outcome, self._clock.time()))

    async def _outcome(self, parcel: Parcel) -> Outcome | None:
        """How it ended; None where it will be tried again."""
        now, notice = self._clock.time(), parcel.notice
        if notice is None:
            log.error("a notice cannot be read any more", number=parcel.number)
            return Outcome.UNDELIVERABLE
        if is_lapsed(notice, now):
            return Outcome.LAPSED
        if parcel.to == THE_WEBHOOK:
            if self._webhook is None or notice.kind not in FOR_ADMINS:
                return Outcome.UNWANTED
            return await self._carried(parcel, notice, self._webhook)
        reader = reader_of(self._people, parcel.to)
        if not is_wanted(notice.kind, reader):
            return Outcome.UNWANTED
        if reader.blocked:
            return await self._wait_for_reader(parcel)
        if until := waits_until(notice.kind, reader.wishes, now, self._zone):
            # Without its attempts: what waits for the end of quiet hours does not hold up the answers behind it.
            await self._postpone(parcel, until, 0)
            return None
        await self._pace.acquire()
        return await self._carried(parcel, notice, self._courier)

    async def _carried(self, parcel: Parcel, notice: Notice, courier: Courier) -> Outcome | None:
        try:
            await courier.deliver(notice, parcel.number, parcel.created_at)
        except Unreachable:
            await self._insist(lambda: self._on_blocked(parcel.to))
            return await self._wait_for_reader(parcel)
        except PeerRefused as error:
            log.warning("a notice was refused", number=parcel.number, kind=notice.kind, error=str(error))
            return Outcome.UNDELIVERABLE
        except (PeerError, StorageError) as error:
            return await self._try_later(parcel, error)
        return Outcome.DELIVERED

    async def _wait_for_reader(self, parcel: Parcel) -> Outcome | None:
        """Who cannot be written to is not tried: it is said when they write to us, within two days."""
        now = self._clock.time()
        if now - parcel.created_at > GIVE_UP_AFTER:
            return Outcome.UNDELIVERABLE
        await self._postpone(parcel, now + READER_LOOK, 0)
        return None

    async def _try_later(self, parcel: Parcel, error: PeerError | StorageError) -> Outcome | None:
        now = self._clock.time()
        if now - parcel.created_at > GIVE_UP_AFTER:
            log.warning("a notice was given up", number=parcel.number, error=str(error))
            return Outcome.UNDELIVERABLE
        asked = error.retry_after if isinstance(error, PeerUnavailable) else None
        if asked is not None:
            pause = min(asked, LONGEST_PARKING)
        else:
            pause = RETRY_FLOOR + backoff(
                parcel.attempts, self._jitter, base=RETRY_BASE, ceiling=RETRY_CEILING
            )
        await self._postpone(parcel, now + pause, parcel.attempts + 1)
        return None

    async def _postpone(self, parcel: Parcel, until: float, attempts: int) -> None:
        await self._insist(lambda: self._parcels.postpone(parcel.number, until, attempts))

    async def _insist(self, change: Callable[[], Awaitable[object]]) -> None:
        """Repeat a change until the database takes it: what is not marked would be said again and again."""
        while True:
            try:
                await change()
            except StorageError as error:
                log.warning("the outbox cannot be written", error=str(error))
                await self._clock.sleep(STORAGE_PAUSE)
            else:
                return
