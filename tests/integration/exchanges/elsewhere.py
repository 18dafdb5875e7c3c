"""As much of OKX and Binance as it takes to see what the real ccxt sends them, and to let it read their answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.gateways.exchanges.ccxt_exchange import CcxtClients, CcxtExchange
from bot.models.account import Account, Credentials
from bot.resilience.clock import SystemClock
from bot.resilience.tasks import Supervisor

JSON = dict[str, Any]
KEY = Credentials("ElsewhereKey01", "ElsewhereSecret01", "ElsewherePhrase01")

OKX_SPOT: JSON = {
    "instType": "SPOT",
    "instId": "BTC-USDT",
    "baseCcy": "BTC",
    "quoteCcy": "USDT",
    "lotSz": "0.00000001",
    "minSz": "0.00001",
    "tickSz": "0.1",
    "state": "live",
}
OKX_SWAP: JSON = {
    "instType": "SWAP",
    "instId": "BTC-USDT-SWAP",
    "uly": "BTC-USDT",
    "settleCcy": "USDT",
    "ctType": "linear",
    "ctVal": "0.01",
    "ctValCcy": "BTC",
    "ctMult": "1",
    "lotSz": "0.1",
    "minSz": "0.1",
    "tickSz": "0.1",
    "state": "live",
}
OKX_ORDER: JSON = {
    "instType": "SWAP",
    "instId": "BTC-USDT-SWAP",
    "ordId": "312269865356374016",
    "clOrdId": "a1",
    "side": "buy",
    "posSide": "net",
    "ordType": "limit",
    "px": "50000",
    "sz": "2.5",
    "accFillSz": "2.5",
    "avgPx": "49999.5",
    "state": "filled",
    "fee": "-0.5",
    "feeCcy": "USDT",
    "cTime": "1800000000000",
    "uTime": "1800000001000",
    "reduceOnly": "false",
}
OKX: dict[str, Any] = {
    "/api/v5/public/time": [{"ts": "1800000000000"}],
    "/api/v5/account/config": [{"perm": "read_only,trade", "acctLv": "2", "posMode": "net_mode"}],
    "/api/v5/account/balance": [
        {
            "totalEq": "1500",
            "details": [{"ccy": "USDT", "eq": "1500.00000001", "availBal": "1000", "frozenBal": "500"}],
        }
    ],
    "/api/v5/account/positions": [
        {
            "instType": "SWAP",
            "instId": "BTC-USDT-SWAP",
            "pos": "-5",
            "posSide": "net",
            "mgnMode": "cross",
            "avgPx": "50000",
            "markPx": "49000",
            "upl": "50",
            "lever": "3",
            "liqPx": "65000",
        }
    ],
    "/api/v5/trade/order": [OKX_ORDER],
    "/api/v5/trade/batch-orders": [
        {"ordId": "312269865356374016", "clOrdId": "a1", "sCode": "0", "sMsg": ""}
    ],
}
BINANCE_SPOT: JSON = {
    "symbol": "BTCUSDT",
    "status": "TRADING",
    "baseAsset": "BTC",
    "quoteAsset": "USDT",
    "isSpotTradingAllowed": True,
    "permissionSets": [["SPOT"]],
    "orderTypes": ["LIMIT", "MARKET"],
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000", "tickSize": "0.01"},
        {"filterType": "LOT_SIZE", "minQty": "0.00001", "maxQty": "9000", "stepSize": "0.00001"},
        {"filterType": "NOTIONAL", "minNotional": "5"},
    ],
}
BINANCE_LINEAR: JSON = BINANCE_SPOT | {
    "contractType": "PERPETUAL",
    "pair": "BTCUSDT",
    "marginAsset": "USDT",
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "0.1", "maxPrice": "1000000", "tickSize": "0.10"},
        {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
    ],
}
BINANCE_ORDER: JSON = {
    "symbol": "BTCUSDT",
    "orderId": 28,
    "clientOrderId": "a1",
    "price": "0.00",
    "origQty": "0.02000",
    "executedQty": "0.02000",
    "cummulativeQuoteQty": "1000.00",
    "status": "FILLED",
    "type": "MARKET",
    "side": "BUY",
    "time": 1_800_000_000_000,
    "updateTime": 1_800_000_001_000,
}
BINANCE: dict[str, Any] = {
    "/api/v3/exchangeInfo": {"symbols": [BINANCE_SPOT]},
    "/fapi/v1/exchangeInfo": {"symbols": [BINANCE_LINEAR]},
    "/api/v3/account": {"balances": [{"asset": "USDT", "free": "900.5", "locked": "99.5"}]},
    "/api/v3/order": BINANCE_ORDER,
    "/fapi/v1/order": BINANCE_ORDER | {"avgPrice": "50000", "cumQuote": "1000", "reduceOnly": True},
    "/sapi/v1/account/apiRestrictions": {"enableSpotAndMarginTrading": True, "enableWithdrawals": True},
}


@dataclass
class Elsewhere:
    """A venue that answers each path with what stands there; `sent` holds the calls that change something.

    `listed`: the spot instruments of OKX.
    """

    exchange: CcxtExchange
    answers: dict[str, Any]
    sent: list[tuple[str, Any]]
    listed: list[JSON]


@asynccontextmanager
async def elsewhere(name: str, supervisor: Supervisor) -> AsyncIterator[Elsewhere]:
    """`okx` or `binance` behind the real ccxt."""
    answers = dict(OKX if name == "okx" else BINANCE)
    sent: list[tuple[str, Any]] = []
    listed = [OKX_SPOT]

    async def answer(request: web.Request) -> web.Response:
        if request.method == "POST":
            body = await request.json() if name == "okx" else dict(await request.post())
            sent.append((request.path, body))
        if name == "binance":
            found = answers.get(
                request.path, {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}
            )
            return web.json_response(found, status=400 if "code" in found else 200)
        if request.path == "/api/v5/public/instruments":
            spot = request.query["instType"] == "SPOT"
            return _okx(listed if spot else [OKX_SWAP])
        return _okx(answers[request.path])

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    server = TestServer(app)
    await server.start_server()
    clients = CcxtClients(
        name, SystemClock(), supervisor, config=_addresses(name, str(server.make_url("")).rstrip("/"))
    )
    exchange = clients(Account(1, 7, name), KEY)
    try:
        yield Elsewhere(exchange, answers, sent, listed)
    finally:
        await exchange.close()
        await server.close()


def _okx(data: Any) -> web.Response:
    refused = isinstance(data, dict)
    return web.json_response(data if refused else {"code": "0", "msg": "", "data": data})


def _addresses(name: str, url: str) -> JSON:
    if name == "okx":
        return {"timeout_on_exit": 0, "urls": {"api": {"rest": url}}}
    ends = {
        "public": "/api/v3",
        "private": "/api/v3",
        "fapiPublic": "/fapi/v1",
        "fapiPrivate": "/fapi/v1",
        "fapiPrivateV2": "/fapi/v2",
        "fapiPrivateV3": "/fapi/v3",
        "fapiPublicV2": "/fapi/v2",
        "fapiPublicV3": "/fapi/v3",
        "sapi": "/sapi/v1",
    }
    return {"timeout_on_exit": 0, "urls": {"api": {key: url + end for key, end in ends.items()}}}
