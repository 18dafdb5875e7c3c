"""The chat desk with accounts: TRADER may connect some, USER has paper only."""

from __future__ import annotations

from account_support import AccountDesk
from chat_support import ADMIN, USER, ChatDesk
from trading_support import desk_of

from bot.handlers.dispatcher import build_dispatcher
from bot.models.role import Role

TRADER = 1006


class AccountChat(ChatDesk):
    """What people write and press about their accounts; the exchange judges keys as `trade.venue` is told."""

    def __init__(self, *venues: str) -> None:
        super().__init__()
        self.trade = AccountDesk(self.clock, *([venues] if venues else []))
        self.roles.roles = {ADMIN: Role.ADMIN, USER: Role.USER, TRADER: Role.TRADER}
        self._put_together()

    async def restart(self) -> None:
        """The process begins anew over what is kept."""
        await self.trade.restart()
        self._put_together()

    async def tap(self, label: str, user: int = TRADER) -> None:
        """Press the button with that label under the last message."""
        await self.press(dict(self.buttons)[label], user)

    @property
    def labels(self) -> list[str]:
        """The buttons under the last message."""
        return [label for label, _ in self.buttons]

    @property
    def deleted(self) -> list[int]:
        """The messages that were deleted, by their numbers."""
        return [call.message_id for call in self.session.named("DeleteMessage")]

    def _put_together(self) -> None:
        self.dispatcher = build_dispatcher(
            self.deps, trading=desk_of(accounts=self.trade.accounts), connecting=self.trade.connecting
        )
