"""The watch over positions: what venues closed, what came close to liquidation, what was changed elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

import structlog
from cachetools import LRUCache

from bot.errors import KeyRefused, PeerError
from bot.models.account import Account
from bot.models.market import Position
from bot.models.position_watch import Change, Look, compare
from bot.models.trade import Holding
from bot.resilience.clock import Clock
from bot.services.exchange import Exchanges

log = structlog.get_logger(__name__)

AT_ONCE = 4
A_ROUND = 50
REMEMBERED = 5_000


class Watched(Protocol):
    """What is known of positions."""

    async def watched(self, after: int, limit: int) -> list[Account]:
        """Accounts with something to be watched, by id, from the one after `after` on."""

    async def holdings(self, account_ids: Collection[int]) -> list[Holding]:
        """Their perpetual positions as we know them."""

    async def apply(self, changes: Sequence[Change], now: float) -> list[Change]:
        """Make the changes that still make sense, and write their notices; returns those that were made."""


class Keys(Protocol):
    """Where it is noted that a key does not work any more."""

    async def refuse(self, account: Account, reason: str) -> None: ...


class PositionMonitor:
    """Compares what venues say with what we know, some accounts at each look, all of them in turn.

    `told` is called when notices were written, `changed` with the id of an account of which something was not as we
    knew it. What cannot be asked just now is asked in the next round. Raises StorageError.
    """

    def __init__(
        self,
        exchanges: Exchanges,
        store: Watched,
        keys: Keys,
        clock: Clock,
        told: Callable[[], None],
        changed: Callable[[int], None],
        *,
        a_round: int = A_ROUND,
        at_once: int = AT_ONCE,
    ) -> None:
        self._exchanges = exchanges
        self._store = store
        self._keys = keys
        self._clock = clock
        self._told = told
        self._changed = changed
        self._a_round = a_round
        self._at_once = at_once
        self._after = 0
        self._looks: LRUCache[int, Look] = LRUCache(REMEMBERED)

    async def look(self) -> None:
        """Ask about the next accounts in turn, and draw the conclusions."""
        accounts = await self._store.watched(self._after, self._a_round)
        self._after = accounts[-1].id if len(accounts) == self._a_round else 0
        if not accounts:
            return
        known = await self._store.holdings([account.id for account in accounts])
        seen = await self._ask(accounts)
        changes: list[Change] = []
        for account, positions in zip(accounts, seen, strict=True):
            if positions is not None:
                changes += self._compare(account, known, positions)
        if changes:
            self._report(await self._store.apply(changes, self._clock.time()))

    async def _ask(self, accounts: Sequence[Account]) -> list[Sequence[Position] | None]:
        """The positions of each, a few accounts at once; None for those that did not answer."""
        turn = asyncio.Semaphore(self._at_once)

        async def one(account: Account) -> Sequence[Position] | None:
            async with turn:
                return await self._positions(account)

        return await asyncio.gather(*map(one, accounts))

    async def _positions(self, account: Account) -> Sequence[Position] | None:
        try:
            async with self._exchanges.use(account) as exchange:
                return await exchange.positions()
        except KeyRefused as error:
            await self._keys.refuse(account, error.message)
        except PeerError as error:
            log.debug("positions not seen", account=account.id, error=type(error).__name__)
        return None

    def _compare(
        self, account: Account, known: Sequence[Holding], positions: Sequence[Position]
    ) -> list[Change]:
        mine = [holding for holding in known if holding.account_id == account.id]
        last = self._looks.get(account.id, Look())
        look, changes = compare(account, mine, positions, last, self._clock.time())
        self._looks[account.id] = look
        return changes

    def _report(self, made: Sequence[Change]) -> None:
        if any(change.notice for change in made):
            self._told()
        for account_id in {change.key[0] for change in made}:
            self._changed(account_id)
