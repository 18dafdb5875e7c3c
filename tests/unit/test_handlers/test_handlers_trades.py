"""/trades: what was traded, and what it has earned."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from chat_support import USER, ChatDesk
from trading_support import desk_of

from bot.models.account import Account
from bot.models.market import AccountType, Side
from bot.models.trade import Holding, Totals, Trade
from bot.services.trades import Trades

D = Decimal
SPOT, LINEAR = AccountType.SPOT, AccountType.LINEAR
PAPER, REAL = Account(1, USER, "paper"), Account(2, USER, "bybit", tail="a3f9")
NOON = 1_795_867_200.0  # 28 November 2026, 12:00 UTC


def trade(number: int, **changes: Any) -> Trade:
    made = Trade(
        id=number,
        order_number=number,
        account_id=2,
        account_type=LINEAR,
        symbol="BTCUSDT",
        side=Side.SELL,
        amount=D("0.50"),
        price=D("61000.10"),
        cost=D("30500.05"),
        fee=D("1.5"),
        profit=D("499.456"),
        at=NOON + 60 * number,
    )
    return replace(made, **changes)


@dataclass
class MemoryLog:
    """Trades, oldest first, and whatever they are said to add up to."""

    trades: list[Trade] = field(default_factory=list)
    sums: dict[int, list[Totals]] = field(default_factory=dict)
    holdings: list[Holding] = field(default_factory=list)
    orders: int = 0

    async def page(self, user_id, symbol, before, limit):
        assert USER == user_id
        wanted = [each for each in self.trades if symbol in (None, each.symbol)]
        return [each for each in reversed(wanted) if before is None or each.id < before.id][:limit]

    async def totals(self, user_id, starts):
        self.starts = starts
        return self.sums

    async def symbols(self, user_id):
        return sorted({each.symbol for each in self.trades})

    async def accounts(self, user_id):
        return {PAPER.id: PAPER, REAL.id: REAL}

    async def waiting(self, user_id):
        return self.orders

    async def held(self, user_id, account_type):
        return self.holdings


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def chat(log) -> ChatDesk:
    chat = ChatDesk()
    trades = Trades(log, chat.clock, ZoneInfo("Europe/Berlin"))
    return ChatDesk(trading=desk_of(trades=trades))


def last_lines(chat: ChatDesk) -> list[str]:
    return chat.texts[-1].split("\n")


async def tap(chat: ChatDesk, label: str) -> None:
    [data] = [data for text, data in chat.buttons if text == label]
    await chat.press(data)


async def test_nothing_was_traded_yet(chat):
    """It says where trades come from."""
    await chat.write("/trades")
    assert ["No trades yet.\nWhat is bought and sold through me is listed here: /buy, /sell"] == chat.texts
    assert [] == chat.buttons


async def test_the_first_page_begins_with_what_was_earned(chat, log):
    """By day, week and month; then the trades with the account they were made on, in the desk's time zone."""
    log.trades = [trade(1), trade(2, side=Side.BUY, account_type=SPOT, profit=None)]
    day = Totals(2, D(61000), D(3), D("499.456"), wins=1, losses=1)
    log.sums = {2: [day, day + day, Totals(5, D(1), D("7.5"), D("-12.345"), wins=1, losses=3)]}
    await chat.write("/trades")
    assert [
        "<b>Profit</b><pre>        profit  fees  trades",
        "today  +499.46  3.00       2",
        "week   +998.91  6.00       4",
        "month   −12.34  7.50       5</pre>Won 1 of 4 this month.",
        "",
        "<b>Trades</b>, newest first",
        "• 28 Nov 13:02 · bought 0.5 BTCUSDT at 61,000.1 · bybit …a3f9",
        "• 28 Nov 13:01 · sold 0.5 BTCUSDT perpetual at 61,000.1 · <b>+499.46</b> · bybit …a3f9",
        "",
        (
            "<i>Profit is what closed positions and sold coins have earned, after fees, in the coin of the "
            "price.</i>"
        ),
    ] == last_lines(chat)


async def test_paper_money_is_never_added_to_real_money(chat, log):
    """A table of its own; accounts of a kind are added up; who only trades on paper sees only that."""
    log.trades = [trade(1)]
    ten, one = [Totals(1, profit=D(10))] * 3, [Totals(1, profit=D(1))] * 3
    log.sums = {1: ten, 2: one, 3: one}
    await chat.write("/trades")
    text = chat.texts[-1]
    assert text.index("<b>Profit</b>") < text.index("+2.00") < text.index("<b>Profit on paper</b>")
    assert text.index("<b>Profit on paper</b>") < text.index("+10.00")
    log.sums = {1: ten}
    await chat.write("/trades")
    assert chat.texts[-1].startswith("<b>Profit on paper</b>")


async def test_pages_lead_back_in_time_and_to_the_newest(chat, log):
    """Ten at a time, one message; sums stand on the first page only."""
    log.trades = [trade(number) for number in range(1, 22)]
    await chat.write("/trades")
    assert ["Older ›", "Get all as a file"] == [label for label, _ in chat.buttons]
    await tap(chat, "Older ›")
    assert "<b>Trades</b>, earlier" == last_lines(chat)[0]
    assert 11 == len(last_lines(chat))
    await tap(chat, "Older ›")
    assert ["• 28 Nov 13:01"] == [line.split(" · ")[0] for line in last_lines(chat)[1:]]
    assert ["‹ Newest"] == [label for label, _ in chat.buttons]
    await tap(chat, "‹ Newest")
    assert chat.texts[-1].startswith("<b>Profit</b>")


@pytest.mark.parametrize("typed", ["ETHUSDT", "eth", "eth/usdt", "Eth-Usdt"])
async def test_one_symbol_in_any_spelling(chat, log, typed):
    """Of those that one has traded; further pages stay with it."""
    log.trades = [trade(number, symbol=("BTCUSDT", "ETHUSDT")[number % 2]) for number in range(1, 30)]
    await chat.write(f"/trades {typed}")
    assert "<b>Trades of ETHUSDT</b>, newest first" in last_lines(chat)
    await tap(chat, "Older ›")
    assert ("<b>Trades of ETHUSDT</b>, earlier", 6) == (last_lines(chat)[0], len(last_lines(chat)))


async def test_coins_that_were_bought_and_not_sold(chat, log):
    """With what they cost on average; of the named symbol only."""
    log.trades = [trade(1)]
    held = Holding(USER, 1, SPOT, "BTCUSDT", Side.BUY, D("0.25"), D("60000.123456"), 1.0)
    log.holdings = [held, replace(held, symbol="ETHUSDT")]
    await chat.write("/trades btc")
    assert "<b>Bought through me and not sold yet</b>" in last_lines(chat)
    assert [["BTCUSDT", "0.25 at 60,000.12 on average", "paper"]] == [
        line.split(" · ") for line in last_lines(chat) if "on average" in line
    ]
    log.holdings = [replace(held, symbol=f"C{number}USDT") for number in range(15)]
    await chat.write("/trades")
    assert "and 5 more" in last_lines(chat)


@pytest.mark.parametrize(("orders", "line"), [(1, "1 limit order waits"), (2, "2 limit orders wait")])
async def test_limit_orders_that_wait(chat, log, orders, line):
    """They are no trades yet: it says where they are."""
    log.trades, log.orders = [trade(1)], orders
    await chat.write("/trades")
    assert f"{line} to be filled: /orders" in last_lines(chat)


async def test_a_symbol_that_was_never_traded(chat, log):
    """An answer, not an error."""
    log.trades = [trade(1)]
    await chat.write("/trades doge")
    assert "No trades of DOGE yet." == last_lines(chat)[0]
    await tap(chat, "All trades")
    assert "<b>Trades</b>, newest first" in last_lines(chat)


async def test_too_many_words(chat):
    """Says what is enough, and shows how."""
    await chat.write("/trades btc eth")
    assert "one symbol is enough" in chat.texts[-1]
    assert "/trades BTC" in chat.texts[-1]


async def test_all_of_them_as_a_file(chat, log):
    """A line a trade, exact; a new message with a CSV file."""
    log.trades = [trade(1, symbol="=BTC"), trade(2, account_id=99, profit=None)]
    await chat.write("/trades")
    await tap(chat, "Get all as a file")
    [sent] = chat.session.named("SendDocument")
    assert "2 trades, newest first." == chat.texts[-1]
    lines = sent.document.data.decode("utf-8-sig").split("\r\n")
    assert [
        "time (UTC),account,type,symbol,side,amount,price,cost,fee,profit,order",
        "2026-11-28 12:02:00,,linear,BTCUSDT,sell,0.50,61000.10,30500.05,1.5,,2",
        "2026-11-28 12:01:00,bybit …a3f9,linear,'=BTC,sell,0.50,61000.10,30500.05,1.5,499.456,1",
        "",
    ] == lines


async def test_days_begin_at_midnight_of_the_desks_zone(chat, log):
    """Sums are asked for from there on."""
    log.trades = [trade(1)]
    await chat.write("/trades")
    assert 3 == len(log.starts)
    assert all((start + 3600) % 3600 == 0 for start in log.starts)
