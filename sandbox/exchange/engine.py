"""What happens to orders: taken in, filled, cancelled, and what prices do to those that wait.

Nothing here runs by itself: `settle` looks at the prices of this moment whenever somebody asks the exchange something.
"""

from decimal import Decimal

from sandbox.exchange import positions
from sandbox.exchange.errors import VenueError, bad_parameter
from sandbox.exchange.instruments import INSTRUMENTS, LINEAR, QUOTE, Instrument
from sandbox.exchange.prices import Quote
from sandbox.exchange.records import ZERO, Account, Fill, Order, Position
from sandbox.exchange.rules import Wish
from sandbox.exchange.world import ExchangeWorld

SPOT_FEE = Decimal("0.001")
TAKER_FEE = Decimal("0.00055")
MAKER_FEE = Decimal("0.0002")
# A market order in perpetuals is sent on as a limit order at once: this far from the market.
SLIPPAGE = Decimal("0.05")


def place(world: ExchangeWorld, account: Account, wish: Wish) -> Order:
    """Accept an order, and fill at once what can be; VenueError leaves everything as it was."""
    instrument, quote = wish.instrument, world.quote(wish.instrument)
    if wish.link_id and world.linked(account.uid, instrument.category, wish.link_id):
        raise VenueError(170141 if instrument.is_spot else 110072)
    qty = _base_amount(wish, quote)
    if wish.reduce_only:
        qty = min(qty, _reducible(account, wish))
    _demand_funds(world, account, wish, qty, quote)
    order = _accepted(world, account, wish, qty, quote, world.next_delay())
    world.remember(order)
    _meet_market(world, order, quote)
    return order


def cancel(
    world: ExchangeWorld, order: Order, kind: str = "CancelByUser", reason: str = "EC_PerCancelRequest"
) -> None:
    """End an order that is open; what was filled stays."""
    partly = order.category == "spot" and order.filled
    order.status = "PartiallyFilledCanceled" if partly else "Cancelled"
    order.cancel_type, order.reject_reason, order.updated_at = kind, reason, world.clock()
    world.open.pop(order.id, None)


def fill(world: ExchangeWorld, order: Order, qty: Decimal, price: Decimal, *, maker: bool = False) -> Fill:
    """Carry out a part of an open order, or all of it."""
    account, now = world.accounts[order.uid], world.clock()
    instrument = INSTRUMENTS[order.category, order.symbol]
    if instrument.is_spot:
        done = _fill_spot(account, instrument, order, qty, price)
    else:
        done = _fill_linear(account, order, qty, price, maker, now)
    kind = "BustTrade" if order.create_type == "CreateByLiq" else "Trade"
    fee, coin, rate, closed = done
    execution = Fill(world.new_id(), order.id, qty, price, fee, coin, rate, maker, now, kind, closed)
    world.record(execution)
    order.filled += qty
    order.value += qty * price
    order.fee += fee
    order.updated_at = now
    order.status = "Filled" if order.filled >= order.qty else "PartiallyFilled"
    if not order.is_open:
        world.open.pop(order.id, None)
    return execution


def settle(world: ExchangeWorld) -> None:
    """Let the prices of this moment do what they do: liquidate, trigger stops, fill orders that wait."""
    for account in list(world.accounts.values()):
        for position in world.held(account):
            _settle_position(world, account, position)
    for order in list(world.open.values()):
        if order.is_open:
            _settle_order(world, order)


# -- taking in ----------------------------------------------------------------------------------------------


def _base_amount(wish: Wish, quote: Quote) -> Decimal:
    if wish.unit != "quoteCoin":
        return wish.qty
    amount = wish.instrument.amount(wish.qty / (quote.ask if wish.side == "Buy" else quote.bid))
    if not amount:
        raise VenueError(170136)
    return amount


def _reducible(account: Account, wish: Wish) -> Decimal:
    size = account.position(wish.instrument.symbol).size
    if not size:
        raise VenueError(110017)
    if size * positions.signed(wish.side, Decimal(1)) > 0:
        raise VenueError(110017, "Reduce-only rule not satisfied")
    return abs(size)


def _demand_funds(world: ExchangeWorld, account: Account, wish: Wish, qty: Decimal, quote: Quote) -> None:
    instrument = wish.instrument
    price = wish.price or (quote.ask if wish.side == "Buy" else quote.bid)
    if instrument.is_spot:
        coin, needed = (QUOTE, qty * price) if wish.side == "Buy" else (instrument.base, qty)
        if world.free(account, coin) < needed:
            raise VenueError(170131)
        return
    position = account.position(instrument.symbol)
    opens = qty - positions.closed_by(position, positions.signed(wish.side, qty))
    if opens and world.free(account, QUOTE) < opens * price * (1 / position.leverage + TAKER_FEE):
        raise VenueError(110007)


def _accepted(
    world: ExchangeWorld, account: Account, wish: Wish, qty: Decimal, quote: Quote, delay: float = 0.0
) -> Order:
    now, instrument = world.clock(), wish.instrument
    price = wish.price
    if not price and not instrument.is_spot:
        price = instrument.price(quote.last * (1 + SLIPPAGE if wish.side == "Buy" else 1 - SLIPPAGE))
    return Order(
        world.new_id(),
        wish.link_id,
        account.uid,
        instrument.category,
        instrument.symbol,
        wish.side,
        wish.kind,
        wish.time_in_force,
        qty,
        price,
        now,
        now,
        now + delay,
        wish.unit,
        wish.reduce_only,
        wish.stop_loss,
        wish.take_profit,
    )


def _meet_market(world: ExchangeWorld, order: Order, quote: Quote) -> None:
    if not _crosses(order, quote):
        if order.time_in_force in ("IOC", "FOK"):
            cancel(world, order, "CancelByPrepareCancel", "EC_NoImmediateQtyToFill")
        return
    if order.time_in_force == "PostOnly":
        cancel(world, order, "CancelByUser", "EC_PostOnlyWillTakeLiquidity")
        return
    fill(world, order, order.left, quote.ask if order.is_buy else quote.bid)


def _crosses(order: Order, quote: Quote) -> bool:
    if order.kind == "Market":
        return True
    return order.price >= quote.ask if order.is_buy else order.price <= quote.bid


# -- filling ------------------------------------------------------------------------------------------------


def _fill_spot(
    account: Account, instrument: Instrument, order: Order, qty: Decimal, price: Decimal
) -> tuple[Decimal, str, Decimal, Decimal]:
    """Exchange coins; the fee is taken from what one gets."""
    value = qty * price
    got, coin = (qty, instrument.base) if order.is_buy else (value, QUOTE)
    given, paid_in = (value, QUOTE) if order.is_buy else (qty, instrument.base)
    fee = got * SPOT_FEE
    account.move(paid_in, -given)
    account.move(coin, got - fee)
    return fee, coin, SPOT_FEE, ZERO


def _fill_linear(
    account: Account, order: Order, qty: Decimal, price: Decimal, maker: bool, now: float
) -> tuple[Decimal, str, Decimal, Decimal]:
    """Change the position; profit and fee are paid in USDT at once."""
    position, change = account.position(order.symbol), positions.signed(order.side, qty)
    rate = MAKER_FEE if maker else TAKER_FEE
    fee, closed = qty * price * rate, positions.closed_by(position, change)
    account.move(QUOTE, positions.trade(position, change, price, now) - fee)
    if position.size * change > 0:  # it has opened something: what only closes has nothing to protect
        position.stop_loss = order.stop_loss or position.stop_loss
        position.take_profit = order.take_profit or position.take_profit
    return fee, QUOTE, rate, closed


# -- what prices do -----------------------------------------------------------------------------------------


def _settle_order(world: ExchangeWorld, order: Order) -> None:
    if order.reduce_only and not _may_reduce(world, order):
        cancel(world, order, "CancelByReduceOnly", "EC_ReduceOnly")
        return
    quote = world.quote(INSTRUMENTS[order.category, order.symbol])
    if _crosses(order, quote):
        fill(world, order, order.left, order.price, maker=True)


def _may_reduce(world: ExchangeWorld, order: Order) -> bool:
    position = world.accounts[order.uid].position(order.symbol)
    reducible = positions.closed_by(position, positions.signed(order.side, order.left))
    order.qty = order.filled + reducible if reducible else order.qty
    return bool(reducible)


def _settle_position(world: ExchangeWorld, account: Account, position: Position) -> None:
    quote = world.quote(INSTRUMENTS[LINEAR, position.symbol])
    direction = 1 if position.size > 0 else -1
    market = quote.bid if direction > 0 else quote.ask
    liquidation = positions.liquidation_price(position)
    if liquidation is not None and (quote.last - liquidation) * direction <= 0:
        _close(world, account, position, liquidation, "CreateByLiq", "")
    elif position.stop_loss is not None and (quote.last - position.stop_loss) * direction <= 0:
        _close(world, account, position, market, "CreateByStopLoss", "StopLoss")
    elif position.take_profit is not None and (quote.last - position.take_profit) * direction >= 0:
        _close(world, account, position, market, "CreateByTakeProfit", "TakeProfit")


def _close(
    world: ExchangeWorld,
    account: Account,
    position: Position,
    price: Decimal,
    create_type: str,
    stop_type: str,
) -> None:
    """An order of the exchange's own that closes all of a position."""
    side = "Sell" if position.size > 0 else "Buy"
    instrument, size = INSTRUMENTS[LINEAR, position.symbol], abs(position.size)
    wish = Wish(instrument, side, "Market", "IOC", size, price, "", "", True, None, None)
    order = _accepted(world, account, wish, size, world.quote(instrument))
    order.create_type, order.stop_type = create_type, stop_type
    world.remember(order)
    fill(world, order, size, price)


def find_open(world: ExchangeWorld, account: Account, category: str, order_id: str, link_id: str) -> Order:
    """The open order that a cancel means; refused if there is none, or none that shows yet."""
    if not order_id and not link_id:
        raise bad_parameter("orderId or orderLinkId is required")
    found = world.orders.get(order_id) if order_id else world.linked(account.uid, category, link_id)
    wanted = found is not None and found.uid == account.uid and found.category == category
    if found is None or not wanted or not found.is_open or found.visible_at > world.clock():
        raise VenueError(170213 if category == "spot" else 110001)
    return found
