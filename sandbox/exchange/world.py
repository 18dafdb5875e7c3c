"""The state of the exchange that outlives a restart: keys, accounts, orders, fills and what was done to prices."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sandbox.exchange import positions
from sandbox.exchange.instruments import INSTRUMENTS, LINEAR, QUOTE, SPOT, Instrument
from sandbox.exchange.prices import Prices, Quote
from sandbox.exchange.records import (
    ZERO,
    Account,
    ApiKey,
    Fill,
    Order,
    Position,
    packed,
    packed_account,
    unpacked,
    unpacked_account,
)

JSON = dict[str, Any]
Clock = Callable[[], float]


class ExchangeWorld:
    """One exchange. `seed` moves its prices, `clock` tells seconds since the epoch."""

    def __init__(self, *, seed: int = 0, clock: Clock = time.time) -> None:
        self.clock = clock
        self.prices = Prices(seed)
        self.keys: dict[str, ApiKey] = {}
        self.accounts: dict[int, Account] = {}
        self.orders: dict[str, Order] = {}
        self.fills: list[Fill] = []
        self.ids = 0
        self.released_at = 0.0
        self.open: dict[str, Order] = {}
        self.delays: list[float] = []
        self._by_link: dict[tuple[int, str, str], str] = {}
        self._by_order: dict[str, list[Fill]] = {}

    # -- keys and accounts ----------------------------------------------------------------------------------

    def add_account(self, coins: Mapping[str, Decimal], uid: int | None = None) -> Account:
        """Open an account with some coins, or open one anew under its number."""
        number = max(self.accounts, default=100_000) + 1 if uid is None else uid
        self.accounts[number] = Account(number, dict(coins), start=dict(coins))
        return self.accounts[number]

    def add_key(self, key: ApiKey) -> ApiKey:
        """Add a key to an account that there is, or replace the key of that name."""
        if key.uid not in self.accounts:
            raise ValueError(f"no account {key.uid}")
        self.keys[key.key] = key
        return key

    # -- prices ---------------------------------------------------------------------------------------------

    def quote(self, instrument: Instrument) -> Quote:
        """What an instrument costs now."""
        return self.prices.quote(instrument, self.clock())

    def mark(self, symbol: str) -> Decimal:
        """What a position is valued at: the last price."""
        return self.prices.last(INSTRUMENTS[LINEAR, symbol], self.clock())

    def usd(self, coin: str) -> Decimal:
        """What one of a coin is worth in USD; 0 where nobody trades it."""
        if coin == QUOTE:
            return Decimal(1)
        instrument = INSTRUMENTS.get((SPOT, coin + QUOTE))
        return ZERO if instrument is None else self.prices.last(instrument, self.clock())

    # -- what an account has --------------------------------------------------------------------------------

    def held(self, account: Account) -> list[Position]:
        """Positions with something in them."""
        return [position for position in account.positions.values() if position.size]

    def open_orders(self, account: Account) -> Iterator[Order]:
        """Orders of an account that may still be filled."""
        return (order for order in self.open.values() if order.uid == account.uid)

    def locked(self, account: Account, coin: str) -> Decimal:
        """What open spot orders hold of a coin."""
        total = ZERO
        for order in self.open_orders(account):
            if order.category == SPOT:
                base = INSTRUMENTS[SPOT, order.symbol].base
                if order.is_buy and coin == QUOTE:
                    total += order.left * order.price
                elif not order.is_buy and coin == base:
                    total += order.left
        return total

    def order_margin(self, account: Account) -> Decimal:
        """What open orders for perpetuals bind, in USDT; what only closes a position binds nothing."""
        total = ZERO
        for order in self.open_orders(account):
            if order.category == LINEAR and not order.reduce_only:
                position = account.position(order.symbol)
                closes = positions.closed_by(position, positions.signed(order.side, order.left))
                total += (order.left - closes) * order.price / position.leverage
        return total

    def position_margin(self, account: Account) -> Decimal:
        """What positions bind, in USDT."""
        return sum((positions.initial_margin(position) for position in self.held(account)), ZERO)

    def profit(self, account: Account) -> Decimal:
        """Unrealised profit of all positions, in USDT."""
        held = self.held(account)
        return sum((positions.unrealised(position, self.mark(position.symbol)) for position in held), ZERO)

    def free(self, account: Account, coin: str) -> Decimal:
        """What may be spent of a coin; unrealised losses count, unrealised profits do not."""
        owned = account.coins.get(coin, ZERO) - self.locked(account, coin)
        if coin != QUOTE:
            return owned
        bound = self.order_margin(account) + self.position_margin(account)
        return owned - bound + min(self.profit(account), ZERO)

    # -- orders ---------------------------------------------------------------------------------------------

    def remember(self, order: Order) -> None:
        """Keep an accepted order; its own id of the client's is taken from now on."""
        self.orders[order.id] = order
        if order.is_open:
            self.open[order.id] = order
        if order.link_id:
            self._by_link[order.uid, order.category, order.link_id] = order.id

    def linked(self, uid: int, category: str, link_id: str) -> Order | None:
        """The order of an account that the client calls so."""
        order_id = self._by_link.get((uid, category, link_id))
        return None if order_id is None else self.orders[order_id]

    def record(self, fill: Fill) -> None:
        """Keep an execution."""
        self.fills.append(fill)
        self._by_order.setdefault(fill.order_id, []).append(fill)

    def fills_of(self, order: Order) -> Sequence[Fill]:
        """The executions of an order, oldest first."""
        return self._by_order.get(order.id, ())

    def new_id(self) -> str:
        """An id as Bybit's look; none is given twice, not even after a reset."""
        self.ids += 1
        return str(UUID(int=(self.prices.seed % 2**32 << 96) | (0x1 << 76) | (0x8 << 60) | self.ids))

    def next_delay(self) -> float:
        """For how many seconds the next accepted order is not shown to anybody."""
        return self.delays.pop(0) if self.delays else 0.0

    def reset(self) -> None:
        """Forget all orders, fills and positions; the accounts get back what they began with."""
        for orders in (self.orders, self.open, self._by_link, self._by_order, self.fills, self.delays):
            orders.clear()
        self.prices = Prices(self.prices.seed)
        for account in self.accounts.values():
            account.coins, account.positions = dict(account.start), {}

    # -- keeping --------------------------------------------------------------------------------------------

    def dump(self) -> JSON:
        """The whole exchange as JSON."""
        return {
            "ids": self.ids,
            "prices": self.prices.dump(),
            "keys": [packed(key) for key in self.keys.values()],
            "accounts": [packed_account(account) for account in self.accounts.values()],
            "orders": [packed(order) for order in self.orders.values()],
            "fills": [packed(fill) for fill in self.fills],
        }

    @classmethod
    def load(cls, source: Mapping[str, Any], clock: Clock = time.time) -> "ExchangeWorld":
        """The exchange that `dump` described."""
        world = cls(clock=clock)
        world.prices = Prices.load(source["prices"])
        for account in map(unpacked_account, source["accounts"]):
            world.accounts[account.uid] = account
        for key in source["keys"]:
            world.add_key(unpacked(ApiKey, key))
        for order in source["orders"]:
            world.remember(unpacked(Order, order))
        for fill in source["fills"]:
            world.record(unpacked(Fill, fill))
        world.ids = source["ids"]
        return world
