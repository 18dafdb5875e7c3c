"""The one place where errors become answers. What we did not foresee is logged once, with its trace."""

from __future__ import annotations

from contextlib import suppress

import structlog
from aiogram import Router
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramServerError,
)
from aiogram.types import CallbackQuery, ErrorEvent, Message, Update

from bot.errors import OfferLapsed, QuartermasterError
from bot.handlers.arguments import BadArgument
from bot.handlers.deps import ChatDeps
from bot.views import errors as views

log = structlog.get_logger(__name__)


def make_router() -> Router:
    """One handler for every error of every other router."""
    router = Router(name="errors")
    router.errors.register(answer)
    return router


async def answer(event: ErrorEvent, deps: ChatDeps) -> None:
    """Tell the person what happened and what to do, as far as they can be reached.

    An answer that the network has lost is raised on: the update stays open, and is answered again.
    """
    if isinstance(event.exception, TelegramNetworkError | TelegramServerError):
        raise event.exception
    if isinstance(event.exception, TelegramForbiddenError):
        log.info("the person cannot be written to", update_id=event.update.update_id)
        return
    text = _text(event, deps)
    with suppress(TelegramAPIError):
        await _tell(event.update, text, alert=isinstance(event.exception, OfferLapsed))


def _text(event: ErrorEvent, deps: ChatDeps) -> str:
    match event.exception:
        case BadArgument(problem=problem, remedy=remedy):
            return views.bad_argument(problem, remedy)
        case QuartermasterError() as error:
            return views.explain(error)
    reference = deps.new_reference()
    log.error(
        "unexpected error", reference=reference, update_id=event.update.update_id, exc_info=event.exception
    )
    return views.unexpected(reference)


async def _tell(update: Update, text: str, *, alert: bool) -> None:
    if update.message is not None:
        await update.message.answer(text)
    elif update.callback_query is not None:
        await _tell_presser(update.callback_query, text, alert=alert)


async def _tell_presser(callback: CallbackQuery, text: str, *, alert: bool) -> None:
    """A dead button gets an alert. Other errors go into the chat: a press may have been answered already."""
    with suppress(TelegramAPIError):
        await (callback.answer(text, show_alert=True) if alert else callback.answer())
    if not alert and isinstance(callback.message, Message):
        await callback.message.answer(text)
