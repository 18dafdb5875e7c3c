"""Positions in perpetuals: opened, grown, turned, protected, closed and liquidated, to the last digit."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from exchange_bench import Bench, refusal, running_exchange, succeeded


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_exchange() as bench:
        yield bench


async def position(bench: Bench) -> dict[str, Any]:
    """The position in BTCUSDT, also an empty one."""
    (found,) = await bench.read("position/list", category="linear", symbol="BTCUSDT")
    return found


async def held(bench: Bench) -> list[str]:
    """The symbols with a position."""
    listed = await bench.read("position/list", category="linear", settleCoin="USDT")
    return [found["symbol"] for found in listed]


async def usdt(bench: Bench) -> str:
    """The wallet's USDT."""
    return str((await bench.coins())["USDT"]["walletBalance"])


async def test_a_position_grows_at_its_average_price(bench: Bench) -> None:
    """Two buys at different prices; the profit is counted from their mean, margin is a tenth of it."""
    await bench.order("linear", "Buy", "0.1")
    await bench.price("52000")
    await bench.order("linear", "Buy", "0.1")
    found = await position(bench)
    shown = {name: found[name] for name in ("side", "size", "avgPrice", "positionIM", "unrealisedPnl")}
    expected = {"side": "Buy", "size": "0.2", "avgPrice": "51002.55", "positionIM": "1020.051"}
    assert shown == expected | {"unrealisedPnl": "199.49"}
    wallet = (await bench.coins())["USDT"]
    assert (wallet["totalPositionIM"], wallet["unrealisedPnl"]) == ("1020.051", "199.49")


async def test_profit_and_fees_are_paid_in_usdt(bench: Bench) -> None:
    """Bought at 50002.5, sold at 50997.4; 0.055 % of each is the fee."""
    await bench.order("linear", "Buy", "0.1")
    assert await usdt(bench) == "9997.2498625"
    await bench.price("51000")
    await bench.order("linear", "Sell", "0.1", reduceOnly=True)
    assert await usdt(bench) == "10093.9350055"
    assert await held(bench) == []
    empty = await position(bench)
    assert (empty["side"], empty["size"], empty["liqPrice"]) == ("", "0", "")


async def test_selling_more_than_one_has_turns_the_position(bench: Bench) -> None:
    """One-way mode: long 0.1 and a sale of 0.3 is short 0.2, entered at the price of the sale."""
    await bench.order("linear", "Buy", "0.1", stopLoss="45000")
    await bench.order("linear", "Sell", "0.3")
    found = await position(bench)
    shown = (found["side"], found["size"], found["avgPrice"], found["stopLoss"])
    assert shown == ("Sell", "0.2", "49997.5", "")


async def test_reduce_only_only_reduces(bench: Bench) -> None:
    """Refused without a position or in its direction; cut down to what there is; gone when that is gone."""
    words = "current position is zero, cannot fix reduce-only order qty"
    assert refusal(await bench.try_order("linear", "Sell", "0.1", reduceOnly=True)) == (110017, words)
    await bench.order("linear", "Buy", "0.1")
    assert refusal(await bench.try_order("linear", "Buy", "0.1", reduceOnly=True))[0] == 110017
    waiting = await bench.order("linear", "Sell", "0.1", "53000", reduceOnly=True)
    closing = await bench.order("linear", "Sell", "0.5", reduceOnly=True)
    assert (await bench.look("linear", closing))["cumExecQty"] == "0.1"
    assert await held(bench) == []
    seen = await bench.look("linear", waiting)
    assert (seen["orderStatus"], seen["cancelType"]) == ("Cancelled", "CancelByReduceOnly")


@pytest.mark.parametrize(
    ("side", "stop", "price", "kind"),
    [
        ("Buy", {"stopLoss": "49000"}, "48990", "StopLoss"),
        ("Buy", {"takeProfit": "51000"}, "51000", "TakeProfit"),
        ("Sell", {"stopLoss": "51000"}, "51000", "StopLoss"),
        ("Sell", {"takeProfit": "49000"}, "48990", "TakeProfit"),
    ],
)
async def test_stops_close_the_position(
    bench: Bench, side: str, stop: dict[str, str], price: str, kind: str
) -> None:
    """Once the price is there, by an order of the exchange's own that names its reason."""
    await bench.order("linear", side, "0.1", orderLinkId="mine", **stop)
    assert await held(bench) == ["BTCUSDT"]
    await bench.price(price)
    assert await held(bench) == []
    mine, closing = (await bench.control("GET", "/ledger"))["orders"]
    assert (mine["orderLinkId"], mine["createType"]) == ("mine", "CreateByUser")
    assert (closing["orderLinkId"], closing["createType"], closing["stopOrderType"]) == (
        "",
        f"CreateBy{kind}",
        kind,
    )


async def test_an_order_that_closes_brings_no_stops(bench: Bench) -> None:
    """Neither to what is left of the position nor to an empty one."""
    await bench.order("linear", "Buy", "0.1")
    for left in ("0.05", "0"):
        await bench.order("linear", "Sell", "0.05", stopLoss="51000")
        found = await position(bench)
        assert (found["size"], found["stopLoss"]) == (left, "")


async def test_stops_are_set_changed_and_taken_away(bench: Bench) -> None:
    """What is not named stays; "0" takes away; the wrong side and no change are refused."""
    stop = {"category": "linear", "symbol": "BTCUSDT", "tpslMode": "Full", "positionIdx": 0}
    path = "position/trading-stop"
    words = "can not set tp/sl/ts for zero position"
    assert refusal(await bench.post(path, **stop, stopLoss="49000")) == (10001, words)
    await bench.order("linear", "Buy", "0.1")
    succeeded(await bench.post(path, **stop, stopLoss="49000"))
    succeeded(await bench.post(path, **stop, takeProfit="53000"))
    found = await position(bench)
    assert (found["stopLoss"], found["takeProfit"]) == ("49000", "53000")
    assert refusal(await bench.post(path, **stop, stopLoss="51000"))[0] == 10001
    assert refusal(await bench.post(path, **stop, stopLoss="49000")) == (34040, "not modified")
    succeeded(await bench.post(path, **stop, stopLoss="0"))
    found = await position(bench)
    assert (found["stopLoss"], found["takeProfit"]) == ("", "53000")


async def test_a_price_beyond_the_margin_liquidates(bench: Bench) -> None:
    """At ten times leverage 9.5 % against the position take it away, at that very price."""
    await bench.order("linear", "Buy", "0.1")
    assert (await position(bench))["liqPrice"] == "45252.2625"
    await bench.price("45300")
    assert await held(bench) == ["BTCUSDT"]
    await bench.price("45000")
    assert await held(bench) == []
    last, _ = await bench.read("execution/list", category="linear")
    assert (last["execType"], last["execPrice"]) == ("BustTrade", "45252.2625")


async def test_leverage_decides_what_is_bound(bench: Bench) -> None:
    """Twice the leverage, half the margin; the same again, or an impossible one, is refused."""
    leverage = {"category": "linear", "symbol": "BTCUSDT"}

    async def put(value: str) -> dict[str, Any]:
        return await bench.post("position/set-leverage", **leverage, buyLeverage=value, sellLeverage=value)

    await bench.order("linear", "Buy", "0.1")
    assert refusal(await put("10")) == (110043, "leverage not modified")
    assert refusal(await put("101"))[0] == 10001
    succeeded(await put("20"))
    assert (await position(bench))["positionIM"] == "250.0125"


async def test_margin_of_orders_and_losses_leave_less_to_spend(bench: Bench) -> None:
    """What waits binds its margin; what closes a position needs none."""
    await bench.order("linear", "Buy", "1", "48000")
    assert (await bench.coins())["USDT"]["totalOrderIM"] == "4800"
    await bench.order("linear", "Buy", "1")
    assert refusal(await bench.try_order("linear", "Buy", "0.1")) == (110007, "ab not enough for new order")
    await bench.order("linear", "Sell", "1")
    assert refusal(await bench.try_order("spot", "Buy", "0.15"))[0] == 170131


async def test_positions_are_asked_for_by_symbol_or_coin(bench: Bench) -> None:
    """Neither is refused; spot has none; other coins and inverse are empty."""
    assert refusal(await bench.get("position/list", category="linear"))[0] == 10001
    assert refusal(await bench.get("position/list", category="spot"))[0] == 10001
    assert await bench.read("position/list", category="linear", settleCoin="USDC") == []
    assert await bench.read("position/list", category="inverse") == []
