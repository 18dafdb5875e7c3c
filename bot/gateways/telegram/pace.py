"""Telegram's pace: how often the bot may write, to one chat and over all."""

from __future__ import annotations

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import TelegramRetryAfter
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from cachetools import LRUCache

from bot.resilience.clock import Clock
from bot.resilience.limiter import TokenBucket

OVERALL = {"per_minute": 30 * 60.0, "burst": 30.0}
PRIVATE = {"per_minute": 60.0, "burst": 5.0}
GROUP = {"per_minute": 20.0, "burst": 5.0}
CHATS = 4_096
LONGEST_FLOOD_WAIT = 60.0
WRITING = ("send", "edit", "copy", "forward")

ChatId = int | str


class OutgoingPace(BaseRequestMiddleware):
    """Holds back what is written too fast, and repeats what Telegram refused for that reason alone.

    A call waits for floods 60 s in all; what takes longer is the caller's. A network error passes through:
    the message may have been delivered.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._overall = TokenBucket(clock, **OVERALL)
        self._chats: LRUCache[ChatId, TokenBucket] = LRUCache(CHATS)

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        chat_id = written_chat(method)
        if chat_id is None:
            return await make_request(bot, method)
        patience = LONGEST_FLOOD_WAIT
        while True:
            await self._turn(chat_id)
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as flood:
                patience -= flood.retry_after
                if patience < 0:
                    raise
                self._bucket(chat_id).slow_down(flood.retry_after)

    async def _turn(self, chat_id: ChatId) -> None:
        # The chat first: a token of all chats is not to be held while one chat is waited for.
        await self._bucket(chat_id).acquire()
        await self._overall.acquire()

    def _bucket(self, chat_id: ChatId) -> TokenBucket:
        bucket = self._chats.get(chat_id)
        if bucket is None:
            bucket = self._chats[chat_id] = TokenBucket(self._clock, **_rates(chat_id))
        return bucket


def written_chat(method: TelegramMethod[TelegramType]) -> ChatId | None:
    """The chat that a call creates or edits a message in; None for calls that do neither."""
    name = method.__api_method__
    if not name.startswith(WRITING) or name == "sendChatAction":
        return None
    chat_id: ChatId | None = getattr(method, "chat_id", None)
    return chat_id


def _rates(chat_id: ChatId) -> dict[str, float]:
    """Users have positive ids; groups and channels have negative ones, or a name."""
    return PRIVATE if isinstance(chat_id, int) and chat_id > 0 else GROUP
