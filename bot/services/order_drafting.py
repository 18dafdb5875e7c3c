"""Drafts: what a wish comes to at the price of this moment, and what closing would sell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.errors import CannotTrade, NotAllowed, OrderUnfit, TradingPaused, UnknownSymbol
from bot.models.account import Account, TradingChoices
from bot.models.market import AccountType, Instrument, Side
from bot.models.order_draft import Draft, OrderWish
from bot.models.order_rules import DOLLARS, Limits, Market, Origin, closing_draft, draft_of
from bot.models.role import Role
from bot.resilience.clock import Clock
from bot.services.order_holdings import Held, OrderHoldings
from bot.services.order_ports import Journal, Prices, Roles, TradingAccounts


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would be done on an account; `left` says why something of it cannot be closed."""

    account: Account
    drafts: tuple[Draft, ...]
    left: tuple[str, ...] = ()


class OrderDrafting:
    """Makes drafts; nothing is written or sent. `new_client_id` gives the same id for the same request and place."""

    def __init__(
        self,
        journal: Journal,
        accounts: TradingAccounts,
        holdings: OrderHoldings,
        prices: Prices,
        roles: Roles,
        clock: Clock,
        limits: Limits,
        new_client_id: Callable[[str, int], str],
    ) -> None:
        self._journal = journal
        self._accounts = accounts
        self._holdings = holdings
        self._prices = prices
        self._roles = roles
        self._clock = clock
        self._limits = limits
        self._new_client_id = new_client_id

    async def draft(self, user_id: int, wish: OrderWish, request_key: str) -> Proposal:
        """What the wish comes to on the chosen account."""
        return await self._draft(user_id, wish, self._new_client_id(request_key, 0))

    async def closing(self, user_id: int, typed: str | None, request_key: str) -> Proposal:
        """What would be closed: of one symbol, or everything. Raises OrderUnfit where there is nothing."""
        account, choices = await self._place_of(user_id)
        found = await self._holdings.of(account, choices.account_type, typed)
        ids = (self._new_client_id(request_key, place) for place in range(len(found)))
        return await self._closing(account, list(zip(found, ids, strict=True)))

    async def requoted(self, user_id: int, drafts: Sequence[Draft]) -> Proposal:
        """The same at the price of this moment, under the same ids: only one of both can ever be placed."""
        first = drafts[0]
        if first.wish is not None:
            return await self._draft(user_id, first.wish, first.order.client_id)
        account = await self.tradable(user_id, first.account_id)
        ids = {(draft.order.symbol, draft.order.side): draft.order.client_id for draft in drafts}
        found = await self._holdings.held(account, first.order.account_type, None)
        again = [(held, ids.get((held.instrument.symbol, held.side))) for held in found]
        return await self._closing(account, [(held, same) for held, same in again if same is not None])

    async def tradable(self, user_id: int, account_id: int) -> Account:
        """The account, if the person may trade on it now. Raises NoAccount, NotAllowed, CannotTrade."""
        account = await self._accounts.account(user_id, account_id)
        self._check_may(user_id, account)
        return account

    async def price_now(self, draft: Draft, account: Account) -> Decimal:
        """What the market asks or bids now for a draft's order."""
        order = draft.order
        price = await self._prices.fresh_ticker(account.venue, order.account_type, order.symbol)
        return price.value.ask if order.side is Side.BUY else price.value.bid

    def limits_of(self, choices: TradingChoices) -> Limits:
        """The desk's limits, with those that were set for the person."""
        order = self._limits.order if choices.order_limit is None else choices.order_limit
        day = self._limits.day if choices.day_limit is None else choices.day_limit
        return replace(self._limits, order=order, day=day)

    async def _draft(self, user_id: int, wish: OrderWish, client_id: str) -> Proposal:
        account, choices = await self._place_of(user_id)
        await self._check_running(choices)
        instrument = await self._prices.instrument(account.venue, choices.account_type, wish.symbol)
        available = None
        if wish.amount is None:
            available = await self._holdings.available(account, instrument)
        market = await self._market(account, instrument)
        origin = Origin(client_id, account.id, self._clock.time())
        draft = draft_of(wish, market, self.limits_of(choices), origin, available=available)
        return Proposal(account, (draft,))

    async def _closing(self, account: Account, found: Sequence[tuple[Held, str]]) -> Proposal:
        drafts, left = [], []
        for held, client_id in found:
            market = await self._market(account, held.instrument)
            origin = Origin(client_id, account.id, self._clock.time())
            try:
                drafts.append(closing_draft(held.side, held.amount, market, origin))
            except OrderUnfit as error:
                left.append(error)
        if not drafts:
            raise left[0] if len(left) == 1 else OrderUnfit("there is nothing to close")
        return Proposal(account, tuple(drafts), tuple(error.problem for error in left))

    async def _place_of(self, user_id: int) -> tuple[Account, TradingChoices]:
        account = await self._accounts.chosen(user_id)
        self._check_may(user_id, account)
        return account, await self._accounts.choices(user_id)

    def _check_may(self, user_id: int, account: Account) -> None:
        role = self._roles.role_of(user_id)
        if not account.is_paper and (role is None or not role.covers(Role.TRADER)):
            raise NotAllowed(Role.TRADER.value)
        if not account.can_trade or account.refused is not None:
            raise CannotTrade(account.label)

    async def _check_running(self, choices: TradingChoices) -> None:
        """Said early; what counts is said once more when it is confirmed."""
        if await self._journal.paused_for_all():
            raise TradingPaused(everybody=True)
        if choices.paused:
            raise TradingPaused(everybody=False)

    async def _market(self, account: Account, instrument: Instrument) -> Market:
        venue, account_type = account.venue, instrument.account_type
        price = await self._prices.fresh_ticker(venue, account_type, instrument.symbol)
        return Market(instrument, price.value, await self._usd(venue, instrument.quote))

    async def _usd(self, venue: str, coin: str) -> Decimal:
        if coin in DOLLARS:
            return Decimal(1)
        try:
            pair = await self._prices.instrument(venue, AccountType.SPOT, coin)
        except UnknownSymbol as error:
            raise OrderUnfit(f"I cannot tell what {coin} is worth in USD") from error
        if pair.base != coin or pair.quote not in DOLLARS:
            raise OrderUnfit(f"I cannot tell what {coin} is worth in USD")
        return (await self._prices.fresh_ticker(venue, AccountType.SPOT, pair.symbol)).value.last
