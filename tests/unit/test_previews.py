"""Previews whose time is over: their messages say so once, by themselves, over restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from new_schema import upgrade

from bot.errors import OverLimit, PreviewLapsed, StorageError
from bot.models.notice import Kind
from bot.models.preview import PreviewMessage
from bot.resilience.clock import ManualClock
from bot.services.previews import GRACE, LOOK_EVERY, Previews
from bot.storage.database import Database
from bot.storage.previews import PreviewStore

START = ManualClock().time()
SHOWN = PreviewMessage(request=1042, user_id=7, chat_id=7, message_id=55, expires_at=START + 300)


class Outbox:
    """Says a thing with a key once, as the real one does; `failures` are raised first, after having said it."""

    def __init__(self) -> None:
        self.said: list[tuple[int, Kind, dict[str, Any]]] = []
        self.failures: list[Exception] = []
        self._keys: set[str | None] = set()

    async def tell(self, user_id: int, kind: Kind, data: dict[str, Any], key: str | None = None) -> None:
        if key not in self._keys:
            self._keys.add(key)
            self.said.append((user_id, kind, dict(data)))
        if self.failures:
            raise self.failures.pop(0)


class WatchedClock(ManualClock):
    """Tells when somebody begins to wait, and for how long."""

    def __init__(self) -> None:
        super().__init__()
        self._pauses: asyncio.Queue[float] = asyncio.Queue()

    async def sleep(self, seconds: float) -> None:
        self._pauses.put_nowait(seconds)
        await super().sleep(seconds)

    async def next_pause(self) -> float:
        return await asyncio.wait_for(self._pauses.get(), 10)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    await database.start()
    await database.migrate(upgrade)
    yield database
    await database.close()


@pytest.fixture
def clock() -> WatchedClock:
    return WatchedClock()


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def previews(database: Database, outbox: Outbox, clock: ManualClock) -> Previews:
    return Previews(PreviewStore(database), outbox, clock)


async def test_a_message_says_once_that_its_time_is_over(previews: Previews, outbox: Outbox) -> None:
    """In the chat and the message where the preview stands; a second look finds nothing to say."""
    await previews.remember(SHOWN)

    assert 0 == await previews.lapse(START + 300)
    assert 1 == await previews.lapse(START + 300 + GRACE)
    assert 0 == await previews.lapse(START + 400)
    assert [(7, Kind.PREVIEW_LAPSED, {"chat_id": 7, "message_id": 55, "request": 1042})] == outbox.said


async def test_a_crash_between_saying_and_noting_says_nothing_twice(
    previews: Previews, outbox: Outbox
) -> None:
    """What was said has a key; the next look only notes it."""
    await previews.remember(SHOWN)
    outbox.failures = [StorageError("crashed after the notice was written")]
    with pytest.raises(StorageError):
        await previews.lapse(START + 400)

    assert 1 == await previews.lapse(START + 401)
    assert 1 == len(outbox.said)


async def test_what_was_cancelled_ends_silently(previews: Previews, outbox: Outbox) -> None:
    """Its message was told by the answer to the button, and may be written to again: a second tap says the same."""
    await previews.remember(SHOWN)
    await previews.end(1042)
    await previews.lapse(START + 999)
    assert [] == outbox.said
    assert await previews.is_shown(1042)


async def test_the_message_of_what_was_taken_shows_the_preview_no_more(
    previews: Previews, outbox: Outbox
) -> None:
    """Neither while it is being taken nor afterwards does it say that its time is over."""
    await previews.remember(SHOWN)
    async with previews.taking(1042):
        assert 0 == await previews.lapse(START + 999)
    assert 0 == await previews.lapse(START + 999)
    assert not await previews.is_shown(1042)


async def test_what_could_not_be_taken_is_as_it_was(previews: Previews) -> None:
    """It lapses later, and says so."""
    await previews.remember(SHOWN)
    with pytest.raises(OverLimit):
        async with previews.taking(1042):
            raise OverLimit("held", 20, 20)
    assert 1 == await previews.lapse(START + 999)
    assert await previews.is_shown(1042)


async def test_an_extended_preview_lapses_later(previews: Previews, outbox: Outbox) -> None:
    """Once, at its new time."""
    await previews.remember(SHOWN)
    await previews.extend(1042, START + 600)

    assert START + 600 + GRACE == await previews.next_due()
    assert 0 == await previews.lapse(START + 500)
    assert 1 == await previews.lapse(START + 601)


async def test_a_new_preview_ends_the_old_one_where_it_stands(
    previews: Previews, outbox: Outbox, clock: ManualClock
) -> None:
    """The older message says so at once; in the same message nothing is said."""
    await previews.remember(SHOWN)
    await previews.remember(replace(SHOWN, request=1043, message_id=56))
    await previews.remember(replace(SHOWN, request=1044, message_id=56))

    assert 1 == await previews.lapse(START + GRACE)
    assert [55] == [data["message_id"] for _, _, data in outbox.said]


async def test_dropping_all_is_told_in_every_message(previews: Previews, outbox: Outbox) -> None:
    """/cancel leaves no message behind that promises anything."""
    await previews.remember(SHOWN)
    await previews.remember(replace(SHOWN, request=1050, user_id=8, chat_id=8))

    assert 1 == await previews.drop_all(7)
    await previews.lapse(START + GRACE)
    assert [7] == [user_id for user_id, _, _ in outbox.said]


async def test_the_loop_is_there_at_the_right_time(
    previews: Previews, outbox: Outbox, clock: WatchedClock
) -> None:
    """It looks every few seconds, and when a preview is due."""
    async with _running(previews):
        assert LOOK_EVERY == await clock.next_pause()
        await previews.remember(replace(SHOWN, expires_at=START + LOOK_EVERY + 3.5))
        await clock.tick(LOOK_EVERY)
        assert 3.5 + GRACE == await clock.next_pause()
        assert [] == outbox.said
        await clock.tick(3.5 + GRACE)
        await clock.next_pause()
        assert 1 == len(outbox.said)


async def test_the_loop_survives_a_failing_database(
    previews: Previews, outbox: Outbox, clock: WatchedClock
) -> None:
    """It looks again a little later."""
    await previews.remember(replace(SHOWN, expires_at=START - GRACE))
    outbox.failures = [StorageError("disk full")]
    async with _running(previews):
        assert LOOK_EVERY == await clock.next_pause()
        assert None is not await previews.next_due()
        await clock.tick(LOOK_EVERY)
        await clock.next_pause()
        assert None is await previews.next_due()


async def test_a_restart_forgets_nothing(database: Database, outbox: Outbox, clock: ManualClock) -> None:
    """A new process says what the old one did not come to."""
    await Previews(PreviewStore(database), outbox, clock).remember(SHOWN)
    assert 1 == await Previews(PreviewStore(database), outbox, clock).lapse(START + 999)


async def test_old_ones_are_forgotten(previews: Previews) -> None:
    """Once they have ended."""
    await previews.remember(SHOWN)
    await previews.end(1042)
    assert 1 == await previews.forget(START + 1)


@asynccontextmanager
async def _running(previews: Previews) -> AsyncIterator[None]:
    loop = asyncio.create_task(previews.run())
    try:
        yield
    finally:
        loop.cancel()
        with suppress(asyncio.CancelledError):
            await loop


async def test_a_take_that_came_too_late_leaves_the_message_to_say_so(
    previews: Previews, outbox: Outbox
) -> None:
    """Pressed in the last second, or after a crash: the message is not left with a promise."""
    await previews.remember(SHOWN)
    with pytest.raises(PreviewLapsed):
        async with previews.taking(SHOWN.request):
            raise PreviewLapsed("it is not reserved any more")
    assert 1 == await previews.lapse(SHOWN.expires_at + GRACE)
    with pytest.raises(PreviewLapsed):
        async with previews.taking(SHOWN.request):
            raise PreviewLapsed("it is not reserved any more")
    assert 0 == await previews.lapse(SHOWN.expires_at + GRACE + 60)
