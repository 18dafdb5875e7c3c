"""Taking updates in, fetched or brought: store, and only then confirm."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import PeerBusy, PeerError, PeerRefused, StorageError
from bot.resilience.clock import Clock
from bot.resilience.peer import PeerHealth
from bot.resilience.retry import backoff
from bot.resilience.tasks import Supervisor
from bot.services.intake.ports import InboxStore, NotNow, RawUpdate, Updates
from bot.services.intake.work import Work

POLL_SECONDS = 25
WORKING = 64
WAITING = 2_000
REPLAY_PAGE = 500
WRONG_TOKEN = frozenset({401, 404})
BAD_WEBHOOK = frozenset({400})


@dataclass(frozen=True, slots=True)
class IntakeStats:
    """Counts since the start.

    `postponed` met a failing database and stay open until the next start. `waiting` have not begun now, the
    oldest of them since `oldest_age` seconds (None when nothing waits); the last one came `newest_age` ago.
    """

    received: int
    repeated: int
    handled: int
    failed: int
    undecodable: int
    postponed: int
    waiting: int
    oldest_age: float | None
    newest_age: float | None


class Intake:
    """Takes updates in until `stop`; at most `working` handlers work at a time, resting ones not counted.

    They are fetched, or, where `pushed`, brought by somebody who calls `accept`. While more than `waiting` stored
    updates have not begun, no more are taken in. `replayed` is set when each update that an earlier run left open
    was handed to its handler, and that one has ended or rested.
    """

    def __init__(
        self,
        updates: Updates,
        inbox: InboxStore,
        *,
        clock: Clock,
        supervisor: Supervisor,
        jitter: random.Random,
        working: int = WORKING,
        waiting: int = WAITING,
        pushed: bool = False,
    ) -> None:
        self._updates = updates
        self._inbox = inbox
        self._clock = clock
        self._supervisor = supervisor
        self._jitter = jitter
        self._work = Work(
            updates, inbox, clock=clock, supervisor=supervisor, working=working, waiting=waiting
        )
        self._telegram = PeerHealth("telegram", clock)
        self._storage = PeerHealth("inbox", clock)
        self._counts: Counter[str] = Counter()
        self._running: asyncio.Timeout | None = None
        self._pushed = pushed
        self._final = WRONG_TOKEN | BAD_WEBHOOK if pushed else WRONG_TOKEN
        self._newest: float | None = None
        self.accepting = False
        self.stopping = False
        self.replayed = asyncio.Event()

    async def run(self) -> None:
        """Replay, then take in until `stop`; PeerRefused when Telegram refuses the token or the webhook."""
        try:
            async with asyncio.timeout(None) as self._running:
                await self._replay()
                # Not before: what is brought while it waits for its replay would run twice.
                self.accepting = self._pushed
                await self._register()
                await (asyncio.Event().wait() if self._pushed else self._poll())
        except TimeoutError:
            if not self.stopping:
                raise
        finally:
            self._running = None

    async def stop(self, timeout: float = 25.0) -> None:
        """Take in nothing more, give running handlers `timeout` seconds; what has not ended stays open."""
        self.stopping, self.accepting = True, False
        if self._running is not None:
            self._running.reschedule(0)
        await self._work.stop(timeout)

    def stats(self) -> IntakeStats:
        """What came in so far, and what waits."""
        ended, waiting = self._work.counts, self._work.waiting
        oldest = next(iter(waiting.values()), None)
        return IntakeStats(
            received=self._counts["received"],
            repeated=self._counts["repeated"],
            handled=ended["handled"],
            failed=ended["failed"],
            undecodable=ended["undecodable"],
            postponed=ended["postponed"],
            waiting=len(waiting),
            oldest_age=self._age(oldest.received_at if oldest else None),
            newest_age=self._age(self._newest),
        )

    async def accept(self, batch: Sequence[RawUpdate]) -> None:
        """Take in what was brought; it cannot get lost any more when this returns.

        NotNow, StorageError: nothing was stored.
        """
        if not self.accepting:
            raise NotNow("the bot is stopping" if self.stopping else "the bot is starting")
        if not self._work.room.is_set():
            raise NotNow("the bot has more to do than it may take in")
        await self._store(batch)

    def _age(self, since: float | None) -> float | None:
        return None if since is None else self._clock.time() - since

    async def _replay(self) -> None:
        """Queue what is open, ahead of everything new."""
        after: int | None = None
        settled: list[asyncio.Future[None]] = []
        while page := await self._inbox.open_updates(after, REPLAY_PAGE):
            settled += [self._work.add_again(stored) for stored in page]
            after = page[-1].update_id
            await self._work.room.wait()
        self._supervisor.start(self._tell_replayed(settled), name="replay")

    async def _tell_replayed(self, settled: Sequence[asyncio.Future[None]]) -> None:
        for future in settled:
            await future
        self.replayed.set()

    async def _register(self) -> None:
        while not await self._registered():
            pass

    async def _registered(self) -> bool:
        try:
            await self._updates.register()
        except PeerError as error:
            await self._pause_for_telegram(error)
            return False
        self._telegram.succeeded()
        return True

    async def _poll(self) -> None:
        offset: int | None = None
        while not self.stopping:
            await self._work.room.wait()
            offset = await self._take_in(offset)

    async def _take_in(self, offset: int | None) -> int | None:
        """Fetch and store one batch; the offset returned confirms what is stored, and nothing else."""
        try:
            batch = await self._updates.fetch(offset, POLL_SECONDS)
            self._telegram.succeeded()
            await self._store(batch)
        except PeerError as error:
            await self._pause_for_telegram(error)
            return offset
        except StorageError:
            await self._pause(self._storage)
            return offset
        return confirmation(batch)

    async def _store(self, batch: Sequence[RawUpdate]) -> None:
        if not batch:
            return
        self._newest = now = self._clock.time()
        try:
            new = await self._inbox.store(batch, now)
        except StorageError as error:
            self._storage.failed(error)
            raise
        self._storage.succeeded()
        self._counts["received"] += len(batch)
        self._counts["repeated"] += len(batch) - len(new)
        for stored in new:
            self._work.add(stored)

    async def _pause_for_telegram(self, error: PeerError) -> None:
        if isinstance(error, PeerRefused) and error.status in self._final:
            raise error
        self._telegram.failed(error)
        if isinstance(error, PeerBusy) and error.retry_after is not None:
            await self._clock.sleep(error.retry_after)
        else:
            await self._pause(self._telegram)

    async def _pause(self, peer: PeerHealth) -> None:
        await self._clock.sleep(1 + backoff(peer.consecutive_failures, self._jitter, ceiling=4))


def confirmation(batch: Sequence[RawUpdate]) -> int | None:
    """The offset that confirms `batch`: its highest update id plus one.

    An empty one confirms what came before, and needs no offset any more; so ids that begin anew, lower, after
    a quiet week (Bot API, Update.update_id) are not confirmed unseen.
    """
    return max((update["update_id"] + 1 for update in batch), default=None)
