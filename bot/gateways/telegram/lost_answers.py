"""An answer that cannot be read is a lost answer: what was asked for may have been done."""

from __future__ import annotations

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import ClientDecodeError, TelegramNetworkError
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from pydantic import ValidationError


class LostAnswers(BaseRequestMiddleware):
    """Raises TelegramNetworkError where a page of HTML or half an answer came, as gateways before Telegram send.

    An answer in a shape that we do not know stays a ClientDecodeError: Telegram has done it.
    """

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        try:
            return await make_request(bot, method)
        except ClientDecodeError as error:
            if isinstance(error.original, ValidationError):
                raise
            raise TelegramNetworkError(method, "the answer cannot be read") from error
