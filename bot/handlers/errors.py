"""The one place where errors become answers. What we did not foresee is logged once, with its trace."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import structlog
from aiogram import Bot, Router
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import TelegramMethod
from aiogram.types import CallbackQuery, ErrorEvent, Message, Update

from bot.errors import NotAllowed, OfferLapsed, QuartermasterError, StorageError
from bot.handlers.arguments import BadArgument
from bot.handlers.connecting import hide_key
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import is_private
from bot.services.admission import Admission
from bot.views import errors as views
from bot.views import places

log = structlog.get_logger(__name__)

LOST = (TelegramNetworkError, TelegramServerError, TelegramRetryAfter)
TOO_LATE = "query is too old"


def register(router: Router) -> None:
    """One handler for every error of all others."""
    router.errors.register(answer)


async def answer(event: ErrorEvent, bot: Bot, deps: ChatDeps, admission: Admission | None = None) -> None:
    """Tell the person what happened and what to do, as far as they can be reached.

    An answer that the network has lost, this one too, is raised on: the update stays open, and is answered again.
    """
    match event.exception:
        case TelegramNetworkError() | TelegramServerError() | TelegramRetryAfter():
            raise event.exception
        case TelegramForbiddenError(method=method):
            log.info("the person cannot be written to", update_id=event.update.update_id)
            await _note_lost(method, admission)
        case TelegramMigrateToChat() as moved:
            await _send_after(moved, bot)
        case TelegramBadRequest(message=message) if TOO_LATE in message.lower():
            log.info("a press was answered too late", update_id=event.update.update_id)
        case _:
            await _explain(event, bot, deps)


async def _note_lost(method: TelegramMethod[Any], admission: Admission | None) -> None:
    """Whose private chat it was has blocked us."""
    chat_id = getattr(method, "chat_id", None)
    if admission is not None and isinstance(chat_id, int) and chat_id > 0:
        with suppress(StorageError):
            await admission.lost(chat_id)


async def _explain(event: ErrorEvent, bot: Bot, deps: ChatDeps) -> None:
    text, alert = _text(event, deps), isinstance(event.exception, OfferLapsed | NotAllowed)
    here = alert or isinstance(event.exception, BadArgument)
    if isinstance(event.exception, NotAllowed) and event.update.message is not None:
        await hide_key(event.update.message, deps.clock)
    try:
        await _tell(event.update, text, bot, alert=alert, here=here)
    except TelegramMigrateToChat as moved:
        await _send_after(moved, bot)
    except LOST:
        raise
    except TelegramAPIError as error:
        log.info("an error could not be told", update_id=event.update.update_id, error=error.message)


async def _send_after(moved: TelegramMigrateToChat, bot: Bot) -> None:
    """The group has become a supergroup: what was said into the old one goes to the new one."""
    with suppress(TelegramAPIError):
        await bot(moved.method.model_copy(update={"chat_id": moved.migrate_to_chat_id}))


def _text(event: ErrorEvent, deps: ChatDeps) -> str:
    match event.exception:
        case BadArgument(problem=problem, remedy=remedy):
            return views.bad_argument(problem, remedy)
        case QuartermasterError() as error:
            return views.explain(error)
    reference = deps.new_reference()
    deps.metrics.refer(reference, event.exception, deps.clock.time())
    log.error(
        "unexpected error", reference=reference, update_id=event.update.update_id, exc_info=event.exception
    )
    return views.unexpected(reference)


async def _tell(update: Update, text: str, bot: Bot, *, alert: bool, here: bool) -> None:
    if update.message is not None:
        await _tell_asker(update.message, text, bot, here=here)
    elif update.callback_query is not None:
        await _tell_presser(update.callback_query, text, bot, alert=alert)


async def _tell_asker(message: Message, text: str, bot: Bot, *, here: bool) -> None:
    """What is more than a refusal of the right is nobody else's business: asked in a group, it is told in private."""
    if here or is_private(message) or message.from_user is None:
        await message.answer(text)
        return
    await bot.send_message(message.from_user.id, text)
    reference = message.as_reply_parameters(allow_sending_without_reply=True)
    await message.answer(places.SENT_PRIVATELY, reply_parameters=reference)


async def _tell_presser(callback: CallbackQuery, text: str, bot: Bot, *, alert: bool) -> None:
    """What a button may not do is an alert, as long as the press can be answered; all else is written in private."""
    try:
        await (callback.answer(text, show_alert=True) if alert else callback.answer())
    except TelegramAPIError:
        alert = False
    if not alert:
        await bot.send_message(callback.from_user.id, text)
