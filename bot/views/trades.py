"""What one has traded, and what it has earned: /trades, its pages, and all of it as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from bot.models.account import Account
from bot.models.market import AccountType, Side
from bot.models.offer import Action
from bot.models.trade import Holding, Totals, Trade, TradePage, TradeStats
from bot.views.amounts import coins, columns, exact, money, signed
from bot.views.export import BYTE_ORDER_MARK, harmless
from bot.views.reply import Attachment, Button, Reply, pack
from bot.views.text import count_of, escaped

GOOD_FOR = 6 * 3600.0
MOST_BOUGHT = 10
MOST_IN_FILE = 10_000
HEADER = (
    "time (UTC)",
    "account",
    "type",
    "symbol",
    "side",
    "amount",
    "price",
    "cost",
    "fee",
    "profit",
    "order",
)
FOOT = (
    "<i>Profit is what closed positions and sold coins have earned, after fees, in the coin of the price.</i>"
)


def trades(page: TradePage, zone: tzinfo) -> Reply:
    """On the first page what everything adds up to; then the trades, newest first."""
    if page.first and not page.trades:
        return _nothing(page)
    what = f" of {escaped(page.symbol)}" if page.symbol else ""
    head = [*_statistics(page), *_bought(page), *_waiting(page), f"<b>Trades{what}</b>, newest first"]
    if not page.first:
        head = [f"<b>Trades{what}</b>, earlier"]
    lines = [_trade(trade, page.accounts, zone) for trade in page.trades]
    foot = [f"\n{FOOT}"] if page.first else []
    return Reply(pack([*head, *lines, *foot]), good_for=GOOD_FOR).with_buttons(
        _paging(page), [Button("Get all as a file", Action("trades file"))] if page.first else []
    )


def file_of(found: Sequence[Trade], accounts: Mapping[int, Account], now: float) -> Reply:
    """All of them, for a spreadsheet."""
    name = f"trades-{_moment(now)[:10]}.csv"
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow(HEADER)
    writer.writerows(_cells(trade, accounts) for trade in found)
    text = f"{count_of(len(found), 'trade')}, newest first."
    if len(found) >= MOST_IN_FILE:
        text += " Older ones are left out."
    return Reply((text,), file=Attachment(name, BYTE_ORDER_MARK + target.getvalue()))


def _nothing(page: TradePage) -> Reply:
    what = f" of {escaped(page.symbol)}" if page.symbol else ""
    everything = [Button("All trades", Action("trades", ("", None, None)))] if page.symbol else []
    text = f"No trades{what} yet.\nWhat is bought and sold through me is listed here: /buy, /sell"
    return Reply((text,), good_for=GOOD_FOR).with_buttons(everything)


def _statistics(page: TradePage) -> list[str]:
    """Real money and paper money are never added up; one that has not moved this month is left out."""
    kinds = [("Profit", page.real), ("Profit on paper", page.paper)]
    shown = [(title, stats) for title, stats in kinds if _any(stats)] or kinds[:1]
    scope = ", all symbols" if page.symbol else ""
    return [f"<b>{title}{scope}</b>{_table(stats)}" for title, stats in shown]


def _any(stats: TradeStats) -> bool:
    """The week may have begun before the month."""
    return bool(stats.week.count or stats.month.count)


def _table(stats: TradeStats) -> str:
    periods = (("today", stats.day), ("week", stats.week), ("month", stats.month))
    rows = [("", "profit", "fees", "trades"), *(_period(name, each) for name, each in periods)]
    month = stats.month
    closed = month.wins + month.losses
    return columns(rows) + (f"Won {month.wins} of {closed} this month.\n" if closed else "")


def _period(name: str, totals: Totals) -> tuple[str, ...]:
    return (name, signed(totals.profit), money(totals.fee), str(totals.count))


def _bought(page: TradePage) -> list[str]:
    if not page.bought:
        return []
    rest = len(page.bought) - MOST_BOUGHT
    more = [f"and {rest} more"] if rest > 0 else []
    lines = [_coin(each, page.accounts) for each in page.bought[:MOST_BOUGHT]]
    return ["<b>Bought through me and not sold yet</b>", *lines, *more, ""]


def _waiting(page: TradePage) -> list[str]:
    if not page.waiting:
        return []
    verb = "waits" if page.waiting == 1 else "wait"
    return [f"{count_of(page.waiting, 'limit order')} {verb} to be filled: /orders\n"]


def _coin(holding: Holding, accounts: Mapping[int, Account]) -> str:
    price = money(holding.entry_price)
    where = _account(accounts, holding.account_id)
    return f"{escaped(holding.symbol)} · {coins(holding.amount)} at {price} on average · {where}"


def _trade(trade: Trade, accounts: Mapping[int, Account], zone: tzinfo) -> str:
    when = datetime.fromtimestamp(trade.at, zone).strftime("%d %b %H:%M")
    did = "bought" if trade.side is Side.BUY else "sold"
    kind = " perpetual" if trade.account_type is AccountType.LINEAR else ""
    parts = [
        when,
        f"{did} {coins(trade.amount)} {escaped(trade.symbol)}{kind} at {exact(trade.price)}",
        f"<b>{signed(trade.profit)}</b>" if trade.profit is not None else "",
        _account(accounts, trade.account_id),
    ]
    return "• " + " · ".join(part for part in parts if part)


def _account(accounts: Mapping[int, Account], account_id: int) -> str:
    return escaped(accounts[account_id].label) if account_id in accounts else f"account {account_id}"


def _paging(page: TradePage) -> list[Button]:
    symbol = page.symbol or ""
    newest = [] if page.first else [Button("‹ Newest", Action("trades", (symbol, None, None)))]
    if page.older is None:
        return newest
    return [*newest, Button("Older ›", Action("trades", (symbol, page.older.at, page.older.id)))]


def _cells(trade: Trade, accounts: Mapping[int, Account]) -> tuple[str | int, ...]:
    profit = "" if trade.profit is None else format(trade.profit, "f")
    figures = (trade.amount, trade.price, trade.cost, trade.fee)
    return (
        _moment(trade.at),
        harmless(accounts[trade.account_id].label if trade.account_id in accounts else ""),
        trade.account_type.value,
        harmless(trade.symbol),
        trade.side.value,
        *(format(figure, "f") for figure in figures),
        profit,
        trade.order_number,
    )


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
