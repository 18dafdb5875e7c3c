"""Google away for long, and back: what is handed out meanwhile is promised by the journal alone."""

from __future__ import annotations

from actions import Pick
from world import World

from bot.resilience.breaker import REST, THRESHOLD

NOTICED = 1.0


async def leave(world: World, pick: Pick) -> None:
    """Google answers no more, and the desk notices."""
    if not world.wire.is_away:
        world.act("Google is away")
        world.wire.is_away = True
        for _ in range(THRESHOLD):
            await world.attempt(world.desk.service.refresh(force=True))


async def come_back(world: World, pick: Pick) -> None:
    """Google is back, and perhaps the desk has noticed."""
    if world.wire.is_away:
        waited = pick((0.0, REST + NOTICED))
        world.act(f"Google is back for {waited} s")
        world.wire.is_away = False
        await world.tick(waited)
