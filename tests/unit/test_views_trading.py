"""What an account holds and what things cost, to the letter."""

from __future__ import annotations

from decimal import Decimal

import pytest
from lookup_support import COINS, a_position, a_ticker, an_instrument, an_order

from bot.errors import KeyRefused, PeerBusy, PeerUnavailable, UnknownSymbol
from bot.models.lookup import Aged, Portfolio, Price
from bot.models.market import AccountType, Balance, CoinBalance, Side
from bot.models.offer import Action
from bot.models.order import OrderKind
from bot.views import errors, prices, trading
from bot.views.reply import MESSAGE_LIMIT, Reply, utf16

D = Decimal
SOURCE = "bybit …a3f9"
AWAY = PeerUnavailable("bybit", "connection refused")
NOW = 1_800_000_000.0
BALANCE = Balance(COINS, D("40617.25"))


def labels(reply: Reply) -> list[list[str]]:
    return [[button.text for button in row] for row in reply.rows]


def actions(reply: Reply) -> list[Action]:
    return [button.action for button in reply.buttons]


def test_a_balance_has_every_coin_and_what_it_is_worth() -> None:
    """What is not free has a line of its own; below it source and age, and ways to the rest."""
    shown = trading.balance(Aged(BALANCE, SOURCE, 4.2))
    assert shown.texts == (
        (
            "<b>Balance</b>\n"
            "Worth 40,617.25 USD.\n"
            "<pre>BTC        0.5  $30,617.25\n"
            "  free    0.25\n"
            "USDT    10,000  $10,000.00</pre>\n"
            "<i>bybit …a3f9 · 4 s ago</i>"
        ),
    )
    assert [["Refresh"], ["Positions", "Open orders", "Portfolio"]] == labels(shown)
    assert [
        Action("look again", ("balance", 0)),
        *(Action("look", (look, 0)) for look in ("positions", "orders", "portfolio")),
    ] == actions(shown)


def test_long_amounts_stand_above_their_worth() -> None:
    """A phone has no room for both; nobody's worth is guessed."""
    coins = (
        CoinBalance("SHIB", D("123456789.123456789123"), D("123456789"), None),
        CoinBalance("A<B", D("2"), D("2"), D("0.0042")),
    )
    assert trading.balance(Aged(Balance(coins), SOURCE, 0)).texts == (
        (
            "<b>Balance</b>\n"
            "Worth 0.0042 USD, without 1 coin of unknown worth.\n"
            "<pre>SHIB      123,456,789.12345678\n"
            "  free             123,456,789\n"
            "A&lt;B                          2\n"
            "  worth                $0.0042</pre>\n"
            "<i>bybit …a3f9 · just now</i>"
        ),
    )
    assert "Nobody says what it is worth." in trading.balance(Aged(Balance(coins[:1]), "x", 0)).texts[0]


def test_an_empty_account_says_what_to_do() -> None:
    """Which is something else than an account that could not be read."""
    assert trading.balance(Aged(Balance(()), "paper", 0)).texts == (
        (
            "<b>Balance</b>\nWorth 0.00 USD.\nThis account is empty.\nSee /accounts for your others.\n"
            "<i>paper · just now</i>"
        ),
    )
    assert (
        "No open positions.\nOrders for perpetuals open them: see /help."
        in (trading.positions(Aged((), SOURCE, 0)).texts[0])
    )
    assert (
        "No open orders.\nLimit orders wait here until they are filled: see /help."
        in (trading.orders(Aged((), SOURCE, 0), NOW).texts[0])
    )


def test_old_numbers_say_so_on_top() -> None:
    """Before anybody reads one of them."""
    text = trading.balance(Aged(BALANCE, SOURCE, 400, stale=True)).texts[0]
    assert text.startswith(
        "⚠ bybit …a3f9 does not answer just now: these are the numbers of 6 min ago.\n<b>Balance</b>\n"
    )
    assert text.endswith("<i>bybit …a3f9 · 6 min ago</i>")


def test_positions_have_a_table_each() -> None:
    """Long and short, with what they have won or lost; what the venue does not say is left out."""
    held = [
        a_position(leverage=D(10), liquidation_price=D("55000.00"), take_profit=D("70000")),
        a_position("ETHUSDT", side=Side.SELL, profit=D("-12.3")),
    ]
    assert trading.positions(Aged(held, SOURCE, 2)).texts == (
        (
            "<b>Positions</b>\n"
            "2 open positions.\n"
            "<b>BTCUSDT</b> long 0.5 · 10×\n"
            "<pre>Entry                 60,000.5\n"
            "Now                     61,000\n"
            "Profit        +499.75 (+1.67%)\n"
            "Liquidation             55,000\n"
            "Take profit             70,000</pre>\n"
            "<b>ETHUSDT</b> short 0.5\n"
            "<pre>Entry                 60,000.5\n"
            "Now                     61,000\n"
            "Profit         −12.30 (−0.04%)</pre>\n"
            "<i>bybit …a3f9 · 2 s ago</i>"
        ),
    )


def test_orders_are_numbered_and_ours_can_be_cancelled() -> None:
    """Those that were placed elsewhere are only shown."""
    waiting = [
        an_order("qm1", filled=D("0.10"), created_at=NOW - 300),
        an_order("", side=Side.SELL, kind=OrderKind.MARKET, price=None, reduce_only=True),
        an_order("qm3"),
    ]
    shown = trading.orders(Aged(waiting, f"{SOURCE} · spot", 2), NOW)
    assert shown.texts == (
        (
            "<b>Open orders</b>\n"
            "3 open orders.\n"
            "1 · <b>BTCUSDT</b> buy 0.5 at 60,000 · 0.1 filled · 5 min old\n"
            "2 · <b>BTCUSDT</b> sell 0.5 at market · only closes\n"
            "3 · <b>BTCUSDT</b> buy 0.5 at 60,000\n"
            "<i>bybit …a3f9 · spot · 2 s ago</i>"
        ),
    )
    assert [["Cancel 1", "Cancel 3"], ["Refresh"], ["Balance", "Positions", "Portfolio"]] == labels(shown)
    assert [Action("cancel order", ("qm1",)), Action("cancel order", ("qm3",))] == actions(shown)[:2]


def test_long_lists_have_pages_of_ten() -> None:
    """Numbers go on; a page that is gone is the last one; Refresh stays on its page."""
    waiting = Aged([an_order(f"qm{number}") for number in range(1, 26)], SOURCE, 0)
    first, last = trading.orders(waiting, NOW), trading.orders(waiting, NOW, 7)
    assert first.texts[0].startswith("<b>Open orders</b>\n25 open orders. Page 1 of 3.\n1 · ")
    assert ["Next ›"] == labels(first)[-3]
    assert last.texts[0].startswith("<b>Open orders</b>\n25 open orders. Page 3 of 3.\n21 · ")
    assert [["‹ Previous"], ["Refresh"]] == labels(last)[-3:-1]
    assert Action("look", ("orders", 1)) in actions(last)
    assert Action("look again", ("orders", 2)) in actions(last)

    coins = Balance(tuple(CoinBalance(f"C{number}", D(1), D(1), D(1)) for number in range(11)))
    assert (
        "Worth 11.00 USD. Page 2 of 2.\n<pre>C10  1  $1.00</pre>"
        in (trading.balance(Aged(coins, SOURCE, 0), 1).texts[0])
    )


def test_whatever_a_venue_says_fits_into_messages() -> None:
    """Names and numbers without end are cut or go into the next message; no markup of theirs is one."""
    name, number = "<b>&" * 100, D("9" * 40 + "." + "9" * 40)
    held = [a_position(name, amount=number, entry_price=number, mark_price=number, leverage=number)] * 10
    coins = (CoinBalance(name, number, D(1), number),) * 10
    waiting = [an_order(symbol=name, amount=number, price=number)] * 10
    replies = (
        trading.positions(Aged(held, name, 0)),
        trading.balance(Aged(Balance(coins, number), name, 0)),
        trading.orders(Aged(waiting, name, 0), NOW),
        trading.portfolio(
            Portfolio(
                name,
                AccountType.SPOT,
                Aged(Balance(coins), name, 0),
                Aged(held, name, 0),
                Aged(waiting, name, 0),
            ),
            NOW,
        ),
    )
    for reply in replies:
        assert max(map(utf16, reply.texts)) <= MESSAGE_LIMIT
        assert "<b>&<b>" not in "".join(reply.texts)


def test_a_portfolio_shows_what_worked_and_names_what_did_not() -> None:
    """At most five of each, and where the rest is."""
    found = Portfolio(
        SOURCE,
        AccountType.SPOT,
        Aged(BALANCE, SOURCE, 3),
        AWAY,
        Aged([an_order(f"qm{number}") for number in range(7)], SOURCE, 700, stale=True),
    )
    order = "<b>BTCUSDT</b> buy 0.5 at 60,000\n"
    shown = trading.portfolio(found, NOW)
    assert shown.texts == (
        (
            "<b>Balance</b> <i>3 s ago</i>\n"
            "Worth 40,617.25 USD.\n"
            "<pre>BTC        0.5  $30,617.25\n"
            "  free    0.25\n"
            "USDT    10,000  $10,000.00</pre>\n\n"
            "<b>Positions</b>\n"
            "⚠ Not available: bybit does not answer just now.\n\n"
            "<b>Open orders, spot</b> <i>11 min ago ⚠ no answer since</i>\n"
            f"1 · {order}2 · {order}3 · {order}4 · {order}5 · {order}"
            "… and 2 more: /orders\n\n"
            "<i>bybit …a3f9</i>"
        ),
    )
    assert [["Refresh"], ["Balance", "Positions", "Open orders"]] == labels(shown)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (AWAY, "bybit does not answer just now"),
        (PeerBusy("bybit", "10006"), "bybit asks me to slow down"),
        (KeyRefused("bybit", 401, "x"), "bybit does not take the account's key"),
    ],
)
def test_a_missing_part_says_why(error: PeerUnavailable | KeyRefused, why: str) -> None:
    """And nothing of the error's own words."""
    found = Portfolio(SOURCE, AccountType.LINEAR, error, Aged([a_position()], SOURCE, 0), Aged((), SOURCE, 0))
    assert trading.portfolio(found, NOW).texts == (
        (
            f"<b>Balance</b>\n⚠ Not available: {why}.\n\n"
            "<b>Positions</b> <i>just now</i>\n<b>BTCUSDT</b> long 0.5: +499.75 (+1.67%)\n\n"
            "<b>Open orders, perpetuals</b> <i>just now</i>\nNone.\n\n"
            "<i>bybit …a3f9</i>"
        ),
    )


def test_a_price_with_all_there_is() -> None:
    """Numbers as the venue gave them."""
    ticker = a_ticker(
        "BTCUSDT", change=D("0.0123"), high=D("62000.0"), low=D("60000"), turnover=D("123456789.123")
    )
    shown = prices.price(Price(an_instrument("BTC"), Aged(ticker, "bybit", 3)))
    assert shown.texts == (
        (
            "<b>BTCUSDT</b> · spot\n"
            "<pre>Last, USDT            61,234.5\n"
            "Bid                   61,234.4\n"
            "Ask                   61,234.5\n"
            "24 h                    +1.23%\n"
            "High                    62,000\n"
            "Low                     60,000\n"
            "Turnover        123,456,789.12</pre>\n"
            "<i>bybit · 3 s ago</i>"
        ),
    )
    assert [Action("price again", ("BTCUSDT", "spot")), Action("chart", ("BTC", "7d"))] == actions(shown)


def test_an_old_price_says_so() -> None:
    """On top, too."""
    instrument = an_instrument("BTC", account_type=AccountType.LINEAR)
    text = prices.price(
        Price(instrument, Aged(a_ticker("BTCUSDT", mark=D("61230")), "bybit", 90, True))
    ).texts[0]
    assert text.startswith(
        "⚠ bybit does not answer just now: these are the numbers of 90 s ago.\n<b>BTCUSDT</b> · perpetuals\n"
    )
    assert "\nMark                    61,230" in text


def test_an_unknown_symbol_offers_the_nearest() -> None:
    """As buttons, in the market that was meant; in other commands as text."""
    error = UnknownSymbol("BTX", ("BTCUSDT", "BNTUSDT"))
    text = "“BTX” is not traded there.\nDid you mean BTCUSDT or BNTUSDT?"
    assert (text,) == prices.unknown_symbol(error).texts
    assert [Action("price", ("BTCUSDT",)), Action("price", ("BNTUSDT",))] == actions(
        prices.unknown_symbol(error)
    )
    assert Action("price", ("BTCUSDT:USDT",)) == actions(prices.unknown_symbol(error, linear=True))[0]
    assert text == errors.explain(error)
    assert errors.explain(UnknownSymbol("<x>")) == (
        "“&lt;x&gt;” is not traded there.\n"
        "Write a coin or a pair, for example BTC or BTC/USDT; BTC/USDT:USDT is the perpetual."
    )
