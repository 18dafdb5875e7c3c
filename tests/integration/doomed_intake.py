"""A process that kills itself, as by `kill -9`, when it has stored its first updates and told nobody.

Arguments: the way updates come, Telegram's address, the database, the key that it is encrypted with.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import cast

import aiohttp
from intake_desk import IntakeDesk, Way
from telegram_bench import TelegramBench

from bot.gateways.telegram import make_bot
from bot.resilience.clock import SystemClock
from sandbox.faults import Faults
from sandbox.telegram import TelegramWorld


async def main(way: str, url: str, path: str, key: str) -> None:
    """Live until something was stored; of the world beside its address nothing is known here."""
    world = TelegramWorld()
    async with aiohttp.ClientSession() as client:
        telegram = TelegramBench(
            url, world, Faults(), make_bot(world.token, url, clock=SystemClock()), client
        )
        desk = IntakeDesk(telegram, Path(path), key, cast(Way, way))
        desk.stored = lambda: os.kill(os.getpid(), signal.SIGKILL)
        async with desk.life():
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
