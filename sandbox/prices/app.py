"""The server: each source under its own name, and the control side, as one aiohttp application."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from sandbox.exchange.app import market_routes
from sandbox.exchange.call_log import CallLog
from sandbox.faults import Faults
from sandbox.prices import coin_sources, metal_sources
from sandbox.prices.calls import Call, Refusal
from sandbox.prices.control import Control
from sandbox.prices.world import SOURCES, PricesWorld

Answer = Callable[[Call], Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ENDPOINTS: Mapping[str, Answer] = {
    "/gold-api/price/{symbol}": metal_sources.gold_api,
    "/gold-api/price/{symbol}/{currency}": metal_sources.gold_api,
    "/swissquote/public-quotes/bboquotes/instrument/{symbol}/{currency}": metal_sources.swissquote,
    "/yahoo/v8/finance/chart/{symbol}": metal_sources.yahoo,
    "/kraken/0/public/Ticker": metal_sources.kraken,
    "/binance/api/v3/ticker/24hr": coin_sources.binance,
    "/coinpaprika/v1/tickers": coin_sources.coinpaprika,
    "/coingecko/api/v3/coins/markets": coin_sources.coingecko,
    "/coincap/v3/assets": coin_sources.coincap,
}


def create_prices_app(world: PricesWorld, faults: Faults) -> web.Application:
    """All sources of a world. Its shutdown ends `faults`."""
    log = CallLog()
    app = web.Application(middlewares=[faults.middleware, _counting(log)])
    app.add_routes([web.get(path, _handler(world, answer)) for path, answer in ENDPOINTS.items()])
    app.add_routes(market_routes(world.exchange, "/bybit"))
    app.add_routes([*Control(world, faults, log).routes(), *faults.routes()])
    app.on_shutdown.append(faults.close)
    return app


def prices_error_body(status: int, retry_after: float | None) -> Mapping[str, object]:
    """The body of an injected HTTP error; fits `Faults(error_body=…)`."""
    return {"error": f"{status}", "status": {"error_code": status, "error_message": "injected"}}


def _source(request: web.Request) -> str:
    return request.path.split("/")[1]


def _handler(world: PricesWorld, answer: Answer) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        call = Call(world, _source(request), request.match_info, request.query, request.headers)
        try:
            return web.Response(text=json.dumps(answer(call)), content_type="application/json")
        except Refusal as refusal:
            return web.Response(text=refusal.body, status=refusal.status, content_type=refusal.content_type)

    return handle


def _counting(log: CallLog) -> Any:
    """Counts what sources were asked and carried out, by name and status."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        source = _source(request)
        if source not in SOURCES:
            return await handler(request)
        status = 404
        try:
            response = await handler(request)
            status = response.status
            return response
        finally:
            log.count(source, status)

    return count
