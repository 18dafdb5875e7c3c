"""So many requests a minute and person: who floods the bot hears so once, then nothing; others notice nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

import structlog
from aiogram import BaseMiddleware
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramAPIError
from aiogram.types import Message, TelegramObject, Update
from cachetools import LRUCache

from bot.resilience.clock import Clock
from bot.resilience.limiter import TokenBucket

log = structlog.get_logger(__name__)

PEOPLE = 10_000

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


@dataclass(slots=True)
class _Account:
    bucket: TokenBucket
    told: bool = False


class Throttling(BaseMiddleware):
    """Passes `per_minute` requests a minute on, saved up to as many; the rest ends here.

    The first of them gets `notice`; another one comes only after half of what one may have is there again. A press
    counts, and its spinner ends. The oldest accounts are forgotten beyond 10,000: they are full by then.
    """

    def __init__(self, clock: Clock, per_minute: int, notice: str) -> None:
        self._clock = clock
        self._per_minute = per_minute
        self._notice = notice
        self._accounts: LRUCache[int, _Account] = LRUCache(PEOPLE)

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        update = cast(Update, event)
        user_id = _asker(update)
        if user_id is None or self._has_a_token(user_id):
            return await handler(event, data)
        with suppress(TelegramAPIError):
            await self._turn_down(update, user_id)
        return None

    def _has_a_token(self, user_id: int) -> bool:
        account = self._accounts.get(user_id)
        if account is None:
            bucket = TokenBucket(self._clock, per_minute=self._per_minute, burst=self._per_minute)
            account = self._accounts[user_id] = _Account(bucket)
        if account.told and account.bucket.available >= self._per_minute / 2:
            account.told = False
        return account.bucket.take_if_there()

    async def _turn_down(self, update: Update, user_id: int) -> None:
        if update.callback_query is not None:
            notice = self._notice_once(user_id)
            await update.callback_query.answer(notice, show_alert=notice is not None)
            return
        message = cast(Message, update.message)
        if _is_private(message) and (notice := self._notice_once(user_id)):
            await message.answer(notice)

    def _notice_once(self, user_id: int) -> str | None:
        account = self._accounts[user_id]
        if account.told:
            return None
        account.told = True
        log.info("a person asks too often", user_id=user_id)
        return self._notice


def _asker(update: Update) -> int | None:
    """Who asks for something; talk in a group is no request."""
    if update.callback_query is not None:
        return update.callback_query.from_user.id
    message = update.message
    if message is None or message.from_user is None:
        return None
    asks = _is_private(message) or (message.text or "").startswith("/")
    return message.from_user.id if asks else None


def _is_private(message: Message) -> bool:
    return message.chat.type == ChatType.PRIVATE
