"""What ccxt tells, in our words. Every function raises NotWhole for what it cannot rely on.

ccxt spells numbers as floats or texts; either way `str` gives the digits that the venue sent. Perpetuals are counted in
contracts there and in coins here: `contract` is what one contract holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.models.market import ZERO, AccountType, Balance, CoinBalance, Instrument, Position, Side, Ticker
from bot.models.order import OrderKind, OrderStatus, VenueOrder

Item = Mapping[str, Any]

DECIMAL_PLACES, TICK_SIZE = 2, 4  # ccxt's `precisionMode`; the third, significant digits, knows no step
SETTLED_IN = "USDT"
DOLLARS = frozenset({"USDT", "USDC", "USD", "FDUSD", "DAI"})
STATUSES = {
    "open": OrderStatus.OPEN,
    "canceling": OrderStatus.OPEN,
    "closed": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELLED,
    "expired": OrderStatus.CANCELLED,
    "rejected": OrderStatus.REJECTED,
}


class NotWhole(ValueError):
    """An answer lacks what it must have."""


@contextmanager
def whole() -> Iterator[None]:
    """What goes wrong in the body while an answer is taken apart is the answer's fault."""
    try:
        yield
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, InvalidOperation) as error:
        raise NotWhole(type(error).__name__) from error


def kind(market: Item) -> AccountType | None:
    """Where a market belongs; None: to neither (futures, options, coin-margined)."""
    if market.get("spot"):
        return AccountType.SPOT
    if market.get("swap") and market.get("linear") and market.get("settle") == SETTLED_IN:
        return AccountType.LINEAR
    return None


def contract(market: Item) -> Decimal:
    """How much of the base coin one unit of an amount is."""
    return _decimal(market.get("contractSize")) or Decimal(1)


def instruments(
    markets: Iterable[Item], precision_mode: int, account_type: AccountType
) -> dict[str, Instrument]:
    """What can be traded now, by the venue's own names."""
    with whole():
        ours = [
            market for market in markets if kind(market) is account_type and market.get("active") is not False
        ]
        found = [_instrument(market, precision_mode, account_type) for market in ours]
        return {instrument.symbol: instrument for instrument in found if instrument is not None}


def _instrument(market: Item, precision_mode: int, account_type: AccountType) -> Instrument | None:
    """None where the venue does not tell in which steps it trades."""
    amount_step = _step(market["precision"].get("amount"), precision_mode)
    price_step = _step(market["precision"].get("price"), precision_mode)
    if amount_step is None or price_step is None:
        return None
    size, limits = contract(market), market.get("limits") or {}
    least, most = _limit(limits, "amount", "min"), _limit(limits, "amount", "max")
    return Instrument(
        symbol=str(market["id"]),
        base=str(market["base"]),
        quote=str(market["quote"]),
        account_type=account_type,
        price_step=price_step,
        amount_step=amount_step * size,
        min_amount=(least or amount_step) * size,
        min_cost=_limit(limits, "cost", "min") or ZERO,
        max_amount=most * size if most else None,
    )


def _step(precision: object, mode: int) -> Decimal | None:
    value = _decimal(precision)
    if value is None:
        return None
    step = Decimal(1).scaleb(-int(value)) if mode == DECIMAL_PLACES else value
    return step if mode in (DECIMAL_PLACES, TICK_SIZE) and step > 0 else None


def _limit(limits: Item, what: str, end: str) -> Decimal | None:
    return _decimal((limits.get(what) or {}).get(end))


def ticker(item: Item, symbol: str, now: float) -> Ticker:
    """The price of one symbol. Where nobody bids or asks, the last price stands for it."""
    with whole():
        last = _decimal(item["last"])
        if last is None or last <= 0:
            raise NotWhole("last")
        percentage = _decimal(item.get("percentage"))
        return Ticker(
            symbol=symbol,
            last=last,
            bid=_decimal(item.get("bid")) or last,
            ask=_decimal(item.get("ask")) or last,
            at=_seconds(item.get("timestamp")) or now,
            change=None if percentage is None else percentage / 100,
            high=_decimal(item.get("high")),
            low=_decimal(item.get("low")),
            turnover=_decimal(item.get("quoteVolume")),
            mark=_decimal(item.get("markPrice")),
        )


def balance(wallets: Iterable[Item]) -> Balance:
    """The coins of all wallets of an account; of worth only dollars are known, since ccxt tells no other."""
    with whole():
        totals: dict[str, Decimal] = {}
        frees: dict[str, Decimal] = {}
        for wallet in wallets:
            for coin, amount in wallet["total"].items():
                total = _decimal(amount) or ZERO
                totals[coin] = totals.get(coin, ZERO) + total
                frees[coin] = frees.get(coin, ZERO) + (_free(wallet, coin, total))
        coins = [_coin(coin, total, frees[coin]) for coin, total in totals.items() if total]
        coins.sort(key=lambda coin: (-(coin.usd or ZERO), coin.coin))
        worths = [coin.usd for coin in coins if coin.usd is not None]
        return Balance(tuple(coins), sum(worths, ZERO) if len(worths) == len(coins) else None)


def _free(wallet: Item, coin: str, total: Decimal) -> Decimal:
    """Of what it is silent about, the venue has not said that it may be spent."""
    free = _decimal((wallet.get("free") or {}).get(coin))
    return ZERO if free is None else max(ZERO, min(free, total))


def _coin(coin: str, total: Decimal, free: Decimal) -> CoinBalance:
    return CoinBalance(coin, total, free, total if coin in DOLLARS else None)


def position(item: Item, market: Item) -> Position | None:
    """A position; None where nothing is left of it."""
    with whole():
        amount = (_decimal(item["contracts"]) or ZERO) * contract(market)
        if not amount:
            return None
        entry, mark = _decimal(item["entryPrice"]), _decimal(item.get("markPrice"))
        if entry is None:
            raise NotWhole("entryPrice")
        side = Side.BUY if item["side"] == "long" else Side.SELL
        mark = mark or entry
        profit = _decimal(item.get("unrealizedPnl"))
        way = 1 if side is Side.BUY else -1
        return Position(
            symbol=str(market["id"]),
            side=side,
            amount=abs(amount),
            entry_price=entry,
            mark_price=mark,
            profit=(mark - entry) * abs(amount) * way if profit is None else profit,
            leverage=_decimal(item.get("leverage")),
            liquidation_price=_decimal(item.get("liquidationPrice")) or None,
            stop_loss=_decimal(item.get("stopLossPrice")) or None,
            take_profit=_decimal(item.get("takeProfitPrice")) or None,
        )


def order(item: Item, market: Item) -> VenueOrder:
    """An order, open or ended."""
    with whole():
        size, account_type = contract(market), kind(market)
        amount, filled = _decimal(item["amount"]), _decimal(item.get("filled")) or ZERO
        if amount is None or account_type is None:
            raise NotWhole("amount")
        status = STATUSES[item["status"]]
        if status is OrderStatus.FILLED and filled < amount:
            status = OrderStatus.CANCELLED  # ended before all of it was filled
        created = _seconds(item.get("timestamp")) or 0.0
        average = _decimal(item.get("average")) if filled else None
        form = OrderKind.MARKET if item.get("type") == "market" else OrderKind.LIMIT
        return VenueOrder(
            id=text(item, "id"),
            client_id=str(item.get("clientOrderId") or ""),
            symbol=str(market["id"]),
            account_type=account_type,
            side=Side(item["side"]),
            kind=form,
            status=status,
            amount=amount * size,
            filled=filled * size,
            price=_decimal(item.get("price")) if form is OrderKind.LIMIT else None,
            average=average,
            fee=_fee(item, market, average) if filled else None,
            reduce_only=item.get("reduceOnly") is True,
            created_at=created,
            updated_at=_seconds(item.get("lastUpdateTimestamp")) or created,
        )


def with_fees(order: VenueOrder, fills: Iterable[Item], market: Item) -> VenueOrder:
    """The order with the fees of its fills."""
    with whole():
        fees = [fee for fill in fills for fee in fill.get("fees") or [fill["fee"]]]
        return replace(order, fee=_fee({"fees": fees}, market, order.average))


def _fee(item: Item, market: Item, average: Decimal | None) -> Decimal | None:
    """All fees in quote; None where one of them is in a coin of which the price is not known here."""
    fees = item.get("fees") or ([item["fee"]] if item.get("fee") else [])
    known = [fee for fee in fees if _decimal(fee.get("cost")) is not None]
    parts = [_in_quote(fee, market, average) for fee in known]
    return None if not parts or None in parts else sum((part for part in parts if part), ZERO)


def _in_quote(fee: Item, market: Item, average: Decimal | None) -> Decimal | None:
    cost, coin = _decimal(fee["cost"]), fee.get("currency")
    if cost is None or coin == market["quote"]:
        return cost
    return cost * average if coin == market["base"] and average is not None else None


def text(item: Item, name: str) -> str:
    """What must not be left out."""
    if not item[name]:
        raise NotWhole(name)
    return str(item[name])


def _decimal(value: object) -> Decimal | None:
    """None where it is left out or empty."""
    if value is None or value == "":
        return None
    number = Decimal(str(value))
    if not number.is_finite():
        raise NotWhole(str(value))
    return number


def _seconds(milliseconds: object) -> float | None:
    return None if milliseconds is None else int(str(milliseconds)) / 1000
