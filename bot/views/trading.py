"""What an account holds: balance, positions, open orders, and the three at one look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.errors import KeyRefused, PeerBusy, PeerError
from bot.models.lookup import Aged, Look, Portfolio
from bot.models.market import AccountType, Balance, Position
from bot.models.offer import Action
from bot.models.order import VenueOrder
from bot.views.holdings import (
    coin_table,
    footer,
    order_line,
    position_name,
    position_table,
    profit,
    source,
    stale_line,
    worth_line,
)
from bot.views.reply import EARLIER, FURTHER, Button, Reply, pack
from bot.views.text import ago, count_of, escaped

T = TypeVar("T")

A_PAGE = 10
AT_ONE_LOOK = 5  # of each kind, in the portfolio
GOOD_FOR = 6 * 3600.0
READING = "The exchange is slow just now; the answer follows."
JUST_REFRESHED = "Just refreshed."
TITLES = {
    Look.BALANCE: "Balance",
    Look.POSITIONS: "Positions",
    Look.ORDERS: "Open orders",
    Look.PORTFOLIO: "Portfolio",
}
NO_COINS = "This account is empty.\nSee /accounts for your others."
NO_POSITIONS = "No open positions.\nOrders for perpetuals open them: see /help."
NO_ORDERS = "No open orders.\nLimit orders wait here until they are filled: see /help."
MARKETS = {AccountType.SPOT: "spot", AccountType.LINEAR: "perpetuals"}


@dataclass(frozen=True, slots=True)
class _Page:
    """Which part of a list is shown."""

    number: int
    last: int

    @classmethod
    def of(cls, size: int, asked: int) -> _Page:
        last = max(0, (size - 1) // A_PAGE)
        return cls(min(max(0, asked), last), last)

    @property
    def note(self) -> str:
        return f" Page {self.number + 1} of {self.last + 1}." if self.last else ""

    def cut(self, items: Sequence[T]) -> Sequence[T]:
        return items[self.number * A_PAGE : (self.number + 1) * A_PAGE]


def balance(found: Aged[Balance], page: int = 0) -> Reply:
    """The coins of an account and what they are worth; `page` from 0, one that is not there is the nearest."""
    coins = found.value.coins
    at = _Page.of(len(coins), page)
    shown = [coin_table(at.cut(coins))] if coins else [NO_COINS]
    return _screen(Look.BALANCE, at, found, [f"{worth_line(found.value)}{at.note}", *shown])


def positions(found: Aged[Sequence[Position]], page: int = 0) -> Reply:
    """The open positions with what they have won or lost so far."""
    at = _Page.of(len(found.value), page)
    shown = [position_table(each) for each in at.cut(found.value)] or [NO_POSITIONS]
    heading = f"{_count(len(found.value), 'open position')}{at.note}" if found.value else ""
    return _screen(Look.POSITIONS, at, found, [heading, *shown])


def orders(found: Aged[Sequence[VenueOrder]], now: float, page: int = 0) -> Reply:
    """The open orders, numbered, with a button each that cancels it where it is ours."""
    at = _Page.of(len(found.value), page)
    numbered = list(enumerate(found.value, 1))
    shown = [order_line(number, each, now) for number, each in at.cut(numbered)] or [NO_ORDERS]
    heading = f"{_count(len(numbered), 'open order')}{at.note}" if numbered else ""
    cancels = [_cancel(number, each) for number, each in at.cut(numbered) if each.client_id]
    return _screen(Look.ORDERS, at, found, [heading, *shown], cancels)


def portfolio(found: Portfolio, now: float) -> Reply:
    """The three at one look; a part that could not be had says why, and the others are there all the same."""
    market = MARKETS[found.account_type]
    parts = (
        _part("Balance", found.balance, _balance_lines),
        _part("Positions", found.positions, _position_lines),
        _part(f"Open orders, {market}", found.orders, lambda value: _order_lines(value, now)),
    )
    texts = pack([*parts, source(found.source)], between="\n\n")
    return Reply(texts, good_for=GOOD_FOR).with_buttons(*_ways(Look.PORTFOLIO, 0))


def _screen(
    look: Look, at: _Page, found: Aged[Any], blocks: Iterable[str], buttons: Sequence[Button] = ()
) -> Reply:
    top = "\n".join(part for part in (stale_line(found), f"<b>{TITLES[look]}</b>") if part)
    texts = pack([top, *(block for block in blocks if block), footer(found)])
    rows = [buttons[start : start + 3] for start in range(0, len(buttons), 3)]
    return Reply(texts, good_for=GOOD_FOR).with_buttons(*rows, _turning(look, at), *_ways(look, at.number))


def _turning(look: Look, at: _Page) -> list[Button]:
    back = [Button(EARLIER, Action("look", (look, at.number - 1)))] if at.number else []
    more = [Button(FURTHER, Action("look", (look, at.number + 1)))] if at.number < at.last else []
    return back + more


def _ways(look: Look, page: int) -> tuple[list[Button], list[Button]]:
    """Look again, or at something else."""
    others = [Button(TITLES[each], Action("look", (each, 0))) for each in Look if each is not look]
    return [Button("Refresh", Action("look again", (look, page)))], others


def _cancel(number: int, order: VenueOrder) -> Button:
    return Button(f"Cancel {number}", Action("cancel order", (order.client_id,)))


def _part(title: str, found: Aged[T] | PeerError, lines: Callable[[T], Iterable[str]]) -> str:
    if isinstance(found, PeerError):
        return f"<b>{title}</b>\n⚠ Not available: {_why(found)}."
    age = f" <i>{ago(found.age)}{' ⚠ no answer since' if found.stale else ''}</i>"
    return "\n".join([f"<b>{title}</b>{age}", *lines(found.value)])


def _why(error: PeerError) -> str:
    peer = escaped(error.peer)
    match error:
        case KeyRefused():
            return f"{peer} does not take the account's key"
        case PeerBusy():
            return f"{peer} asks me to slow down"
    return f"{peer} does not answer just now"


def _balance_lines(found: Balance) -> Iterable[str]:
    yield worth_line(found)
    if found.coins:
        yield coin_table(found.coins[:AT_ONE_LOOK])
    yield from _more(found.coins, "/balance")


def _position_lines(found: Sequence[Position]) -> Iterable[str]:
    for each in found[:AT_ONE_LOOK]:
        yield f"{position_name(each)}: {profit(each)}"
    yield from _more(found, "/positions")


def _order_lines(found: Sequence[VenueOrder], now: float) -> Iterable[str]:
    for number, each in enumerate(found[:AT_ONE_LOOK], 1):
        yield order_line(number, each, now)
    yield from _more(found, "/orders")


def _more(items: Sequence[object], command: str) -> Iterable[str]:
    """What of a list is not shown, and where it is."""
    if not items:
        yield "None."
    elif (left := len(items) - AT_ONE_LOOK) > 0:
        yield f"… and {left} more: {command}"


def _count(number: int, what: str) -> str:
    return f"{count_of(number, what)}."
