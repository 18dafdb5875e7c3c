"""For every test: nothing leaves this machine."""

from __future__ import annotations

import gc
import ipaddress
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import Engine, event

# Properties are judged by what they find, not by how fast a busy machine finds it.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

_strays: list[str] = []


def pytest_configure() -> None:
    """What is made while tests are collected is there to stay: looking through it for rubbish takes a third longer."""
    gc.disable()


def pytest_collection_finish() -> None:
    """From now on, too, nobody looks through it."""
    gc.collect()
    gc.freeze()
    gc.enable()


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if not _is_local(host):
        _strays.append(f"{event} {host}")
        raise OSError(f"a test tried to reach {host}")


def _is_local(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


sys.addaudithook(_watch)


@pytest.fixture(autouse=True)
def stays_on_this_machine() -> Iterator[None]:
    """No test reaches for another host, not even behind somebody's error handling."""
    _strays.clear()
    yield
    assert _strays == []


@pytest.fixture
def statements() -> Callable[[], AbstractContextManager[list[str]]]:
    """Counts queries: `with statements() as asked` has all that any engine is handed meanwhile; a batch is one."""
    return _statements


@contextmanager
def _statements() -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)
