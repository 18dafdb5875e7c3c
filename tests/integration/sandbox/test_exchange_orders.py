"""Orders: what is refused and in which words, what is filled and what it costs, what is found afterwards."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from exchange_bench import Bench, refusal, running_exchange, succeeded


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_exchange() as bench:
        yield bench


@pytest.mark.parametrize(
    ("change", "spot", "linear"),
    [
        ({"category": "futures"}, 10001, 10001),
        ({"symbol": "NOSUCHUSDT"}, 170121, 10001),
        ({"side": "buy"}, 10001, 10001),
        ({"orderType": "Stop"}, 10001, 10001),
        ({"qty": 0.01}, 10001, 10001),
        ({"qty": "0"}, 10001, 10001),
        ({"qty": "-1"}, 10001, 10001),
        ({"qty": "NaN"}, 10001, 10001),
        ({"qty": "1e2"}, 10001, 10001),
        ({"qty": "0.0000015"}, 170137, 10001),
        ({"qty": "0.00001"}, 170136, 10001),
        ({"qty": "5000"}, 170135, 10001),
        ({"qty": "0.001", "price": "4990"}, 170140, 110094),
        ({"price": None}, 10001, 10001),
        ({"price": "48000.005"}, 170134, 10001),
        ({"price": "56000"}, 170193, 110003),
        ({"timeInForce": "FOREVER"}, 10001, 10001),
        ({"orderLinkId": "x" * 37}, 10001, 10001),
        ({"orderLinkId": "a b"}, 10001, 10001),
        ({"qty": "0.3"}, 170131, 0),
        ({"qty": "3"}, 170131, 110007),
        ({"stopLoss": "49000"}, 10001, 10001),
        ({"takeProfit": "47000"}, 10001, 10001),
        ({"orderLinkId": "a" * 36}, 0, 0),
    ],
)
async def test_what_is_refused(bench: Bench, change: dict[str, Any], spot: int, linear: int) -> None:
    """Each rule with its own code, in spot and in perpetuals; nothing is left of what was refused."""
    if "price" in change and change["price"] == "4990":
        await bench.price("5000")
    for category, code in (("spot", spot), ("linear", linear)):
        order = {"category": category, "symbol": "BTCUSDT", "side": "Buy", "orderType": "Limit"}
        order |= {"qty": "0.01", "price": "48000"} | change
        answer = await bench.post("order/create", **{k: v for k, v in order.items() if v is not None})
        assert answer["retCode"] == code, answer
    ledger = (await bench.control("GET", "/ledger"))["orders"]
    assert len(ledger) == [spot, linear].count(0)


@pytest.mark.parametrize(("category", "code"), [("spot", 170141), ("linear", 110072)])
async def test_a_link_id_is_never_free_again(bench: Bench, category: str, code: int) -> None:
    """Not after its order was filled, not after it was cancelled."""
    await bench.order(category, "Buy", "0.01", orderLinkId="filled")
    await bench.order(category, "Buy", "0.01", "48000", orderLinkId="cancelled")
    cancel = {"category": category, "symbol": "BTCUSDT", "orderLinkId": "cancelled"}
    succeeded(await bench.post("order/cancel", **cancel))
    for link_id in ("filled", "cancelled"):
        assert refusal(await bench.try_order(category, "Buy", "0.01", orderLinkId=link_id))[0] == code


async def test_spot_counts_coins_and_takes_its_fee_from_what_one_gets(bench: Bench) -> None:
    """Bought at the ask, sold at the bid; what was bought cannot be sold whole: the fee is gone."""
    await bench.order("spot", "Buy", "0.1")
    coins = await bench.coins()
    assert (coins["USDT"]["walletBalance"], coins["BTC"]["walletBalance"]) == ("4999.75", "0.1999")
    assert refusal(await bench.try_order("spot", "Sell", "0.2")) == (170131, "Insufficient balance.")
    await bench.order("spot", "Sell", "0.1999")
    coins = await bench.coins()
    assert "BTC" not in coins
    assert coins["USDT"]["walletBalance"] == "14984.25574975"


async def test_a_market_buy_in_spot_is_by_value_unless_it_says_otherwise(bench: Bench) -> None:
    """Without marketUnit the amount is in USDT, and 0.01 of it is too little."""
    order = {"category": "spot", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Market"}
    assert refusal(await bench.post("order/create", **order, qty="0.01"))[0] == 170140
    sent = succeeded(await bench.post("order/create", **order, qty="1000"))
    filled = await bench.look("spot", sent["orderId"])
    assert (filled["cumExecQty"], filled["cumExecValue"]) == ("0.019999", "999.9999975")


async def test_an_open_order_binds_what_it_would_spend(bench: Bench) -> None:
    """USDT of a buy, coins of a sell; cancelling gives them back."""
    buy = await bench.order("spot", "Buy", "0.2", "48000")
    await bench.order("spot", "Sell", "0.08", "53000")
    coins = await bench.coins()
    assert (coins["USDT"]["locked"], coins["BTC"]["locked"]) == ("9600", "0.08")
    assert refusal(await bench.try_order("spot", "Buy", "0.01"))[0] == 170131
    assert refusal(await bench.try_order("spot", "Sell", "0.03"))[0] == 170131
    succeeded(await bench.post("order/cancel", category="spot", symbol="BTCUSDT", orderId=buy))
    await bench.order("spot", "Buy", "0.01")


@pytest.mark.parametrize("category", ["spot", "linear"])
async def test_a_limit_order_waits_for_its_price(bench: Bench, category: str) -> None:
    """It is filled at its own price once the ask is there, whoever asks the exchange next."""
    order = await bench.order(category, "Buy", "0.01", "49000")
    await bench.price("49000")
    assert (await bench.look(category, order))["orderStatus"] == "New"
    await bench.price("48990")
    seen = await bench.look(category, order)
    assert (seen["orderStatus"], seen["avgPrice"], seen["leavesQty"]) == ("Filled", "49000", "0")
    (fill,) = await bench.read("execution/list", category=category)
    assert (fill["execPrice"], fill["isMaker"]) == ("49000", True)


@pytest.mark.parametrize(
    ("time_in_force", "price", "status", "filled"),
    [
        ("GTC", "50010", "Filled", "0.01"),
        ("IOC", "50010", "Filled", "0.01"),
        ("IOC", "50000", "Cancelled", "0"),
        ("FOK", "50000", "Cancelled", "0"),
        ("PostOnly", "50010", "Cancelled", "0"),
        ("PostOnly", "50000", "New", "0"),
    ],
)
async def test_how_long_a_limit_order_is_good(
    bench: Bench, time_in_force: str, price: str, status: str, filled: str
) -> None:
    """What crosses is filled at the ask; what may not wait, or may not cross, is accepted and cancelled."""
    order = await bench.order("linear", "Buy", "0.01", price, timeInForce=time_in_force)
    seen = await bench.look("linear", order)
    assert (seen["orderStatus"], seen["cumExecQty"]) == (status, filled)
    assert seen["avgPrice"] in ("", "50002.5")


@pytest.mark.parametrize(("category", "code"), [("spot", 170213), ("linear", 110001)])
async def test_only_what_is_open_can_be_cancelled(bench: Bench, category: str, code: int) -> None:
    """Neither what was never there nor what has ended; of two ids the exchange's own counts."""
    order = await bench.order(category, "Buy", "0.01", "48000", orderLinkId="mine")
    both = {"orderId": order, "orderLinkId": "another"}
    place = {"category": category, "symbol": "BTCUSDT"}
    assert refusal(await bench.post("order/cancel", **place, orderLinkId="another"))[0] == code
    assert refusal(await bench.post("order/cancel", **place))[0] == 10001
    assert succeeded(await bench.post("order/cancel", **place, **both))["orderLinkId"] == "mine"
    assert refusal(await bench.post("order/cancel", **place, orderId=order))[0] == code


async def test_open_and_ended_orders_are_listed_apart(bench: Bench) -> None:
    """Open ones by default, ended ones with openOnly=1 and in the history, any by an id; the newest first."""
    ended = await bench.order("linear", "Buy", "0.01", orderLinkId="ended")
    older = await bench.order("linear", "Buy", "0.01", "48000")
    newer = await bench.order("linear", "Buy", "0.01", "47000")

    async def ids(path: str, **query: Any) -> list[str]:
        return [order["orderId"] for order in await bench.read(path, category="linear", **query)]

    assert await ids("order/realtime", settleCoin="USDT") == [newer, older]
    assert await ids("order/realtime", symbol="BTCUSDT", openOnly=1) == [ended]
    assert await ids("order/realtime", orderLinkId="ended") == [ended]
    assert await ids("order/realtime", symbol="ETHUSDT") == []
    assert await ids("order/history") == [ended]
    assert refusal(await bench.get("order/realtime", category="linear"))[0] == 10001


async def test_long_lists_come_in_pages(bench: Bench) -> None:
    """20 at a time unless asked, and a cursor to go on with."""
    for _ in range(25):
        await bench.order("spot", "Buy", "0.001", "48000")
    first = succeeded(await bench.get("order/realtime", category="spot"))
    rest = succeeded(await bench.get("order/realtime", category="spot", cursor=first["nextPageCursor"]))
    assert (len(first["list"]), len(rest["list"]), rest["nextPageCursor"]) == (20, 5, "")


async def test_a_part_may_be_filled_and_the_rest_cancelled(bench: Bench) -> None:
    """By control; spot then has a status of its own."""
    for category, status in (("spot", "PartiallyFilledCanceled"), ("linear", "Cancelled")):
        order = await bench.order(category, "Buy", "0.03", "48000")
        await bench.control("POST", f"/orders/{order}/fill", {"qty": "0.01"})
        assert (await bench.look(category, order))["orderStatus"] == "PartiallyFilled"
        await bench.control("POST", f"/orders/{order}/cancel")
        seen = await bench.look(category, order)
        assert (seen["orderStatus"], seen["cumExecQty"], seen["leavesQty"]) == (status, "0.01", "0")


async def test_what_has_ended_may_be_found_in_the_history_alone(bench: Bench) -> None:
    """After a release of Bybit's; open orders are still there."""
    ended = await bench.order("spot", "Buy", "0.01", orderLinkId="ended")
    waiting = await bench.order("spot", "Buy", "0.01", "48000")
    await bench.control("POST", "/release")
    assert await bench.read("order/realtime", category="spot", orderLinkId="ended") == []
    (found,) = await bench.read("order/history", category="spot", orderLinkId="ended")
    assert found["orderId"] == ended
    (found,) = await bench.read("order/realtime", category="spot")
    assert found["orderId"] == waiting
