"""A chat whose trading desk looks things up at a venue in memory."""

from __future__ import annotations

from chat_support import ChatDesk, Undemanding
from lookup_support import LookupBench
from trading_support import desk_of

from bot.handlers.dispatcher import build_dispatcher


class LookupChat(ChatDesk):
    """The venue answers by the chat's clock."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = LookupBench(self.clock)
        trading = desk_of(lookups=self.bench.lookups)
        self.dispatcher = build_dispatcher(self.deps, people=Undemanding(), trading=trading)

    async def tap(self, label: str) -> None:
        """Press the button with that label under the last message."""
        await self.press(dict(self.buttons)[label])
