"""What an account has that can be sold or closed, asked of the venue just now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.errors import OrderUnfit, UnknownSymbol
from bot.models.account import Account
from bot.models.market import ZERO, AccountType, Balance, Instrument, Position, Side
from bot.models.order_rules import DOLLARS
from bot.services.exchange import Exchanges
from bot.services.order_ports import Prices


@dataclass(frozen=True, slots=True)
class Held:
    """Something that can be closed: `side` is that of the order that does it."""

    instrument: Instrument
    side: Side
    amount: Decimal


class OrderHoldings:
    """Coins that are free on spot, open positions on perpetuals; never from a cache. Raises PeerError."""

    def __init__(self, exchanges: Exchanges, prices: Prices) -> None:
        self._exchanges = exchanges
        self._prices = prices

    async def available(self, account: Account, instrument: Instrument) -> Decimal:
        """How much of it can be sold."""
        held = await self.held(account, instrument.account_type, instrument)
        return sum((each.amount for each in held if each.side is Side.SELL), ZERO)

    async def of(self, account: Account, account_type: AccountType, typed: str | None) -> list[Held]:
        """What can be closed: of one symbol, or everything. Raises OrderUnfit where there is nothing."""
        only = None
        if typed is not None:
            only = await self._prices.instrument(account.venue, account_type, typed)
            account_type = only.account_type
        found = await self.held(account, account_type, only)
        if not found:
            raise OrderUnfit(
                f"there is nothing of {only.symbol} to close" if only else "there is nothing to close"
            )
        return found

    async def held(self, account: Account, account_type: AccountType, only: Instrument | None) -> list[Held]:
        """What can be closed, of one instrument or of all; empty where there is nothing."""
        if account_type is AccountType.SPOT:
            return await self._coins(account, only)
        return await self._open_positions(account, only)

    async def _coins(self, account: Account, only: Instrument | None) -> list[Held]:
        async with self._exchanges.use(account) as exchange:
            balance = await exchange.balance()
        pairs = await self._pairs(account.venue, balance) if only is None else [only]
        free = {each.coin: each.free for each in balance.coins}
        coins = (Held(pair, Side.SELL, free.get(pair.base, ZERO)) for pair in pairs)
        return [held for held in coins if held.amount > 0]

    async def _pairs(self, venue: str, balance: Balance) -> list[Instrument]:
        """What the coins are sold as; dollars are what they are sold for."""
        coins = [each.coin for each in balance.coins if each.coin not in DOLLARS and each.free > 0]
        pairs = [await self._pair(venue, coin) for coin in coins]
        return [pair for pair in pairs if pair is not None]

    async def _pair(self, venue: str, coin: str) -> Instrument | None:
        try:
            pair = await self._prices.instrument(venue, AccountType.SPOT, coin)
        except UnknownSymbol:
            return None
        return pair if pair.base == coin and pair.quote in DOLLARS else None

    async def _open_positions(self, account: Account, only: Instrument | None) -> list[Held]:
        async with self._exchanges.use(account) as exchange:
            positions: Sequence[Position] = await exchange.positions()
        wanted = [each for each in positions if only is None or each.symbol == only.symbol]
        return [
            Held(
                await self._prices.instrument(account.venue, AccountType.LINEAR, position.symbol),
                position.side.opposite,
                position.amount,
            )
            for position in wanted
        ]
