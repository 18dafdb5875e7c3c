"""/sources and /drill in the chat."""

from __future__ import annotations

import pytest
from chat_support import ADMIN, USER, ChatDesk, Undemanding
from market_support import desk_of

from bot.errors import PeerUnavailable
from bot.handlers.dispatcher import build_dispatcher
from bot.models.audit import Act, Deed
from bot.models.drill import Fault
from bot.resilience.peer import PeerHealth
from bot.services.drill import Drills
from bot.services.sources_status import SourcesStatus, Watched


class MemoryAudit:
    """The acts that were written down."""

    def __init__(self) -> None:
        self.acts: list[Act] = []

    async def note(self, act: Act) -> None:
        self.acts.append(act)


class MemoryWorld:
    """What was done to which source; `failure` is raised instead."""

    def __init__(self) -> None:
        self.done: list[tuple[str, ...]] = []
        self.failure: PeerUnavailable | None = None

    async def strike(self, source: str, fault: Fault, seconds: float) -> None:
        if self.failure:
            raise self.failure
        self.done.append((source, fault, f"{seconds:g}"))

    async def heal(self, source: str) -> None:
        self.done.append((source, "heal"))


class Chat(ChatDesk):
    """Two metal sources; a local world unless told otherwise."""

    def __init__(self, *, local: bool = True) -> None:
        super().__init__()
        self.world, self.audit = MemoryWorld(), MemoryAudit()
        self.gold = PeerHealth("gold-api", self.clock)
        watched = [Watched("gold-api", self.gold), Watched("yahoo", PeerHealth("yahoo", self.clock))]
        names = ("gold-api", "yahoo", "gold-api")
        drills = Drills(self.world if local else None, names, self.audit, self.clock)
        markets = desk_of(sources=SourcesStatus({"Metals": watched}, {}, self.clock), drills=drills)
        self.dispatcher = build_dispatcher(self.deps, people=Undemanding(), markets=markets)

    @property
    def labels(self) -> list[str]:
        return [label for label, _ in self.buttons]

    async def tap(self, label: str, user: int = ADMIN) -> None:
        await self.press(dict(self.buttons)[label], user)


@pytest.fixture
def chat() -> Chat:
    return Chat()


async def test_sources_are_looked_at_again_in_place(chat: Chat) -> None:
    """Refresh edits the message; nothing is asked for it."""
    await chat.write("/sources", ADMIN)
    assert "– <b>gold-api</b> · not asked yet · asked next" in chat.texts[-1]
    chat.gold.succeeded()
    await chat.tap("Refresh")
    assert "✓ <b>gold-api</b> · asked next\n   answered just now" in chat.texts[-1]
    assert 1 == len(chat.session.named("EditMessageText"))
    assert 1 == chat.gold.calls


async def test_from_a_drill_to_its_end(chat: Chat) -> None:
    """A source, a fault; then the sources with what is under way, and who did it is written down."""
    await chat.write("/drill", ADMIN)
    assert ["gold-api", "yahoo", "Sources"] == chat.labels
    await chat.tap("gold-api")
    await chat.tap("Outage")
    assert "Drill: gold-api · outage, 5 min left" in chat.texts[-1]
    assert ["Refresh", "Heal gold-api", "Drill"] == chat.labels
    await chat.tap("Heal gold-api")
    assert "Drill:" not in chat.texts[-1]
    assert [("gold-api", "outage", "300"), ("gold-api", "heal")] == chat.world.done
    assert [
        Act(ADMIN, "@boris", Deed.DRILL, "gold-api", "", "outage"),
        Act(ADMIN, "@boris", Deed.DRILL, "gold-api", "outage", "healed"),
    ] == chat.audit.acts


async def test_a_drill_is_over_after_five_minutes(chat: Chat) -> None:
    """Nobody has to end it."""
    await chat.write("/drill", ADMIN)
    await chat.tap("yahoo")
    await chat.tap("429 storm")
    await chat.clock.tick(299)
    await chat.tap("Refresh")
    assert "Drill: yahoo · 429 storm, 1 s left" in chat.texts[-1]
    await chat.clock.tick(1)
    await chat.tap("Refresh")
    assert "Drill:" not in chat.texts[-1]


async def test_a_local_world_that_is_away_is_told(chat: Chat) -> None:
    """Nothing is under way then, and nothing is written down."""
    chat.world.failure = PeerUnavailable("local world", "ConnectError")
    await chat.write("/drill", ADMIN)
    await chat.tap("yahoo")
    await chat.tap("Slow")
    assert "The local world does not do it (ConnectError). Is it running?" == chat.texts[-1]
    assert [] == chat.audit.acts
    await chat.tap("Sources")
    assert "Drill:" not in chat.texts[-1]


async def test_what_is_real_is_not_drilled() -> None:
    """One line, from the command and from a button of a former local world alike."""
    local, real = Chat(), Chat(local=False)
    await real.write("/drill", ADMIN)
    line = "/drill is for the local world only: there PRICES_API_URL is an address of this machine."
    assert [line] == real.texts
    await local.write("/sources", ADMIN)
    await real.write("/sources", ADMIN)
    assert (["Refresh", "Drill"], ["Refresh"]) == (local.labels, real.labels)


async def test_both_are_for_admins(chat: Chat) -> None:
    """Neither command nor somebody else's button does anything for others."""
    for command in ("/sources", "/drill"):
        await chat.write(command, USER)
        assert "That is for admins.\nSee /help for what you can use." == chat.texts[-1]
    await chat.write("/drill", ADMIN)
    await chat.tap("yahoo", USER)
    assert [] == chat.world.done
