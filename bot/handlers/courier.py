"""Notices on their way into Telegram: rendered, sent or edited in, and what Telegram says to that in our words."""

from __future__ import annotations

from typing import Protocol

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramRetryAfter,
)
from aiogram.types import InlineKeyboardMarkup
from pydantic import ValidationError

from bot.errors import OutcomeUnknown, PeerBusy, PeerError, PeerRefused, Unreachable
from bot.handlers.outlet import OfferMaker, Outlet
from bot.models.notice import Kind, Notice
from bot.resilience.clock import Clock
from bot.views.notices import render

log = structlog.get_logger(__name__)

PEER = "telegram"
NOBODY_THERE = ("chat not found", "user not found", "peer_id_invalid", "deactivated", "blocked by the user")
NOTHING_TO_EDIT = ("not modified", "message to edit not found", "message can't be edited")


class Shown(Protocol):
    """Which messages still show their previews."""

    async def is_shown(self, request: int) -> bool: ...


class TelegramCourier:
    """Brings notices to people's private chats, buttons included."""

    def __init__(self, bot: Bot, clock: Clock, offers: OfferMaker, previews: Shown) -> None:
        self._bot = bot
        self._clock = clock
        self._offers = offers
        self._previews = previews

    async def deliver(self, notice: Notice, number: int, created_at: float) -> None:
        """Send it. Raises Unreachable, PeerRefused, PeerBusy, OutcomeUnknown."""
        if notice.kind is Kind.PREVIEW_LAPSED and not await self._previews.is_shown(notice.data["request"]):
            return  # it comes late: the message shows what was taken, or another preview
        reply = render(notice.kind, notice.data, self._clock.time(), created_at)
        try:
            await self._outlet(notice).deliver(reply)
        except TelegramAPIError as error:
            raise translated(error) from error
        except ClientDecodeError as error:
            if not isinstance(error.original, ValidationError):
                raise OutcomeUnknown(PEER, "the answer cannot be read") from error
            # Telegram has done it, and told so in a way we do not know yet: again would be once too often.
            log.warning("the answer to a notice was not understood", number=number)

    def _outlet(self, notice: Notice) -> Outlet:
        if notice.kind is Kind.PREVIEW_LAPSED:
            place = notice.data["chat_id"], notice.data["message_id"]
            return InPlace(self._bot, self._clock, self._offers, *place)
        return Outlet(self._bot, self._clock, self._offers, notice.to)


class InPlace(Outlet):
    """Edits its message, and lets it be where that cannot be done any more."""

    async def _put(self, text: str, markup: InlineKeyboardMarkup | None) -> int:
        assert self.message_id is not None
        try:
            await self._bot.edit_message_text(
                text, chat_id=self.chat_id, message_id=self.message_id, reply_markup=markup
            )
        except TelegramBadRequest as error:
            if not any(sign in error.message.lower() for sign in NOTHING_TO_EDIT):
                raise
        return self.message_id


def translated(error: TelegramAPIError) -> PeerError:
    """Our name for what became of a message."""
    if isinstance(error, TelegramRetryAfter):
        return PeerBusy(PEER, "flood control", error.retry_after)
    if isinstance(error, TelegramForbiddenError):
        return Unreachable(PEER, 403, error.message)
    if isinstance(error, TelegramBadRequest):
        nobody = any(sign in error.message.lower() for sign in NOBODY_THERE)
        return (Unreachable if nobody else PeerRefused)(PEER, 400, error.message)
    if isinstance(error, TelegramEntityTooLarge):
        return PeerRefused(PEER, 413, error.message)
    # Without its text: that of a network error holds the address, and the address the token.
    return OutcomeUnknown(PEER, type(error).__name__)
