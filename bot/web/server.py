"""Listening for HTTP."""

from __future__ import annotations

import errno
import logging
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiohttp import web
from aiohttp.http import HttpProcessingError

from bot.errors import CannotListen

SHUTDOWN_SECONDS = 2.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve `app` and yield its port (0: any free one); CannotListen at the start.

    A caller who goes away does not cut the work for them short: it may be about to be stored.
    """
    wire = logging.getLogger(f"{__name__}.wire")
    wire.addFilter(_is_ours)
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=wire,
        shutdown_timeout=SHUTDOWN_SECONDS,
        handler_cancellation=False,
    )
    await runner.setup()
    try:
        yield await _listen(runner, host, port)
    finally:
        await runner.cleanup()


def _is_ours(record: logging.LogRecord) -> bool:
    """A stranger who cannot speak HTTP, or hangs up, is no error of ours, and may do so all day long."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | web.RequestPayloadError | ConnectionError)


async def _listen(runner: web.AppRunner, host: str, port: int) -> int:
    try:
        await web.TCPSite(runner, host, port).start()
    except socket.gaierror as error:
        raise CannotListen(host, port, error.strerror or "no such name", taken=False) from error
    except OSError as error:
        # asyncio wraps the words of the system in a sentence with the address.
        why = os.strerror(error.errno) if error.errno else "the system says no"
        raise CannotListen(host, port, why, taken=error.errno == errno.EADDRINUSE) from error
    bound: int = runner.addresses[0][1]
    log.info("listening", host=host, port=bound)
    return bound
