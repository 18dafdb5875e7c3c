"""Whatever is ordered and whatever prices do, the exchange's books add up."""

from contextlib import suppress
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sandbox.exchange import engine, rules
from sandbox.exchange.errors import VenueError
from sandbox.exchange.instruments import INSTRUMENTS
from sandbox.exchange.positions import signed
from sandbox.exchange.world import ExchangeWorld

START = {"USDT": Decimal(10_000), "BTC": Decimal("0.1")}
CATEGORIES = st.sampled_from(["spot", "linear"])
SIDES = st.sampled_from(["Buy", "Sell"])
AMOUNTS = st.integers(1, 300).map(lambda thousandths: str(Decimal(thousandths) / 1000))
PRICES = st.integers(450, 550).map(lambda hundreds: str(hundreds * 100))


class Books(RuleBasedStateMachine):
    """Orders of all kinds at prices that jump."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_795_000_000.0
        self.world = ExchangeWorld(clock=lambda: self.now)
        self.account = self.world.add_account(START)
        self.price("50000")

    def order(self, **body: Any) -> None:
        wish = {"symbol": "BTCUSDT", "marketUnit": "baseCoin"} | body
        with suppress(VenueError):
            engine.place(self.world, self.account, rules.wish(wish, self.world.quote))

    @rule(category=CATEGORIES, side=SIDES, qty=AMOUNTS, reduce_only=st.booleans())
    def market(self, category: str, side: str, qty: str, reduce_only: bool) -> None:
        self.order(category=category, side=side, orderType="Market", qty=qty, reduceOnly=reduce_only)

    @rule(category=CATEGORIES, side=SIDES, qty=AMOUNTS, price=PRICES, reduce_only=st.booleans())
    def limit(self, category: str, side: str, qty: str, price: str, reduce_only: bool) -> None:
        body = {"category": category, "side": side, "orderType": "Limit", "qty": qty, "price": price}
        self.order(**body, reduceOnly=reduce_only)

    @rule(side=SIDES, qty=AMOUNTS, near=st.sampled_from(["0.99", "0.95"]))
    def protected(self, side: str, qty: str, near: str) -> None:
        instrument = INSTRUMENTS["linear", "BTCUSDT"]
        last = self.world.quote(instrument).last
        factor = Decimal(near) if side == "Buy" else 2 - Decimal(near)
        stop = str(instrument.price(last * factor))
        self.order(category="linear", side=side, orderType="Market", qty=qty, stopLoss=stop)

    @rule(number=st.integers(0, 10))
    def cancel(self, number: int) -> None:
        waiting = list(self.world.open.values())
        if waiting:
            engine.cancel(self.world, waiting[number % len(waiting)])

    @rule(price=PRICES)
    def price(self, price: str) -> None:
        self.now += 1
        for category in ("spot", "linear"):
            self.world.prices.put(INSTRUMENTS[category, "BTCUSDT"], Decimal(price))
        engine.settle(self.world)

    @invariant()
    def orders_and_fills_agree(self) -> None:
        """What is filled is what was executed; open is what has something left, and nothing else."""
        for order in self.world.orders.values():
            fills = self.world.fills_of(order)
            assert order.filled == sum((fill.qty for fill in fills), Decimal(0)) <= order.qty
            assert order.value == sum((fill.qty * fill.price for fill in fills), Decimal(0))
            assert (order.id in self.world.open) is order.is_open is (order.left > 0)

    @invariant()
    def coins_are_what_was_traded(self) -> None:
        """Start, plus and minus every execution and its fee, is what the wallet holds; no coin is sold twice."""
        coins = dict(START)
        size = Decimal(0)
        for fill in self.world.fills:
            order = self.world.orders[fill.order_id]
            coins[fill.fee_coin] -= fill.fee
            if order.category == "spot":
                coins["BTC"] += signed(order.side, fill.qty)
                coins["USDT"] -= signed(order.side, fill.qty * fill.price)
            else:
                size += signed(order.side, fill.qty)
        position = self.account.position("BTCUSDT")
        coins["USDT"] += position.realised
        assert position.size == size
        assert abs(coins["USDT"] - self.account.coins["USDT"]) < Decimal("1e-15")
        assert coins["BTC"] == self.account.coins["BTC"]
        assert self.world.free(self.account, "BTC") >= 0

    @invariant()
    def an_empty_position_leaves_nothing(self) -> None:
        """No entry price, no stops, no orders that could only reduce it."""
        position = self.account.position("BTCUSDT")
        if not position.size:
            assert (position.entry, position.stop_loss, position.take_profit) == (0, None, None)


Books.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestBooks = Books.TestCase
