"""Carrying updates out: in order within a lane, a bounded number at a time, each marked done at its end."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Hashable
from functools import partial

import structlog

from bot.errors import StorageError
from bot.resilience.clock import Clock
from bot.resilience.slots import Slots, resting
from bot.resilience.tasks import Supervisor
from bot.services.intake.lanes import Job, Lanes, kind_of, lane_of
from bot.services.intake.ports import InboxStore, Stored, Undecodable, Undelivered, Updates

LONGEST_PAUSE = 60.0
DONE_RETRY = 5.0
SIGNS_AFTER = (0.15, 1.0, *(5.0 * turn for turn in range(1, 7)))
SIGNS_AT_ONCE = 3  # in one lane: who sends a great deal at once needs no sign for each
LATE = 1.0

log = structlog.get_logger(__name__)


class Work:
    """What is stored and not done; at most `working` handlers work at a time, resting ones not counted.

    `room` is set while at most `waiting` updates have not begun. `counts` holds how handlers ended.
    """

    def __init__(
        self,
        updates: Updates,
        inbox: InboxStore,
        *,
        clock: Clock,
        supervisor: Supervisor,
        working: int,
        waiting: int,
    ) -> None:
        self._updates = updates
        self._inbox = inbox
        self._clock = clock
        self._supervisor = supervisor
        self._slots = Slots(working)
        self._lanes = Lanes(supervisor)
        self._limit = waiting
        self._stopping = False
        self._signs: Counter[Hashable] = Counter()
        self.waiting: dict[int, Stored] = {}  # those that have not begun, oldest first
        self.counts: Counter[str] = Counter()
        self.room = asyncio.Event()
        self.room.set()

    def add(self, stored: Stored) -> None:
        """Carry the update out when it is its turn."""
        self._enqueue(stored, partial(self._work, stored))

    def add_again(self, stored: Stored) -> asyncio.Future[None]:
        """Like `add`; the future is done when the handler has ended, or rests for the first time."""
        settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._enqueue(stored, partial(self._work_again, stored, settled))
        return settled

    async def stop(self, timeout: float) -> None:
        """Begin nothing more, give what runs `timeout` seconds, then cancel it: it stays open."""
        self._stopping = True
        self._lanes.close()
        deadline = self._supervisor.start(self._cut_off(timeout), name="intake deadline")
        await self._lanes.idle()
        deadline.cancel()

    async def _cut_off(self, timeout: float) -> None:
        await self._clock.sleep(timeout)
        self._lanes.cancel()

    def _enqueue(self, stored: Stored, job: Job) -> None:
        self.waiting[stored.update_id] = stored
        if len(self.waiting) > self._limit:
            self.room.clear()
        lane = lane_of(stored.raw)
        if self._lanes.is_busy(lane) and self._signs[lane] < SIGNS_AT_ONCE:
            self._signs[lane] += 1
            self._supervisor.start(self._signed(lane, stored), name=f"waiting {stored.update_id}")
        self._lanes.add(lane, job)

    async def _signed(self, lane: Hashable, stored: Stored) -> None:
        try:
            await self._show_waiting(stored)
        finally:
            self._signs[lane] -= 1
            if not self._signs[lane]:
                del self._signs[lane]

    async def _show_waiting(self, stored: Stored) -> None:
        """Whoever asks again while we work on their former request sees that they were heard."""
        passed = 0.0
        for moment in SIGNS_AFTER:
            await self._clock.sleep(moment - passed)
            passed = moment
            if stored.update_id not in self.waiting or self._stopping:
                return
            await self._updates.show_waiting(stored.raw, late=moment >= LATE)

    async def _work(self, stored: Stored) -> None:
        async with self._slots.occupied():
            ended = await self._carry_out(stored)
        if ended:
            await self._close(stored)

    async def _work_again(self, stored: Stored, settled: asyncio.Future[None]) -> None:
        """Work in a slot of its own, beside the shared ones: it comes free when the handler rests."""
        own, turn = Slots(1), asyncio.Event()
        async with own.occupied():
            self._supervisor.start(self._watch(own, turn, settled), name=f"replay {stored.update_id}")
            await turn.wait()
            ended = await self._carry_out(stored)
        if ended:
            await self._close(stored)

    async def _watch(self, own: Slots, turn: asyncio.Event, settled: asyncio.Future[None]) -> None:
        """Hold a shared slot for a replayed update until its own comes free."""
        async with self._slots.occupied():
            turn.set()
            async with own.occupied():
                # What a stop left out or cut off is not settled: the next start replays it.
                if not self._stopping and not settled.done():
                    settled.set_result(None)

    async def _carry_out(self, stored: Stored) -> bool:
        """Hand the update to its handler; False when it has to stay open."""
        if self._stopping:
            return False
        self._begin(stored)
        outcome = await self._outcome(stored)
        self.counts[outcome] += 1
        return outcome != "postponed"

    def _begin(self, stored: Stored) -> None:
        del self.waiting[stored.update_id]
        if len(self.waiting) <= self._limit:
            self.room.set()

    async def _outcome(self, stored: Stored) -> str:
        """How the handler ended; while its answer cannot be delivered, it is called again."""
        for attempt in itertools.count():
            try:
                return await self._attempt(stored)
            except Undelivered as error:
                log.warning("answer could not be delivered", update_id=stored.update_id, error=str(error))
                pause = max(error.retry_after, min(2.0**attempt, LONGEST_PAUSE))
            async with resting():
                await self._clock.sleep(pause)
        raise AssertionError  # the loop has no end

    async def _attempt(self, stored: Stored) -> str:
        try:
            await self._updates.handle(stored.raw)
        except Undecodable:
            _about(stored).warning("update cannot be decoded")
            return "undecodable"
        except Undelivered:
            raise
        except StorageError as error:
            _about(stored).warning("update stays open until the next start", error=str(error))
            return "postponed"
        except (Exception, asyncio.CancelledError):
            if _cancelled():
                raise
            _about(stored).exception("update failed", reference=f"u{stored.update_id}")
            return "failed"
        return "handled"

    async def _close(self, stored: Stored) -> None:
        """Mark it done: its handler has ended, and must not run again at the next start."""
        while not await self._marked_done(stored):
            await self._clock.sleep(DONE_RETRY)

    async def _marked_done(self, stored: Stored) -> bool:
        try:
            await self._inbox.done(stored.update_id, self._clock.time())
        except StorageError as error:
            log.warning("update could not be marked done", update_id=stored.update_id, error=str(error))
            return False
        return True


def _about(stored: Stored) -> structlog.stdlib.BoundLogger:
    bound: structlog.stdlib.BoundLogger = log.bind(update_id=stored.update_id, kind=kind_of(stored.raw))
    return bound


def _cancelled() -> bool:
    """Whether this task is being cancelled; a handler may also meet the cancellation of somebody else's."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
