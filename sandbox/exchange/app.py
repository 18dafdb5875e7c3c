"""The server: Bybit's v5 paths and the control side as one aiohttp application."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.exchange import engine, market, trading
from sandbox.exchange.access import key_of
from sandbox.exchange.call_log import CallLog
from sandbox.exchange.calls import Call
from sandbox.exchange.control import Control
from sandbox.exchange.errors import FORBIDDEN, VenueError, bad_parameter
from sandbox.exchange.limits import Limits
from sandbox.exchange.world import ExchangeWorld
from sandbox.faults import Faults

JSON = dict[str, Any]
Method = Callable[[Call], JSON]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path: who answers it, and how often a second an account may ask; None: anybody may, unsigned."""

    method: str
    path: str
    answer: Method
    limit: int | None = None


ENDPOINTS = (
    Endpoint("GET", "/v5/market/time", market.server_time),
    Endpoint("GET", "/v5/market/instruments-info", market.instruments_info),
    Endpoint("GET", "/v5/market/tickers", market.tickers),
    Endpoint("GET", "/v5/market/kline", market.kline),
    Endpoint("GET", "/v5/asset/coin/query-info", trading.coin_info, 5),
    Endpoint("GET", "/v5/user/query-api", trading.query_api, 10),
    Endpoint("GET", "/v5/account/info", trading.account_info, 50),
    Endpoint("GET", "/v5/account/wallet-balance", trading.wallet_balance, 50),
    Endpoint("GET", "/v5/position/list", trading.position_list, 50),
    Endpoint("POST", "/v5/position/trading-stop", trading.trading_stop, 10),
    Endpoint("POST", "/v5/position/set-leverage", trading.set_leverage, 10),
    Endpoint("POST", "/v5/order/create", trading.create, 20),
    Endpoint("POST", "/v5/order/cancel", trading.cancel, 20),
    Endpoint("GET", "/v5/order/realtime", trading.realtime, 50),
    Endpoint("GET", "/v5/order/history", trading.history, 50),
    Endpoint("GET", "/v5/execution/list", trading.executions, 50),
)


def create_exchange_app(world: ExchangeWorld, faults: Faults, *, quota: bool = False) -> web.Application:
    """The exchange of a world. `quota`: calls beyond Bybit's limits are refused. Its shutdown ends `faults`."""
    api = Api(world, CallLog(), Limits(world.clock, enforced=quota))
    app = web.Application(middlewares=[faults.middleware])
    app.add_routes([*api.routes(), *Control(world, faults, api.log, api.limits).routes(), *faults.routes()])
    app.router.add_route("*", "/v5/{path:.*}", api.refuse)
    app.on_shutdown.append(faults.close)
    return app


def market_routes(world: ExchangeWorld, prefix: str) -> list[web.RouteDef]:
    """What needs no key, once more under a prefix: for those who want prices only."""
    api = Api(world, CallLog(), Limits(world.clock, enforced=False))
    return api.routes(prefix, public_only=True)


class Api:
    """The public side, as clients see it."""

    def __init__(self, world: ExchangeWorld, log: CallLog, limits: Limits) -> None:
        self._world, self.log, self.limits = world, log, limits

    def routes(self, prefix: str = "", *, public_only: bool = False) -> list[web.RouteDef]:
        """All paths of the protocol that are built."""
        return [
            web.route(endpoint.method, prefix + endpoint.path, self._handler(endpoint))
            for endpoint in ENDPOINTS
            if endpoint.limit is None or not public_only
        ]

    async def refuse(self, request: web.Request) -> web.Response:
        """404 for every other path, as Bybit's gateway says it."""
        return web.Response(status=404, text="404 page not found")

    def _handler(self, endpoint: Endpoint) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            # The last await: from here to the answer nobody else touches the world.
            body = await request.read()
            return self._answer(endpoint, request, body)

        return handle

    def _answer(self, endpoint: Endpoint, request: web.Request, body: bytes) -> web.Response:
        if not self.limits.admits():
            self.log.count(endpoint.path, 403)
            return web.Response(status=403, text=FORBIDDEN)
        engine.settle(self._world)
        code, message, result = 0, "OK", {}
        headers: dict[str, str] = {}
        try:
            call = self._admitted(endpoint, request, body, headers)
            result = endpoint.answer(call)
        except VenueError as error:
            code, message = error.code, error.message
        self.log.count(endpoint.path, code)
        return envelope(code, message, result, self._world.clock(), headers)

    def _admitted(
        self, endpoint: Endpoint, request: web.Request, body: bytes, headers: dict[str, str]
    ) -> Call:
        raw_query = request.raw_path.partition("?")[2]
        query = dict(request.query)
        if endpoint.limit is None:
            return Call(self._world, query)
        payload = raw_query if endpoint.method == "GET" else body.decode(errors="surrogateescape")
        key = key_of(request.headers, payload, self._world.keys, self._world.clock(), request.remote or "")
        headers.update(self.limits.charge(key.uid, endpoint.path, endpoint.limit))
        if endpoint.method == "POST" and key.read_only:
            raise VenueError(10005)
        return Call(self._world, query, _object(body) if endpoint.method == "POST" else {}, key)


def envelope(
    code: int, message: str, result: JSON, now: float, headers: Mapping[str, str] | None = None
) -> web.Response:
    """An answer as all of them look, refusals too."""
    body = {"retCode": code, "retMsg": message, "result": result, "retExtInfo": {}, "time": int(now * 1000)}
    return web.json_response(body, headers=headers)


def _object(body: bytes) -> JSON:
    try:
        source = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise bad_parameter("Request parameter error.") from error
    if not isinstance(source, dict):
        raise bad_parameter("Request parameter error.")
    return source
