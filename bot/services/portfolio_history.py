"""What accounts were worth over time: noted once an hour for those whose people were here lately."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Protocol

from bot.errors import PeerError, RequestRefused
from bot.models.account import Account
from bot.models.lookup import Aged, worth_of
from bot.models.market import Balance
from bot.models.price import Point
from bot.resilience.clock import Clock

ACTIVE_WITHIN = 7 * 86_400.0
KEPT = 92 * 86_400.0
BETWEEN = 1_800.0  # seconds at least between two values of an account, however often the bot starts
MOST = 500
AT_ONCE = 2
PAUSE = 1.0  # seconds at most between two accounts of one worker


class ActiveAccounts(Protocol):
    """Who used the desk lately, and what with."""

    async def active_since(self, when: float) -> Sequence[int]:
        """Users who asked for something since then (epoch seconds), the latest first."""

    async def chosen(self, user_id: int) -> Account:
        """The account that the user trades with."""


class Balances(Protocol):
    """What is in accounts."""

    async def balance_of(self, account: Account) -> Aged[Balance]:
        """All of it; raises PeerError."""


class Values(Protocol):
    """Where values are kept."""

    async def last_at(self, account_id: int) -> float | None: ...
    async def add(self, account_id: int, usd: Decimal, at: float, *, keep_since: float) -> None: ...
    async def points(self, account_id: int, since: float) -> Sequence[Point]: ...


class PortfolioHistory:
    """Values in USD as the venue tells them; one that is old, or leaves out a coin, is not written down.

    People come first: a round ends as soon as `room()` says that the venues' pace has none left for it.
    """

    def __init__(
        self,
        accounts: ActiveAccounts,
        balances: Balances,
        values: Values,
        clock: Clock,
        jitter: random.Random,
        room: Callable[[], bool] = lambda: True,
    ) -> None:
        self._accounts = accounts
        self._balances = balances
        self._values = values
        self._clock = clock
        self._jitter = jitter
        self._room = room

    async def points(self, account_id: int, since: float) -> Sequence[Point]:
        """What the account was worth since then, oldest first."""
        return await self._values.points(account_id, since)

    async def note(self) -> int:
        """One round over those active in the last week, at most `MOST`; returns how many values were noted."""
        active = await self._accounts.active_since(self._clock.time() - ACTIVE_WITHIN)
        users = iter(list(active)[:MOST])
        return sum(await asyncio.gather(*(self._work(users) for _ in range(AT_ONCE))))

    async def _work(self, users: Iterator[int]) -> int:
        noted = 0
        for user_id in users:
            await self._clock.sleep(self._jitter.uniform(0, PAUSE))
            if not self._room():
                break
            with suppress(PeerError, RequestRefused):  # a gap in the line says as much
                noted += await self._note(await self._accounts.chosen(user_id))
        return noted

    async def _note(self, account: Account) -> bool:
        last = await self._values.last_at(account.id)
        recent = last is not None and self._clock.time() - last < BETWEEN
        if recent or account.refused is not None:
            return False
        found = await self._balances.balance_of(account)
        worth = worth_of(found.value)
        if found.stale or worth is None or worth.left_out:
            return False
        at = self._clock.time() - found.age
        await self._values.add(account.id, worth.usd, at, keep_since=at - KEPT)
        return True
