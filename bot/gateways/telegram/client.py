"""The client of the Bot API."""

from __future__ import annotations

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode

from bot.gateways.telegram.lost_answers import LostAnswers
from bot.gateways.telegram.pace import OutgoingPace
from bot.resilience.clock import Clock

CALL_SECONDS = 30.0


def make_bot(token: str, api_url: str, *, clock: Clock, call_seconds: float = CALL_SECONDS) -> Bot:
    """A client that writes HTML without link previews and keeps Telegram's pace.

    `api_url` has no `/bot` at its end; a call that takes longer than `call_seconds` fails. Close its session.
    """
    session = AiohttpSession(
        api=TelegramAPIServer.from_base(api_url.rstrip("/")), timeout=call_seconds, limit=100
    )
    session.middleware(OutgoingPace(clock))
    session.middleware(LostAnswers())
    return Bot(
        token,
        session=session,
        default=DefaultBotProperties(parse_mode=ParseMode.HTML, link_preview_is_disabled=True),
    )
