"""Previews on their messages: when what was kept is free again, the message says so by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NoReturn, Protocol

import structlog

from bot.errors import PreviewLapsed, QuartermasterError
from bot.models.notice import Kind
from bot.models.preview import PreviewMessage
from bot.resilience.clock import Clock

log = structlog.get_logger(__name__)

GRACE = 1.0  # a tap in the last moment is on its way: the message is not touched before it is answered
LOOK_EVERY = 5.0


class PreviewStore(Protocol):
    """Where the messages are kept."""

    async def put(self, message: PreviewMessage, now: float) -> None: ...
    async def extend(self, request: int, expires_at: float) -> None: ...
    async def end(self, request: int, now: float) -> bool: ...
    async def reopen(self, request: int) -> None: ...
    async def take(self, request: int) -> None: ...
    async def make_due(self, user_id: int, now: float) -> int: ...
    async def is_stored(self, request: int) -> bool: ...
    async def due(self, until: float) -> list[PreviewMessage]: ...
    async def end_due(self, requests: Sequence[int], until: float, now: float) -> None: ...
    async def next_due(self) -> float | None: ...
    async def forget(self, before: float) -> int: ...


class Announcer(Protocol):
    """Says things on our own accord."""

    async def tell(
        self, user_id: int, kind: Kind, data: Mapping[str, Any], key: str | None = None
    ) -> object: ...


class Previews:
    """Knows which message shows which preview, over restarts."""

    def __init__(self, store: PreviewStore, outbox: Announcer, clock: Clock) -> None:
        self._store = store
        self._outbox = outbox
        self._clock = clock

    async def remember(self, message: PreviewMessage) -> None:
        """The preview is shown there; what was kept for the user before is over, and its message will say so."""
        await self._store.put(message, self._clock.time())

    async def extend(self, request: int, expires_at: float) -> None:
        """It is kept longer."""
        await self._store.extend(request, expires_at)

    async def end(self, request: int) -> None:
        """Its message says already that it is over, or is about to."""
        await self._store.end(request, self._clock.time())

    @asynccontextmanager
    async def taking(self, request: int) -> AsyncIterator[None]:
        """While the body takes it, its time does not run out; afterwards its message is the preview's no more.

        Where the body fails the preview is as it was before: the message of one that is not kept says so itself.
        """
        was_open = await self._store.end(request, self._clock.time())
        try:
            yield
        except PreviewLapsed:
            if was_open:  # else the message may show another screen by now
                await self._store.reopen(request)
            raise
        except Exception:
            await self._store.reopen(request)
            raise
        await self._store.take(request)

    async def drop_all(self, user_id: int) -> int:
        """Nothing is kept for the user any more; the messages will say so. Returns how many there were."""
        return await self._store.make_due(user_id, self._clock.time())

    async def is_shown(self, request: int) -> bool:
        """Whether its message still shows the preview, or that it is over; else it shows what came after."""
        return await self._store.is_stored(request)

    async def lapse(self, now: float) -> int:
        """Have each message say once that its preview is over; returns how many.

        Told before it is marked: after a crash in between the key keeps it from being told again.
        """
        until = now - GRACE
        due = await self._store.due(until)
        for each in due:
            data = {"chat_id": each.chat_id, "message_id": each.message_id, "request": each.request}
            key = f"preview:{each.request}:{each.expires_at:.0f}"
            await self._outbox.tell(each.user_id, Kind.PREVIEW_LAPSED, data, key)
        if due:
            await self._store.end_due([each.request for each in due], until, now)
        return len(due)

    async def next_due(self) -> float | None:
        """When `lapse` will have something to do, as far as is known now."""
        expires_at = await self._store.next_due()
        return None if expires_at is None else expires_at + GRACE

    async def forget(self, before: float) -> int:
        """Delete what ended before `before`; returns how many."""
        return await self._store.forget(before)

    async def run(self) -> NoReturn:
        """Lapse each preview when it is due, for ever; a failing database is met by trying again."""
        while True:
            pause = LOOK_EVERY
            try:
                await self.lapse(self._clock.time())
                if (due := await self.next_due()) is not None:
                    pause = min(pause, due - self._clock.time())
            except QuartermasterError as error:
                log.warning("previews could not be looked at", error=str(error))
            await self._clock.sleep(pause)
