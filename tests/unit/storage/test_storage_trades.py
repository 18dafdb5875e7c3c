"""The log of trades: each part once, holdings in step, pages and sums."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from trading_makers import ANNA, NOW, fill

from bot.models.market import AccountType, Side
from bot.models.trade import Fill, Holding, Totals, Trade, TradePlace
from bot.resilience.clock import ManualClock
from bot.services.trades import Trades
from bot.storage import positions, trade_logs
from bot.storage.database import Database
from bot.storage.trade_logs import TradeStore

D = Decimal
LINEAR, SPOT = AccountType.LINEAR, AccountType.SPOT


@pytest.fixture
def store(db: Database) -> TradeStore:
    return TradeStore(db)


async def record(db: Database, *fills: Fill) -> None:
    await db.write(lambda connection: trade_logs.record(connection, fills))


async def held(db: Database, user_id: int = ANNA) -> list[Holding]:
    statement = positions.of_user(user_id, LINEAR)
    return await db.read(lambda connection: positions.found(connection, statement))


async def test_a_trade_is_shown_as_it_was_filled(db, store):
    """Exact to the last digit; the cost is amount times price."""
    await record(db, fill(3, amount="0.123456789", price="60000.10"))
    [trade] = await store.page(ANNA, None, None, 10)
    assert (
        Trade(
            1,
            3,
            1,
            LINEAR,
            "BTCUSDT",
            Side.BUY,
            amount=D("0.123456789"),
            price=D("60000.10"),
            cost=D("7407.41968568"),
            fee=D("0.5"),
            profit=None,
            at=NOW + 3,
        )
        == trade
    )


async def test_a_part_told_twice_counts_once(db, store):
    """Neither the log nor the holding changes, however the amount is written, and whichever part comes again."""
    first, second = fill(1), fill(1, filled_to=D(2))
    await record(db, first, second)
    await record(db, replace(second, filled_to=D("2.00")))
    await record(db, first)
    await record(db)
    assert [D(2)] == [each.amount for each in await held(db)]
    assert 2 == len(await store.page(ANNA, None, None, 10))


async def test_holdings_follow_what_is_logged(db, store):
    """Opened, added to, closed for a profit, gone: over several transactions."""
    await record(db, fill(1, amount="2"))
    await record(db, fill(2, amount="2", price="120"))
    assert [(Side.BUY, D(4), D(110))] == [
        (each.side, each.amount, each.entry_price) for each in await held(db)
    ]
    await record(db, fill(3, Side.SELL, amount="4", price="115"))
    assert [] == await held(db)
    assert [D("19.5"), None, None] == [trade.profit for trade in await store.page(ANNA, None, None, 10)]


async def test_accounts_and_symbols_do_not_mix(db):
    """Each has a holding of its own."""
    await record(db, fill(1), fill(2, account_id=2), fill(3, symbol="ETHUSDT"), fill(4, account_type=SPOT))
    assert [(1, "BTCUSDT"), (2, "BTCUSDT"), (1, "ETHUSDT")] == [
        (each.account_id, each.symbol) for each in await held(db)
    ]


@pytest.mark.parametrize("symbol", ["BTCUSDT", None])
async def test_pages_go_back_in_time_without_gaps(db, store, symbol):
    """Each trade on one page, newest first, also where several bear the same time."""
    await record(db, *(fill(number, at=NOW + number // 3) for number in range(1, 8)), fill(9, user_id=8))
    seen: list[Trade] = []
    while page := await store.page(ANNA, symbol, TradePlace(seen[-1].at, seen[-1].id) if seen else None, 3):
        seen += page
    assert [7, 6, 5, 4, 3, 2, 1] == [trade.order_number for trade in seen]


async def test_a_page_of_one_symbol_has_no_other(db, store):
    """Exactly that one."""
    await record(db, fill(1), fill(2, symbol="ETHUSDT"))
    assert [2] == [trade.order_number for trade in await store.page(ANNA, "ETHUSDT", None, 10)]


async def test_sums_are_exact(db, store):
    """Ten times 0.1 is 1, and 10^-8 is not lost beside a billion."""
    tenth = [fill(number, amount="1", price="0.1", fee=D("0.00000001")) for number in range(1, 11)]
    await record(db, *tenth, fill(11, amount="1", price="1000000000"))
    [since] = (await store.totals(ANNA, [NOW]))[1]
    assert (11, D("1000000001"), D("0.5000001")) == (since.count, since.cost, since.fee)


async def test_sums_begin_at_each_start(db, store):
    """A trade of the very moment counts; what lies before does not. Wins and losses are counted."""
    await record(db, fill(1), fill(2, Side.SELL, price="110"), fill(3), fill(4, Side.SELL, price="90"))
    [both, last, none] = (await store.totals(ANNA, [NOW + 1, NOW + 4, NOW + 5]))[1]
    assert Totals(4, D(400), D(2), D("-1.0"), wins=1, losses=1) == both
    assert Totals(1, D(90), D("0.5"), D("-10.5"), wins=0, losses=1) == last
    assert Totals() == none


async def test_accounts_are_summed_up_apart(db, store):
    """Paper money is none."""
    await record(db, fill(1), fill(2, account_id=2), fill(3, account_id=2))
    assert {1: [1], 2: [2]} == {
        account: [each.count for each in totals]
        for account, totals in (await store.totals(ANNA, [NOW])).items()
    }


async def test_somebody_else_is_not_counted(db, store):
    """Sums, symbols and pages are a user's own."""
    await record(db, fill(1, user_id=8), fill(2, user_id=9))
    assert {} == await store.totals(ANNA, [NOW])
    assert [] == await store.page(ANNA, None, None, 10)
    assert ([], ["BTCUSDT"]) == (await store.symbols(ANNA), await store.symbols(8))


async def test_as_many_statements_for_one_fill_as_for_many(db, statements):
    """Looked up, logged and brought into step in batches: none in a loop."""
    with statements() as one:
        await record(db, fill(1))
    many = [
        fill(number, (Side.BUY, Side.SELL)[number % 2], symbol=f"S{number % 7}", account_id=number % 3 + 1)
        for number in range(2, 102)
    ]
    with statements() as hundred:
        await record(db, *many)
    assert len(one) <= len(hundred) <= len(one) + 1, hundred  # the one more: holdings that are gone


async def test_a_page_takes_as_many_statements_whatever_it_holds(db, store, statements):
    """/trades with one trade, and with hundreds on several accounts."""
    trades = Trades(store, ManualClock(NOW + 500), ZoneInfo("UTC"))
    asked = []
    for numbers in (range(1, 2), range(2, 302)):
        await record(db, *(fill(number, account_id=number % 5, account_type=SPOT) for number in numbers))
        with statements() as queries:
            await trades.page(ANNA)
        asked.append([each for each in queries if each.startswith("SELECT")])
    assert asked[0] == asked[1]
    assert 5 == len(asked[0])


PLANS = {
    "ix_trade_logs_user_id_symbol": trade_logs.newest(ANNA, "BTCUSDT", TradePlace(NOW, 50), 10),
    "COVERING INDEX ix_trade_logs_statistics": trade_logs.sums(ANNA, [NOW, NOW - 7 * 86_400]),
    "ix_trade_logs_statistics": trade_logs.newest(ANNA, None, TradePlace(NOW, 50), 10),
    "COVERING INDEX ix_trade_logs_user_id_symbol": trade_logs.symbols(ANNA),
    "COVERING INDEX ux_trade_logs_part": trade_logs.parts({1, 2}),
    "COVERING INDEX ix_active_positions_symbol": positions.by_symbol(20),
    "COVERING INDEX ix_pending_limit_orders_user_id": trade_logs.waiting(ANNA),
    "ix_active_positions_user_id": positions.of_user(ANNA, LINEAR),
    "sqlite_autoindex_active_positions_1 (account_id=?": positions.of_accounts({1, 2}, LINEAR),
    "sqlite_autoindex_active_positions_1": positions.with_keys({(1, LINEAR, "BTCUSDT")}),
}


async def plan(db: Database, statement) -> str:
    def explain(connection) -> str:
        written = statement.compile(connection, compile_kwargs={"literal_binds": True})
        steps = connection.execute(text(f"EXPLAIN QUERY PLAN {written}")).all()
        return "\n".join(step.detail for step in steps)

    return await db.read(explain)


@pytest.mark.parametrize(("index", "statement"), PLANS.items(), ids=PLANS)
async def test_each_statement_uses_its_index(db, index, statement):
    """And trades need no sorting."""
    steps = await plan(db, statement)
    assert f"USING {'' if 'COVERING' in index else 'INDEX '}{index}" in steps
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps or "trade_logs" not in steps
