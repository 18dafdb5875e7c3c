"""Updates, fetched or brought to a webhook, as plain dicts.

One that aiogram cannot decode must not fail its whole batch.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from aiogram import Bot, Dispatcher
from aiogram.enums import ChatAction
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.types import Update
from aiogram.types.update import UpdateTypeLookupError
from pydantic import ValidationError

from bot.errors import PeerBusy, PeerError, PeerRefused, PeerUnavailable
from bot.services.intake import RawUpdate, Undecodable, Undelivered

PEER = "telegram"
BATCH = 100
CONNECTIONS = 40
ANSWER_SECONDS = 10
SIGN_SECONDS = 5
REFUSALS: dict[type[TelegramAPIError], int] = {
    TelegramBadRequest: 400,
    TelegramUnauthorizedError: 401,
    TelegramForbiddenError: 403,
    TelegramNotFound: 404,
    TelegramConflictError: 409,
}


class GetRawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """`getUpdates`, its answer left as it is."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int = BATCH
    timeout: int = 0
    allowed_updates: list[str] | None = None


@dataclass(frozen=True, slots=True)
class WebhookAddress:
    """Where Telegram brings updates to, and what it proves itself by."""

    url: str
    secret: str = field(repr=False)


class TelegramUpdates:
    """Gets updates and feeds them to the dispatcher, which gets those kinds that it has handlers for.

    `is_known`: whether somebody, by their id, is answered in groups. With a `webhook` updates are brought there, and
    not to be fetched.
    """

    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        is_known: Callable[[int], bool],
        webhook: WebhookAddress | None = None,
    ) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._is_known = is_known
        self._webhook = webhook

    async def register(self) -> None:
        """Set the webhook, or delete one that is left from before; nothing that waits is dropped."""
        try:
            if self._webhook is None:
                await self._bot.delete_webhook(drop_pending_updates=False)
            else:
                await self._bot.set_webhook(
                    self._webhook.url,
                    secret_token=self._webhook.secret,
                    allowed_updates=self._dispatcher.resolve_used_update_types(),
                    max_connections=CONNECTIONS,
                )
        except (TelegramAPIError, ClientDecodeError, OSError, UnicodeError) as error:
            raise translated(error, self._bot.token) from error

    async def fetch(self, offset: int | None, timeout: int) -> list[RawUpdate]:
        """One `getUpdates`; a lost answer is PeerUnavailable, since nothing is confirmed by asking again."""
        method = GetRawUpdates(
            offset=offset,
            timeout=timeout,
            allowed_updates=self._dispatcher.resolve_used_update_types(),
        )
        try:
            return await self._bot(method, request_timeout=timeout + ANSWER_SECONDS)
        except (TelegramAPIError, ClientDecodeError, OSError, UnicodeError) as error:
            raise translated(error, self._bot.token) from error

    async def handle(self, update: RawUpdate) -> None:
        """Decode and dispatch; Undecodable before anything was done, Undelivered after it, or what it raises."""
        try:
            await self._dispatcher.feed_update(self._bot, self._decoded(update))
        except TelegramRetryAfter as error:
            raise Undelivered(type(error).__name__, error.retry_after) from None
        except (TelegramNetworkError, TelegramServerError) as error:
            raise Undelivered(type(error).__name__) from None

    async def show_waiting(self, update: RawUpdate, *, late: bool) -> None:
        """“Typing” where it was asked; a button's spinner ends when it is late. A failure does not matter."""
        callback = update.get("callback_query")
        # What is not as it should be is left alone.
        with suppress(TelegramAPIError, ClientDecodeError, AttributeError, KeyError, TypeError):
            if callback and late:
                await self._bot.answer_callback_query(str(callback["id"]), request_timeout=SIGN_SECONDS)
            if await self._is_answered_there(update):
                chat = (callback or update)["message"]["chat"]["id"]
                await self._bot.send_chat_action(chat, ChatAction.TYPING, request_timeout=SIGN_SECONDS)

    async def _is_answered_there(self, update: RawUpdate) -> bool:
        """In a group, only what somebody known asks of this bot: neither talk nor a word to another bot."""
        asked = update.get("callback_query") or update["message"]
        message = asked.get("message", asked)
        if message["chat"]["type"] == "private":
            return True
        if not self._is_known(asked["from"]["id"]):
            return False
        return asked is not message or await self._is_addressed(str(message.get("text", "")))

    async def _is_addressed(self, text: str) -> bool:
        """Whether it is a command, and for no other bot."""
        command, _, mention = text.partition(" ")[0].partition("@")
        if not command.startswith("/"):
            return False
        return not mention or mention.casefold() == str((await self._bot.me()).username).casefold()

    def _decoded(self, raw: RawUpdate) -> Update:
        try:
            update = Update.model_validate(raw, context={"bot": self._bot})
            _ = update.event_type
        except (ValidationError, UpdateTypeLookupError):
            # Without its cause, whose text quotes the update.
            raise Undecodable(f"update {raw.get('update_id')}") from None
        return update


def translated(error: Exception, token: str) -> PeerError:
    """Our name for what `getUpdates` ran into; neither the token nor an update gets into its text."""
    if not isinstance(error, TelegramAPIError):
        return PeerUnavailable(PEER, f"the answer cannot be read ({type(error).__name__})")
    detail = error.message.replace(token, "<token>").replace(quote(token, safe=""), "<token>")
    if isinstance(error, TelegramRetryAfter):
        return PeerBusy(PEER, detail, error.retry_after)
    for refusal, status in REFUSALS.items():
        if isinstance(error, refusal):
            return PeerRefused(PEER, status, detail)
    return PeerUnavailable(PEER, detail)
