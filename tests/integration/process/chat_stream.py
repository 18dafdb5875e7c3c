"""Everything that happens in all chats, in the order it happened, as the sandbox's event stream tells it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlsplit

from local_world import PATIENCE, Json

T = TypeVar("T")

HEARTBEATS_MISSED = 60.0


@dataclass(frozen=True, slots=True)
class Event:
    """Something in a chat; `at` is `time.monotonic` when we heard of it."""

    at: float
    kind: str
    source: Json

    @property
    def message(self) -> Json | None:
        """The message that came, changed or went."""
        message: Json | None = self.source.get("message")
        return message

    @property
    def is_bots(self) -> bool:
        """Whether the bot did it: wrote, edited, deleted, acted, or answered a press."""
        return self.message is None or self.message["from"]["is_bot"]

    @property
    def text(self) -> str:
        """What the bot says here, in a message or by answering a press; "" where it says nothing."""
        if self.message is not None:
            return str(self.message["text"]) if self.is_bots and self.kind != "delete" else ""
        return str(self.source.get("text", ""))


class _Log:
    """One chat's events; whoever waits for more is woken by each."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.news = threading.Condition()


class ChatStream:
    """Reads the stream in a thread of its own, from `__enter__` to `__exit__`."""

    def __init__(self, telegram: str) -> None:
        self._server = urlsplit(telegram).netloc
        self._logs: defaultdict[int, _Log] = defaultdict(_Log)
        self._closing = False

    def __enter__(self) -> Self:
        self._connection = HTTPConnection(self._server, timeout=HEARTBEATS_MISSED)
        self._connection.request("GET", "/sandbox/events")
        response = self._connection.getresponse()
        assert response.readline() == b": connected\n"
        self._thread = threading.Thread(target=self._read, args=(response,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        assert self._connection.sock is not None
        self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)
        self._connection.close()

    def events(self, chat: int, since: int = 0) -> list[Event]:
        """What has happened in a chat so far; leave out the first `since`."""
        return self._logs[chat].events[since:]

    def count(self, chat: int) -> int:
        """How much has happened in a chat so far."""
        return len(self._logs[chat].events)

    def chats(self) -> Iterable[int]:
        """Every chat in which something has happened."""
        return list(self._logs)

    def wait(
        self, chat: int, look: Callable[[list[Event]], T], since: int = 0, patience: float = PATIENCE
    ) -> T | None:
        """What `look` finds in the chat's events, once it finds something; None if it never does."""
        log = self._logs[chat]
        deadline = time.monotonic() + patience
        with log.news:
            while not (found := look(log.events[since:])):
                if not log.news.wait(max(0.0, deadline - time.monotonic())):
                    return None
        return found

    def _read(self, response: HTTPResponse) -> None:
        try:
            while line := response.readline():
                if line.startswith(b"data: "):
                    self._take(json.loads(line.removeprefix(b"data: ")))
        except OSError:
            assert self._closing, "the sandbox has ended the stream"
        finally:
            response.close()

    def _take(self, source: Json) -> None:
        event, log = Event(time.monotonic(), source["kind"], source), self._logs[source["chat"]]
        with log.news:
            log.events.append(event)
            log.news.notify_all()
