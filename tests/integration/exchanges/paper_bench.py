"""A paper account over a market that a test moves by hand."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from bot.errors import PeerUnavailable, UnknownSymbol
from bot.gateways.exchanges.paper import PaperExchange
from bot.models.market import AccountType, Instrument, Ticker
from bot.resilience.clock import Clock, ManualClock
from bot.storage.database import Database
from bot.storage.paper import PaperStore

D = Decimal
START_MONEY = D(10_000)
BTC = Instrument(
    "BTCUSDT", "BTC", "USDT", AccountType.SPOT, D("0.1"), D("0.000001"), D("0.00001"), D(1), D(100)
)
ETH = replace(BTC, symbol="ETHUSDT", base="ETH", price_step=D("0.01"), amount_step=D("0.0001"))
INSTRUMENTS = {
    AccountType.SPOT: {"BTCUSDT": BTC, "ETHUSDT": ETH},
    AccountType.LINEAR: {
        "BTCUSDT": replace(
            BTC, account_type=AccountType.LINEAR, amount_step=D("0.001"), min_amount=D("0.001")
        ),
    },
}


class HandMarket:
    """Public data of a venue: prices as they were set, none of it while `away`; `calls` counts those for prices."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.prices = {"BTCUSDT": D(50_000), "ETHUSDT": D(2_500)}
        self.away = False
        self.delisted: set[str] = set()
        self.calls: list[tuple[AccountType, tuple[str, ...]]] = []

    async def instruments(self, account_type: AccountType) -> Mapping[str, Instrument]:
        """Two coins, one perpetual."""
        self._answer()
        return INSTRUMENTS[account_type]

    async def tickers(self, account_type: AccountType, symbols: Sequence[str]) -> Sequence[Ticker]:
        """The prices that were set, with a spread of a tick each way."""
        self._answer()
        self.calls.append((account_type, tuple(symbols)))
        return [self._ticker(account_type, symbol) for symbol in symbols]

    def _ticker(self, account_type: AccountType, symbol: str) -> Ticker:
        instrument = INSTRUMENTS[account_type].get(symbol)
        if instrument is None or symbol in self.delisted:
            raise UnknownSymbol(symbol)
        price, step = self.prices[symbol], instrument.price_step
        return Ticker(symbol, price, price - step, price + step, self._clock.time())

    def _answer(self) -> None:
        if self.away:
            raise PeerUnavailable("market", "away")


class PaperDesk:
    """An account at a market; `reopen` makes what a restart makes of them."""

    def __init__(self, database: Database) -> None:
        self.clock = ManualClock()
        self.market = HandMarket(self.clock)
        self._database = database
        self._ids = itertools.count(1)

    def reopen(self, account_id: int = 1) -> PaperExchange:
        """The account, as the bot opens it."""
        return PaperExchange(
            account_id,
            self.market,
            PaperStore(self._database),
            self.clock,
            start_money=START_MONEY,
            new_id=lambda: f"paper{next(self._ids)}",
        )
