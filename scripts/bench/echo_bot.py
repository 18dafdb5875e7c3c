"""The smallest bot that aiogram's own guide begins with: it says what it hears. Arguments: token, server."""

from __future__ import annotations

import asyncio
import sys

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message


async def echo(message: Message) -> None:
    """Say it again."""
    await message.answer(message.text or "")


async def main(token: str, server: str) -> None:
    """Poll until the process is ended."""
    dispatcher = Dispatcher()
    dispatcher.message.register(echo)
    session = AiohttpSession(api=TelegramAPIServer.from_base(server))
    await dispatcher.start_polling(Bot(token, session=session))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
