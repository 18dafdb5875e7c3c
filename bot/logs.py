"""Logging: structlog over the standard library, everybody's records through one redacting formatter."""

import logging
import logging.handlers
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, TextIO

import structlog
from structlog.typing import Processor

from bot.redaction import Redactor

LogFormat = Literal["console", "json"]

NOISY = (
    "aiogram",
    "aiosqlite",
    "alembic",
    "apscheduler",
    "ccxt",
    "google",
    "gspread",
    "httpcore",
    "httpx",
    "urllib3",
)


def configure_logging(
    level: str,
    format: LogFormat,  # noqa: A002 (as in LOG_FORMAT)
    file: Path | None,
    *,
    secrets: Iterable[str],
    stream: TextIO | None = None,
) -> None:
    """Sends what is logged at `level` or above to `stream` (stderr), and to `file` where one is given.

    `format` is one line of text or one JSON object a record; colours appear on a terminal only. What
    bot.redaction knows as a secret, and the given `secrets`, are masked in the whole line, traces included.
    The file is opened for appending, its folder made; it may be moved away while the bot runs. A second call
    replaces the first.
    """
    redact = Redactor(secrets)
    handlers: list[logging.Handler] = [_to_stream(stream or sys.stderr, format, redact)]
    if file is not None:
        handlers.append(_to_file(file, format, redact))
    _replace_root_handlers(handlers)
    logging.getLogger().setLevel(level)
    # A record that can't be written would otherwise be printed as it is, secrets and all.
    logging.raiseExceptions = False
    for name in NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    _configure_structlog()


class RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """Renders a record and redacts the line as its last step; a record that can't be rendered is named."""

    def __init__(self, renderers: list[Processor], redact: Redactor) -> None:
        remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
        super().__init__(processors=[remove_meta, *renderers], foreign_pre_chain=_describe())
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        try:
            line = super().format(record)
        except Exception as error:
            line = f"unloggable record from {record.name} ({record.pathname}:{record.lineno}): {error!r}"
        return self._redact(line)


def _to_stream(stream: TextIO, format: LogFormat, redact: Redactor) -> logging.Handler:  # noqa: A002
    handler = logging.StreamHandler(stream)
    handler.setFormatter(RedactingFormatter(_renderers(format, colours=stream.isatty()), redact))
    return handler


def _to_file(path: Path, format: LogFormat, redact: Redactor) -> logging.Handler:  # noqa: A002
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.WatchedFileHandler(path, encoding="utf-8")
    handler.setFormatter(RedactingFormatter(_renderers(format, colours=False), redact))
    return handler


def _replace_root_handlers(handlers: list[logging.Handler]) -> None:
    root = logging.getLogger()
    for old in [handler for handler in root.handlers if isinstance(handler.formatter, RedactingFormatter)]:
        root.removeHandler(old)
        old.close()
    for new in handlers:
        root.addHandler(new)


def _renderers(format: LogFormat, *, colours: bool) -> list[Processor]:  # noqa: A002
    if format == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    # Rich traces would show local variables, and those hold credentials.
    trace = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=trace)]


def _describe() -> list[Processor]:
    """What is added to each record, be it ours or from a library that logs in the standard way."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _configure_structlog() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_describe(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
