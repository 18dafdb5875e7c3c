"""What people have traded through the desk: page by page, and what it has earned by day, week and month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.models.account import Account
from bot.models.market import AccountType
from bot.models.symbols import QUOTE, read_symbol
from bot.models.trade import Holding, Totals, Trade, TradePage, TradePlace, TradeStats, period_starts
from bot.resilience.clock import Clock

PAGE = 10
EXPORTED = 10_000


class TradeLog(Protocol):
    """Trades as they are stored."""

    async def page(
        self, user_id: int, symbol: str | None, before: TradePlace | None, limit: int
    ) -> Sequence[Trade]: ...
    async def totals(self, user_id: int, starts: Sequence[float]) -> Mapping[int, Sequence[Totals]]: ...
    async def symbols(self, user_id: int) -> Sequence[str]: ...
    async def accounts(self, user_id: int) -> Mapping[int, Account]: ...
    async def waiting(self, user_id: int) -> int: ...
    async def held(self, user_id: int, account_type: AccountType) -> Sequence[Holding]: ...


class Trades:
    """Answers for one user at a time; days begin at `zone`'s midnight."""

    def __init__(self, log: TradeLog, clock: Clock, zone: ZoneInfo) -> None:
        self._log = log
        self._clock = clock
        self.zone = zone

    async def resolve(self, user_id: int, typed: str) -> str:
        """The symbol that is meant by BTC, btc-usdt …: one that the user has traded, else what was typed.

        Raises UnknownSymbol for what cannot be one anywhere.
        """
        name, known = read_symbol(typed).name, await self._log.symbols(user_id)
        return next((meant for meant in (name, name + QUOTE) if meant in known), name)

    async def page(
        self, user_id: int, symbol: str | None = None, before: TradePlace | None = None
    ) -> TradePage:
        """Ten trades that are older than `before`; on the first page also what they add up to."""
        found = await self._log.page(user_id, symbol, before, PAGE + 1)
        trades, last = tuple(found[:PAGE]), found[PAGE - 1] if len(found) > PAGE else None
        older = TradePlace(last.at, last.id) if last else None
        accounts = await self._log.accounts(user_id)
        if before is not None:
            return TradePage(symbol, trades, older, first=False, accounts=accounts)
        stats = await self._statistics(user_id)
        bought = await self._log.held(user_id, AccountType.SPOT)
        return TradePage(
            symbol,
            trades,
            older,
            first=True,
            accounts=accounts,
            real=_sum(each for account, each in stats.items() if not _is_paper(accounts, account)),
            paper=_sum(each for account, each in stats.items() if _is_paper(accounts, account)),
            bought=tuple(each for each in bought if symbol in (None, each.symbol)),
            waiting=await self._log.waiting(user_id),
        )

    async def export(self, user_id: int) -> tuple[Sequence[Trade], Mapping[int, Account]]:
        """The newest 10,000 trades, newest first, and the accounts they were made on."""
        trades = await self._log.page(user_id, None, None, EXPORTED)
        return trades, await self._log.accounts(user_id)

    async def _statistics(self, user_id: int) -> dict[int, TradeStats]:
        starts = period_starts(self._clock.time(), self.zone)
        totals = await self._log.totals(user_id, starts)
        return {account: TradeStats(*each) for account, each in totals.items()}


def _sum(stats: Iterable[TradeStats]) -> TradeStats:
    return sum(stats, start=TradeStats())


def _is_paper(accounts: Mapping[int, Account], account_id: int) -> bool:
    return account_id in accounts and accounts[account_id].is_paper
