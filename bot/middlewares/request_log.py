"""One line of log and one count a request: ids only, never what people wrote."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.filters import Command
from aiogram.types import TelegramObject, Update

from bot.errors import RequestRefused
from bot.middlewares.metrics import CommandMetrics
from bot.models.offer import Press
from bot.models.status import BUTTON
from bot.resilience.clock import Clock

log = structlog.get_logger(__name__)

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class RequestLog(BaseMiddleware):
    """Stands around each handler. A refusal is an answer; everything else that is raised counts as failed.

    What is answered is logged at DEBUG, since a line costs as much as all the rest; a slow one of each name once a
    minute where everybody sees it.
    """

    def __init__(self, clock: Clock, metrics: CommandMetrics) -> None:
        self._clock = clock
        self._metrics = metrics

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        begun = self._clock.monotonic()
        outcome = "cancelled"
        try:
            result = await handler(event, data)
            outcome = "answered"
        except RequestRefused as error:
            outcome = "refused"
            self._metrics.met(error, self._clock.time(), refused=True)
            raise
        except Exception as error:
            outcome = "failed"
            self._metrics.met(error, self._clock.time(), refused=False)
            raise
        finally:
            self._record(data, outcome, self._clock.monotonic() - begun)
        return result

    def _record(self, data: dict[str, Any], outcome: str, seconds: float) -> None:
        name = request_name(data)
        self._metrics.add(name, seconds, failed=outcome == "failed")
        update: Update = data["event_update"]
        is_usual = outcome == "answered" and not self._metrics.is_news(name, seconds)
        (log.debug if is_usual else log.info)(
            "request",
            name=name,
            outcome=outcome,
            seconds=round(seconds, 3),
            update_id=update.update_id,
            user_id=data["sender"].id,
            chat_id=chat.id if (chat := data.get("event_chat")) else None,
        )


def request_name(data: dict[str, Any]) -> str:
    """`/take` for a command of ours, `button take` for a press (its verb is one of the table's), else `other`."""
    if data["event_update"].callback_query is not None:
        return BUTTON + press.action.verb if isinstance(press := data.get("press"), Press) else "other"
    filters: list[Command] = data["handler"].flags.get("commands", [])
    names = {name for command in filters for name in command.commands}
    asked = data["command"].command.lower() if "command" in data else ""
    return f"/{asked}" if asked in names else "other"
