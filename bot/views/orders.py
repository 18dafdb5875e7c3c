"""Orders for people: what would be done, what was done, what had no effect, and what nobody knows yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.models.account import Account
from bot.models.decimals import plain
from bot.models.market import AccountType, Side
from bot.models.offer import Action
from bot.models.order import IN_DOUBT, OrderState
from bot.models.order_draft import Doubt, Draft, pack
from bot.models.order_record import Order, told
from bot.views.amounts import money
from bot.views.order_reasons import because
from bot.views.reply import Button, Reply, one
from bot.views.reply import pack as packed
from bot.views.text import DAY, count_of, escaped

Told = Mapping[str, Any]

CONFIRM, SURELY, DROP = "order", "order surely", "drop order"
CANCEL, SETTLE, CLOSE = "cancel order", "settle order", "close"
WEEK = 7.0 * DAY

DROPPED = "Nothing was placed."
ASKING = "The exchange is slow just now; the answer follows."
CHECKING = "Sent, outcome unknown, checking. Please do not send it again; the answer follows."
BE_PATIENT = "Please do not send it again: I look for it, and tell you."
CANCELLING = "Cancelling; the exchange is slow just now. The answer follows."
MOVED = "That price is not good any more, and nothing was placed. This is what it would be now:"
NO_ORDERS = "You have no open orders. To place one: /buy or /sell"
SPOT, LINEAR = "spot", "perpetuals"

_PLACES = {AccountType.SPOT: SPOT, AccountType.LINEAR: LINEAR}
_VERBS = {Side.BUY: "Buy", Side.SELL: "Sell"}
_DONE = {Side.BUY: "bought", Side.SELL: "sold"}


def proposal(account: Account, drafts: Sequence[Draft], left: Sequence[str] = ()) -> Reply:
    """How the command was understood, at what price, and the button that places it."""
    place = f"{escaped(account.label)} · {_PLACES[drafts[0].order.account_type]}"
    lines = [line for draft in drafts for line in _draft_lines(draft)]
    lines += [f"Not closed: {escaped(problem)}." for problem in left]
    lines.append(f"\n<i>{place} · the price is good for 60 s</i>")
    return _asked(Reply(packed(lines)), CONFIRM, "Confirm", drafts)


def moved(account: Account, drafts: Sequence[Draft], left: Sequence[str] = ()) -> Reply:
    """The same at the price of now, after the one that was shown has lapsed."""
    reply = proposal(account, drafts, left)
    return replace(reply, texts=(f"{MOVED}\n\n{reply.texts[0]}", *reply.texts[1:]))


def second(drafts: Sequence[Draft]) -> Reply:
    """Something about it is unusual: ask once more."""
    doubts = [line for draft in drafts for line in _doubt_lines(draft)]
    lines = [f"<b>{_what(draft)}</b>" for draft in drafts]
    return _asked(Reply(packed(["Please look again.", *doubts, *lines])), SURELY, "Yes, place it", drafts)


def outcomes(orders: Sequence[Order]) -> Reply:
    """What has become of what was confirmed."""
    every = [told(order) for order in orders]
    buttons = [_cancel_button(each) for each in every if each["state"] == OrderState.OPEN]
    return Reply(
        packed((outcome(each) for each in every), between="\n\n"),
        tuple((button,) for button in buttons),
        good_for=DAY,
    )


def outcome(order: Told) -> str:
    """One order: done, without effect, or being looked for."""
    return f"{_outcome(order)}\n<i>order #{order['number']}</i>"


def notice(order: Told, _: float) -> Reply:
    """What was found out after the answer."""
    return one(outcome(order))


def stuck(order: Told, _: float) -> Reply:
    """Nobody knows what has become of an order: a person has to look."""
    text = (
        f"I cannot find out what has become of order #{order['number']}: {_line(order)}.\n"
        "Please look for it at the exchange. If it is there, leave this: I go on looking. "
        "If you are sure that it is not there, tap the button."
    )
    button = Button("It is not there", Action(SETTLE, (int(order["number"]),)))
    return replace(one(text, button), good_for=WEEK)


def cancelled(order: Order) -> Reply:
    """What cancelling came to."""
    each = told(order)
    if order.state is OrderState.OPEN or order.state in IN_DOUBT:
        text = f"The exchange has not confirmed yet that #{order.number} is cancelled.\nI go on looking, and tell you."
        return one(text, _cancel_button(each, "Try again"))
    return one(outcome(each))


def open_orders(orders: Sequence[Order]) -> Reply:
    """What is open or being looked for, with a button each."""
    if not orders:
        return one(NO_ORDERS)
    every = [told(order) for order in orders]
    lines = [f"<b>{count_of(len(every), 'open order')}</b>", *map(_open_line, every)]
    buttons = [_cancel_button(each, f"Cancel #{each['number']}") for each in every]
    return Reply(packed(lines), tuple((button,) for button in buttons), good_for=DAY)


def _asked(reply: Reply, verb: str, label: str, drafts: Sequence[Draft]) -> Reply:
    confirm = Button(label, Action(verb, tuple(map(pack, drafts))))
    return reply.with_buttons([confirm, Button("Cancel", Action(DROP))])


def _draft_lines(draft: Draft) -> list[str]:
    order, quote = draft.order, escaped(draft.quote)
    side = "ask" if order.side is Side.BUY else "bid"
    lines = [f"<b>{_what(draft)}</b>", f"Price now: {plain(draft.quoted)} {quote} ({side})"]
    cost = order.amount * (order.price or draft.quoted)
    lines.append(f"Comes to {money(cost)} {quote}, fee at most about {money(draft.fee)} {quote}")
    if draft.asked_amount is not None:
        lines.append(f"Rounded to what can be ordered: {_short(draft.asked_amount)} → {plain(order.amount)}")
    if draft.asked_price is not None and order.price is not None:
        lines.append(f"Price rounded: {plain(draft.asked_price)} → {plain(order.price)}")
    stops = (("Stop-loss", order.stop_loss), ("Take-profit", order.take_profit))
    lines += [f"{name} at {plain(price)} {quote}" for name, price in stops if price is not None]
    return lines


def _what(draft: Draft) -> str:
    """The reading of the command in one line."""
    order = draft.order
    price = (
        "at the market's price" if order.price is None else f"at {plain(order.price)} {draft.quote} or better"
    )
    verb = "Close: " + _VERBS[order.side].lower() if draft.closes else _VERBS[order.side]
    return f"{verb} {plain(order.amount)} {escaped(draft.base)} {escaped(price)}"


def _doubt_lines(draft: Draft) -> list[str]:
    order, quoted = draft.order, draft.quoted
    lines = {
        Doubt.LARGE: f"This is large: {money(draft.worth)} USD.",
        Doubt.WIDE: "Ask and bid are far apart just now: you may get a bad price.",
    }
    if order.price is not None:
        far, where = abs(order.price / quoted - 1) * 100, "above" if order.price > quoted else "below"
        lines[Doubt.FAR] = f"The price is {far:.1f} % {where} the market's, which is {plain(quoted)}."
    return [lines[doubt] for doubt in draft.doubts]


def _outcome(order: Told) -> str:
    filled, price = _filled(order), order["price"]
    match OrderState(order["state"]):
        case OrderState.FILLED:
            return f"Done: {filled}."
        case OrderState.OPEN if order["filled"] != "0":
            return f"Done in part: {filled}; the rest is open. I tell you when that changes."
        case OrderState.OPEN if price is not None:
            return f"Done: the order is open: {_line(order)}. I tell you when it is filled."
        case OrderState.OPEN:
            return f"The exchange has accepted it: {_line(order)}. I tell you when it is filled."
        case OrderState.CANCELLED if order["filled"] != "0":
            return f"Done in part: {filled}; the rest was cancelled."
        case OrderState.CANCELLED:
            return f"Cancelled, nothing was filled: {_line(order)}."
        case OrderState.REFUSED | OrderState.ABSENT:
            return f"It had no effect: {_line(order)}.\n{because(order['reason'])}"
    return f"Sent, outcome unknown, checking: {_line(order)}.\n{BE_PATIENT}"


def _filled(order: Told) -> str:
    """`bought 0.01 BTC at 60000 USDT (600.00 USDT, fee 0.60)`; of a part also of how much."""
    part = f" of {order['amount']}" if order["filled"] != order["amount"] else ""
    text = f"{_DONE[Side(order['side'])]} {order['filled']}{part} {escaped(order['base'])}"
    if order["average"] is None:
        return text
    quote, cost = escaped(order["quote"]), Decimal(order["filled"]) * Decimal(order["average"])
    fee = f", fee {money(Decimal(order['fee']))}" if order["fee"] is not None else ""
    return f"{text} at {_short(Decimal(order['average']))} {quote} ({money(cost)} {quote}{fee})"


def _line(order: Told) -> str:
    """`buy 0.01 BTC at 60000 USDT`."""
    price = f" at {order['price']} {escaped(order['quote'])}" if order["price"] is not None else ""
    return f"{order['side']} {order['amount']} {escaped(order['base'])}{price}"


def _open_line(order: Told) -> str:
    doubt = " · being looked for" if OrderState(order["state"]) in IN_DOUBT else ""
    part = f" · {order['filled']} filled" if order["filled"] != "0" else ""
    return f"#{order['number']} {_line(order)}{part}{doubt}"


def _cancel_button(order: Told, label: str = "Cancel the order") -> Button:
    return Button(label, Action(CANCEL, (int(order["number"]),)))


def _short(number: Decimal) -> str:
    """Ten digits at most."""
    return plain(Decimal(f"{number:.10g}"))
