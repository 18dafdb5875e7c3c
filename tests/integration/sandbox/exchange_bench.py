"""A running exchange with a client that signs for it, for the tests beside this file."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp.test_utils import TestServer
from yarl import URL

from sandbox.exchange.access import signature
from sandbox.exchange.app import create_exchange_app
from sandbox.exchange.demo import TRADER, DemoKey, demo_exchange
from sandbox.exchange.errors import exchange_error_body
from sandbox.exchange.world import ExchangeWorld
from sandbox.faults import Faults

JSON = dict[str, Any]
NOW = 1_795_000_000.0


@dataclass
class Clock:
    """A clock ticked by hand, or the real one with a shift that is."""

    live: bool = False
    ahead: float = 0.0

    def __call__(self) -> float:
        return (time.time() if self.live else NOW) + self.ahead


@dataclass
class Bench:
    """The exchange, its world and clock, and a client that signs."""

    client: aiohttp.ClientSession
    url: str
    world: ExchangeWorld
    clock: Clock
    faults: Faults

    def signed(self, payload: str, key: DemoKey = TRADER, *, at: float | None = None) -> dict[str, str]:
        """The headers of a signed call."""
        stamp = str(int((self.clock() if at is None else at) * 1000))
        sign = signature(key.secret, f"{stamp}{key.key}5000{payload}")
        names = ("X-BAPI-API-KEY", "X-BAPI-TIMESTAMP", "X-BAPI-RECV-WINDOW", "X-BAPI-SIGN")
        return dict(zip(names, (key.key, stamp, "5000", sign), strict=True))

    async def send(self, method: str, path: str, **options: Any) -> JSON:
        """One request; the whole envelope of its answer."""
        # As it stands: a client that writes the query anew would break its signature.
        url = URL(self.url + path, encoded=True)
        async with self.client.request(method, url, **options) as response:
            assert response.status == 200, await response.text()
            answer: JSON = await response.json()
            assert set(answer) == {"retCode", "retMsg", "result", "retExtInfo", "time"}
            return answer

    async def public(self, path: str, **query: Any) -> JSON:
        """The result of a call without a key that must succeed."""
        return succeeded(await self.send("GET", f"/v5/market/{path}?{urlencode(query)}"))

    async def get(self, path: str, key: DemoKey = TRADER, **query: Any) -> JSON:
        """The envelope of a signed GET."""
        text = urlencode(query)
        return await self.send("GET", f"/v5/{path}?{text}", headers=self.signed(text, key))

    async def post(self, path: str, key: DemoKey = TRADER, **body: Any) -> JSON:
        """The envelope of a signed POST."""
        text = json.dumps(body, separators=(",", ":"))
        headers = self.signed(text, key) | {"Content-Type": "application/json"}
        return await self.send("POST", f"/v5/{path}", data=text, headers=headers)

    async def read(self, path: str, **query: Any) -> list[JSON]:
        """The list that a signed GET must give."""
        listed: list[JSON] = succeeded(await self.get(path, **query))["list"]
        return listed

    async def order(self, category: str, side: str, qty: str, price: str | None = None, **more: Any) -> str:
        """Place an order for BTCUSDT that must be accepted; its id."""
        return str(succeeded(await self.try_order(category, side, qty, price, **more))["orderId"])

    async def try_order(
        self, category: str, side: str, qty: str, price: str | None = None, **more: Any
    ) -> JSON:
        """Place an order for BTCUSDT; the envelope."""
        body: JSON = {"category": category, "symbol": "BTCUSDT", "side": side, "qty": qty}
        body |= {"orderType": "Market"} if price is None else {"orderType": "Limit", "price": price}
        if category == "spot" and price is None:
            body["marketUnit"] = "baseCoin"
        return await self.post("order/create", **body | more)

    async def look(self, category: str, order_id: str) -> JSON:
        """An order by its id."""
        (order,) = await self.read("order/realtime", category=category, orderId=order_id)
        return order

    async def control(self, method: str, path: str, body: Any = None) -> JSON:
        """A control request that must succeed."""
        async with self.client.request(method, f"{self.url}/sandbox{path}", json=body) as response:
            answer: JSON = await response.json()
            assert response.status == 200, answer
            return answer

    async def price(self, price: str) -> None:
        """Hold BTCUSDT, spot and perpetual, at a price."""
        await self.control("POST", "/prices", {"symbol": "BTCUSDT", "price": price})

    async def coins(self) -> dict[str, JSON]:
        """What wallet-balance says of each coin."""
        (account,) = await self.read("account/wallet-balance", accountType="UNIFIED")
        return {coin["coin"]: coin for coin in account["coin"]}


def succeeded(answer: JSON) -> JSON:
    """The result of an answer that is no refusal."""
    assert (answer["retCode"], answer["retMsg"]) == (0, "OK"), answer
    result: JSON = answer["result"]
    return result


def refusal(answer: JSON) -> tuple[int, str]:
    """Code and words of an answer that is one."""
    assert answer["result"] == {}
    return answer["retCode"], answer["retMsg"]


@asynccontextmanager
async def running_exchange(*, quota: bool = False, live: bool = False) -> AsyncIterator[Bench]:
    """The demo exchange with BTCUSDT held at 50000, at a clock that stands still or is live."""
    clock = Clock(live)
    world, faults = demo_exchange(clock=clock), Faults(error_body=exchange_error_body)
    server = TestServer(create_exchange_app(world, faults, quota=quota))
    await server.start_server()
    try:
        async with aiohttp.ClientSession() as client:
            bench = Bench(client, str(server.make_url("")).rstrip("/"), world, clock, faults)
            await bench.price("50000")
            yield bench
    finally:
        await server.close()
