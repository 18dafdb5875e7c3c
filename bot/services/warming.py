"""Looking things up before people ask, for those who asked lately: their first look then need not wait."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Protocol

from bot.errors import PeerError, RequestRefused
from bot.models.account import Account, TradingChoices
from bot.models.lookup import Portfolio
from bot.models.market import AccountType
from bot.resilience.clock import Clock

ACTIVE_WITHIN = 86_400.0
MOST = 50
AT_ONCE = 2
PAUSE = 1.0  # seconds at most between two accounts of one worker


class ActiveAccounts(Protocol):
    """Who used the desk lately, and what they would look at."""

    async def active_since(self, when: float) -> Sequence[int]:
        """Users who asked for something since then (epoch seconds)."""

    async def chosen(self, user_id: int) -> Account:
        """The account that the user trades with."""

    async def choices(self, user_id: int) -> TradingChoices:
        """How the user trades."""


class Portfolios(Protocol):
    """What is kept warm."""

    async def portfolio_of(self, account: Account, account_type: AccountType) -> Portfolio:
        """All of an account; raises PeerError."""


class Warming:
    """Rounds over at most `MOST` users of the last day, chosen anew by lot each time, few at once.

    People come first: a round ends as soon as `room()` says that the venues' pace has none left for it.
    """

    def __init__(
        self,
        accounts: ActiveAccounts,
        lookups: Portfolios,
        clock: Clock,
        jitter: random.Random,
        room: Callable[[], bool] = lambda: True,
    ) -> None:
        self._accounts = accounts
        self._lookups = lookups
        self._clock = clock
        self._jitter = jitter
        self._room = room

    async def run(self) -> int:
        """One round; returns how many accounts were looked at."""
        active = await self._accounts.active_since(self._clock.time() - ACTIVE_WITHIN)
        users = iter(self._jitter.sample(list(active), min(MOST, len(active))))
        return sum(await asyncio.gather(*(self._work(users) for _ in range(AT_ONCE))))

    async def _work(self, users: Iterator[int]) -> int:
        warmed = 0
        for user_id in users:
            await self._clock.sleep(self._jitter.uniform(0, PAUSE))
            if not self._room():
                break
            warmed += await self._warm(user_id)
        return warmed

    async def _warm(self, user_id: int) -> bool:
        with suppress(PeerError, RequestRefused):  # whoever asks later is told
            account = await self._accounts.chosen(user_id)
            if account.refused is None:
                choices = await self._accounts.choices(user_id)
                await self._lookups.portfolio_of(account, choices.account_type)
                return True
        return False
