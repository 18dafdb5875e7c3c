"""The trading desk as its fronts see it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.services.accounts import Accounts


@dataclass(frozen=True, slots=True)
class TradingService:
    """The trading desk: accounts, and what is done with them."""

    accounts: Accounts
