"""Taking updates in: poll, store, and only then confirm."""

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
from bot.services.intake.ports import InboxStore, RawUpdate, Updates
from bot.services.intake.work import Work

POLL_SECONDS = 25
WORKING = 64
WAITING = 2_000
REPLAY_PAGE = 500
WRONG_TOKEN = frozenset({401, 404})


@dataclass(frozen=True, slots=True)
class IntakeStats:
    """Counts since the start.

    `postponed` met a failing database and stay open until the next start. `waiting` have not begun now, the
    oldest of them since `oldest_age` seconds (None when nothing waits).
    """

    received: int
    repeated: int
    handled: int
    failed: int
    undecodable: int
    postponed: int
    waiting: int
    oldest_age: float | None


class Intake:
    """Takes updates in until `stop`; at most `working` handlers work at a time, resting ones not counted.

    While more than `waiting` stored updates have not begun, no more are fetched. `replayed` is set when each
    update that an earlier run left open was handed to its handler, and that one has ended or rested.
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
        self._polling: asyncio.Timeout | None = None
        self._stopping = False
        self.replayed = asyncio.Event()

    async def run(self) -> None:
        """Replay, then poll until `stop`; PeerRefused when Telegram does not know the token."""
        try:
            async with asyncio.timeout(None) as self._polling:
                await self._replay()
                await self._poll()
        except TimeoutError:
            if not self._stopping:
                raise
        finally:
            self._polling = None

    async def stop(self, timeout: float = 25.0) -> None:
        """Stop fetching at once, give running handlers `timeout` seconds; what has not ended stays open."""
        self._stopping = True
        if self._polling is not None:
            self._polling.reschedule(0)
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
            oldest_age=None if oldest is None else self._clock.time() - oldest.received_at,
        )

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

    async def _poll(self) -> None:
        offset: int | None = None
        while not self._stopping:
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
        except StorageError as error:
            self._storage.failed(error)
            await self._pause(self._storage)
            return offset
        return confirmation(batch)

    async def _store(self, batch: Sequence[RawUpdate]) -> None:
        if not batch:
            return
        new = await self._inbox.store(batch, self._clock.time())
        self._storage.succeeded()
        self._counts["received"] += len(batch)
        self._counts["repeated"] += len(batch) - len(new)
        for stored in new:
            self._work.add(stored)

    async def _pause_for_telegram(self, error: PeerError) -> None:
        if isinstance(error, PeerRefused) and error.status in WRONG_TOKEN:
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
