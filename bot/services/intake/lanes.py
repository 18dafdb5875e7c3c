"""Lanes: what belongs to one person in one chat happens in order, everything else at the same time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from bot.resilience.tasks import Supervisor
from bot.services.intake.ports import RawUpdate

Job = Callable[[], Awaitable[None]]

OVERTAKING = frozenset({"/cancel"})


def kind_of(update: RawUpdate) -> str:
    """Telegram's name for what an update holds: `message`, `callback_query` …"""
    return next((key for key in update if key != "update_id"), "nothing")


def lane_of(update: RawUpdate) -> Hashable:
    """The lane of an update: its (chat id, user id), where None stands for one that it does not have.

    An overtaking command has a lane beside its person's usual one; an update of nobody has a lane of its own.
    """
    event = _part(update, kind_of(update))
    chat = _id(event, "chat") or _id(_part(event, "message"), "chat")
    user = _id(event, "from") or _id(event, "user")
    if chat is None and user is None:
        return ("update", update["update_id"])
    if _command(event) in OVERTAKING:
        return ("overtaking", chat, user)
    return (chat, user)


def _part(value: dict[str, Any], key: str) -> dict[str, Any]:
    part = value.get(key)
    return part if isinstance(part, dict) else {}


def _id(event: dict[str, Any], key: str) -> int | None:
    number = _part(event, key).get("id")
    return number if isinstance(number, int) else None


def _command(event: dict[str, Any]) -> str:
    text = event.get("text")
    words = text.split(maxsplit=1) if isinstance(text, str) else []
    return words[0].partition("@")[0].lower() if words else ""


class Lanes:
    """Runs the jobs of one lane one after the other, those of different lanes concurrently.

    A lane is a task as long as it has something to do. Jobs report their own failures: one that raises ends
    its lane, and what waited behind it is dropped.
    """

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._jobs: dict[Hashable, deque[Job]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def add(self, lane: Hashable, job: Job) -> None:
        """Let `job` run when everything before it in its lane has ended."""
        if lane in self._jobs:
            self._jobs[lane].append(job)
            return
        self._jobs[lane] = deque([job])
        task = self._supervisor.start(self._serve(lane), name=f"lane {lane}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def is_busy(self, lane: Hashable) -> bool:
        """Whether a job of that lane would have to wait."""
        return lane in self._jobs

    def close(self) -> None:
        """Begin no further job; those that run go on."""
        self._closed = True

    def cancel(self) -> None:
        """Cancel the jobs that run."""
        for task in self._tasks:
            task.cancel()

    async def idle(self) -> None:
        """Wait until no job runs."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _serve(self, lane: Hashable) -> None:
        jobs = self._jobs[lane]
        try:
            while jobs and not self._closed:
                await jobs.popleft()()
        finally:
            del self._jobs[lane]
