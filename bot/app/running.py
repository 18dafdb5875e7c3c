"""The life of the whole bot: from its start to the end of what runs when it is asked to stop."""

from __future__ import annotations

import asyncio

import structlog

from bot.app.chat import open_chat
from bot.app.desk import open_desk
from bot.resilience.memory import calm_collector, shorten_turns
from bot.services.intake import Intake
from bot.services.proxy_service import ProxyService
from bot.settings import Settings

log = structlog.get_logger(__name__)

DRAIN = 20.0
LETTERS = 2.0


async def run_bot(settings: Settings, stopping: asyncio.Event) -> None:
    """Run the whole bot until `stopping` is set; then let what runs come to its end, 20 s at most.

    Raises what has ended the intake or the committer: a bot that does half of its work is worse than none.
    """
    async with open_desk(settings) as desk, open_chat(settings, desk) as chat:
        # Not detached: what ends it is told by whoever started the bot, and not twice.
        receiving = asyncio.create_task(chat.intake.run(), name="intake")
        desk.supervisor.start(_after_replay(chat.intake, desk.service), name="after-replay")
        chat.jobs.start()
        calm_collector()
        shorten_turns()
        log.info("the bot is up")
        stop = desk.supervisor.start(stopping.wait(), name="stop-signal")
        parts = [receiving, desk.committing, stop]
        ended, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        log.info("the bot is stopping")
        chat.jobs.stop()
        await chat.intake.stop(0.0 if desk.committing in ended else DRAIN)
        await receiving
        await chat.relay.stop(LETTERS)
        for part in ended:
            await part


async def _after_replay(intake: Intake, service: ProxyService) -> None:
    """What was queued before the start and not asked for again has failed."""
    await intake.replayed.wait()
    if failed := await service.settle_orphans():
        log.info("requests of a former process ended", proxies=failed)
