"""The trading desk's front: what handlers and jobs ask."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.accounts import Accounts
from bot.services.lookups import Lookups
from bot.services.orders import Orders
from bot.services.trades import Trades


@dataclass(frozen=True, slots=True)
class TradingService:
    """The trading desk, each part by what it is asked for."""

    accounts: Accounts
    lookups: Lookups
    orders: Orders
    trades: Trades
