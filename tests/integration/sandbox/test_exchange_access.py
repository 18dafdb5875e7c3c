"""Who is let in: signatures over what was really sent, the clock, the rights of a key, and how often."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from exchange_bench import Bench, refusal, running_exchange, succeeded

from sandbox.exchange.access import signature
from sandbox.exchange.demo import EXPIRED, READER, TRADER, WITHDRAWER, DemoKey

WALLET = "/v5/account/wallet-balance"
QUERY = "accountType=UNIFIED"


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_exchange() as bench:
        yield bench


async def wallet(bench: Bench, headers: dict[str, str], query: str = QUERY) -> tuple[int, str]:
    """How the exchange refuses a call with these headers."""
    return refusal(await bench.send("GET", f"{WALLET}?{query}", headers=headers))


@pytest.mark.parametrize("missing", ["X-BAPI-API-KEY", "X-BAPI-SIGN", "X-BAPI-TIMESTAMP"])
async def test_a_header_that_is_missing_comes_first(bench: Bench, missing: str) -> None:
    """10001, even where everything else is wrong, too."""
    headers = bench.signed("wrong", DemoKey("nobody", "x"), at=0)
    headers.pop(missing)
    assert (await wallet(bench, headers))[0] == 10001


async def test_the_checks_come_in_their_order(bench: Bench) -> None:
    """An unknown key before a bad signature, that before a clock that is off, that before an expired key."""
    unknown = DemoKey("nobody", "x")
    assert await wallet(bench, bench.signed("wrong", unknown, at=0)) == (10003, "API key is invalid.")
    code, words = await wallet(bench, bench.signed("wrong", EXPIRED, at=0))
    assert (code, words) == (10004, f"error sign! origin_string[0{EXPIRED.key}5000{QUERY}]")
    code, words = await wallet(bench, bench.signed(QUERY, EXPIRED, at=0))
    assert (code, "recv_window[5000]" in words) == (10002, True)
    assert await wallet(bench, bench.signed(QUERY, EXPIRED)) == (33004, "Your api key has expired.")


@pytest.mark.parametrize(("off", "code"), [(-5.0, 0), (-5.001, 10002), (0.999, 0), (1.0, 10002)])
async def test_the_window_of_time(bench: Bench, off: float, code: int) -> None:
    """As late as the window, and less than a second early."""
    headers = bench.signed(QUERY, at=bench.clock() + off)
    assert (await bench.send("GET", f"{WALLET}?{QUERY}", headers=headers))["retCode"] == code


@pytest.mark.parametrize("stamp", ["soon", "1e12", "-1", "9" * 5000, "１７９５０００００００００"])
async def test_a_time_that_is_none_is_outside_of_every_window(bench: Bench, stamp: str) -> None:
    """10002 for whatever is not a number of milliseconds."""
    sign = signature(TRADER.secret, f"{stamp}{TRADER.key}5000{QUERY}")
    headers = bench.signed(QUERY) | {"X-BAPI-TIMESTAMP": stamp, "X-BAPI-SIGN": sign}
    assert (await wallet(bench, headers))[0] == 10002


async def test_the_raw_query_is_signed(bench: Bench) -> None:
    """As it was sent: encoded and in its order; the same query in other letters is another one."""
    for query in ("accountType=UNIFIED&coin=BTC%2CETH", "coin=BTC,ETH&accountType=UNIFIED"):
        answer = await bench.send("GET", f"{WALLET}?{query}", headers=bench.signed(query))
        (account,) = succeeded(answer)["list"]
        assert [coin["coin"] for coin in account["coin"]] == ["BTC", "ETH"]
    headers = bench.signed("accountType=UNIFIED&coin=BTC,ETH")
    assert (await wallet(bench, headers, "accountType=UNIFIED&coin=BTC%2CETH"))[0] == 10004


async def test_the_very_bytes_of_a_body_are_signed(bench: Bench) -> None:
    """The same object with other spaces is another body."""
    body = {"category": "linear", "symbol": "BTCUSDT", "buyLeverage": "5", "sellLeverage": "5"}
    tight = json.dumps(body, separators=(",", ":"))
    headers = bench.signed(tight) | {"Content-Type": "application/json"}
    path = "/v5/position/set-leverage"
    assert refusal(await bench.send("POST", path, data=json.dumps(body), headers=headers))[0] == 10004
    succeeded(await bench.send("POST", path, data=tight, headers=headers))


@pytest.mark.parametrize("body", ["", "[]", "{", '"x"', "\udcff"])
async def test_a_body_that_is_no_object_is_refused(bench: Bench, body: str) -> None:
    """10001, once it is known who has sent it."""
    data = body.encode(errors="surrogateescape")
    answer = await bench.send("POST", "/v5/order/create", data=data, headers=bench.signed(body))
    assert refusal(answer)[0] == 10001


async def test_a_key_tells_what_it_may_do(bench: Bench) -> None:
    """Reading, trading and withdrawing are to be seen; one that expires says when."""

    async def info(key: DemoKey) -> dict[str, Any]:
        return succeeded(await bench.get("user/query-api", key))

    assert [(await info(key))["readOnly"] for key in (TRADER, READER)] == [0, 1]
    assert "Withdraw" not in (await info(TRADER))["permissions"]["Wallet"]
    assert "Withdraw" in (await info(WITHDRAWER))["permissions"]["Wallet"]
    assert "expiredAt" not in await info(TRADER)
    bench.world.keys[EXPIRED.key].expires_at = 1_900_000_000
    assert (await info(EXPIRED))["expiredAt"] == "2030-03-17T17:46:40Z"


async def test_a_key_does_only_what_it_may(bench: Bench) -> None:
    """Reading only, without spot, from another address: each is told as it is."""
    order = {"category": "spot", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Market", "qty": "100"}
    assert refusal(await bench.post("order/create", READER, **order))[0] == 10005
    key = bench.world.keys[TRADER.key]
    key.permissions = {"ContractTrade": ["Order"]}
    assert refusal(await bench.post("order/create", **order))[0] == 10005
    key.ips = ["203.0.113.5"]
    assert refusal(await bench.get("user/query-api"))[0] == 10010
    await bench.control("DELETE", f"/keys/{TRADER.key}")
    assert refusal(await bench.get("user/query-api"))[0] == 10003
    assert (await bench.control("GET", "/ledger"))["orders"] == []


async def test_a_new_key_comes_with_an_account(bench: Bench) -> None:
    """By control: another key to the same account, or one with coins of its own."""
    uid = bench.world.keys[TRADER.key].uid
    await bench.control("POST", "/keys", {"key": "Second", "secret": "s", "uid": uid})
    await bench.control("POST", "/keys", {"key": "Rich", "secret": "r", "coins": {"USDT": "1000000"}})
    await bench.order("spot", "Buy", "0.01", "48000")
    seen = await bench.get("order/realtime", DemoKey("Second", "s"), category="spot")
    assert len(succeeded(seen)["list"]) == 1
    rich = DemoKey("Rich", "r")
    (account,) = succeeded(await bench.get("account/wallet-balance", rich, accountType="UNIFIED"))["list"]
    assert account["totalEquity"] == "1000000"
    assert succeeded(await bench.get("order/realtime", rich, category="spot"))["list"] == []
    await bench.control("POST", "/keys", {"key": "Second", "secret": "s", "uid": uid, "coins": {"BTC": "1"}})
    assert await bench.read("order/realtime", category="spot") == []
    assert {coin: held["walletBalance"] for coin, held in (await bench.coins()).items()} == {"BTC": "1"}


async def test_what_is_left_of_a_second_is_told_and_kept_to() -> None:
    """Headers count down; beyond the limit 10006, in the next second all is well again."""
    async with running_exchange(quota=True) as bench:
        url = f"{bench.url}/v5/user/query-api"
        left = []
        for _ in range(10):
            async with bench.client.get(url, headers=bench.signed("")) as response:
                left.append(response.headers["X-Bapi-Limit-Status"])
                assert response.headers["X-Bapi-Limit"] == "10"
        assert left == [str(number) for number in range(9, -1, -1)]
        assert refusal(await bench.get("user/query-api"))[0] == 10006
        bench.clock.ahead += 1
        succeeded(await bench.get("user/query-api"))


async def test_an_address_that_calls_too_often_is_shut_out() -> None:
    """600 calls in 5 seconds; then a 403 that is no JSON."""
    async with running_exchange(quota=True) as bench:
        for _ in range(600):
            async with bench.client.get(f"{bench.url}/v5/market/time") as response:
                assert response.status == 200
        async with bench.client.get(f"{bench.url}/v5/market/time") as response:
            assert (response.status, await response.text()) == (403, "access too frequent")
        bench.clock.ahead += 5
        await bench.public("time")


async def test_other_paths_are_not_found(bench: Bench) -> None:
    """404, as its gateway says it."""
    async with bench.client.get(f"{bench.url}/v5/order/unheard-of") as response:
        assert response.status == 404
