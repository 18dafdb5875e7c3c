"""Telling those who watch the world what happens in it; a slow listener never holds it up."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.telegram.records import JsonObject
from sandbox.telegram.signals import Signal

BACKLOG = 1000


class Listener:
    """A bounded queue of events; None is the end: the world closed or the reader was too slow."""

    def __init__(self, chat_id: int | None) -> None:
        self.chat_id = chat_id
        self.queue: asyncio.Queue[JsonObject | None] = asyncio.Queue()

    def offer(self, event: JsonObject | None) -> bool:
        """Queue an event; False if this was too much and the listener has been ended instead."""
        full = self.queue.qsize() >= BACKLOG
        self.queue.put_nowait(None if full else event)
        return not full


class Events:
    """Broadcasts events to listeners and wakes those who wait for a chat."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._signals: defaultdict[int, Signal] = defaultdict(Signal)
        self.closed = False

    def publish(self, event: JsonObject) -> None:
        """Tell an event; its `chat` is the id of the chat it happened in."""
        chat_id = event["chat"]
        for listener in list(self._listeners):
            if listener.chat_id in (None, chat_id) and not listener.offer(event):
                self._listeners.discard(listener)
        if chat_id in self._signals:
            self._signals[chat_id].fire()

    @contextmanager
    def listening(self, chat_id: int | None) -> Iterator[Listener]:
        """A listener to one chat, or to all."""
        listener = Listener(chat_id)
        if self.closed:
            listener.offer(None)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    async def wait(self, chat_id: int, seconds: float) -> bool:
        """True as soon as something happens in the chat, False after `seconds` or if the world is closed."""
        return not self.closed and await self._signals[chat_id].wait(seconds)

    def open(self) -> None:
        """Let listeners and waiters stay (again)."""
        self.closed = False

    def close(self) -> None:
        """End all listeners and waiters; for the end of a server."""
        self.closed = True
        for listener in self._listeners:
            listener.offer(None)
        for signal in self._signals.values():
            signal.fire()
