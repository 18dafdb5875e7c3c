"""The control side under `/sandbox/`: the ledger, prices, keys, what befalls orders, counters, settings."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from aiohttp import web

from sandbox.control_input import demand_known, positive
from sandbox.exchange import engine
from sandbox.exchange.call_log import CallLog
from sandbox.exchange.errors import MESSAGES
from sandbox.exchange.instruments import CATEGORIES, INSTRUMENTS
from sandbox.exchange.limits import Limits
from sandbox.exchange.order_wire import fill_info, order_info
from sandbox.exchange.records import ApiKey, Order, packed
from sandbox.exchange.texts import text
from sandbox.exchange.world import ExchangeWorld
from sandbox.faults import Faults

JSON = dict[str, Any]
KEY_FIELDS = {"key", "secret", "uid", "coins", "read_only", "permissions", "ips", "expires_at", "note"}


class Control:
    """The unauthenticated handlers for tests, the launcher and people who try things out."""

    def __init__(self, world: ExchangeWorld, faults: Faults, log: CallLog, limits: Limits) -> None:
        self._world, self._faults, self._log, self._limits = world, faults, log, limits

    def routes(self) -> list[web.RouteDef]:
        """All control paths but those of the faults."""
        return [
            web.get("/sandbox/ledger", self._on_ledger),
            web.get("/sandbox/prices", self._on_prices),
            web.post("/sandbox/prices", self._changing(self._set_price)),
            web.get("/sandbox/keys", self._on_keys),
            web.post("/sandbox/keys", self._changing(self._put_key)),
            web.delete("/sandbox/keys/{key}", self._on_revoke),
            web.post("/sandbox/orders/{id}/fill", self._on_fill),
            web.post("/sandbox/orders/{id}/cancel", self._on_cancel),
            web.post("/sandbox/delays", self._changing(self._delay)),
            web.post("/sandbox/refusals", self._changing(self._refuse)),
            web.post("/sandbox/release", self._on_release),
            web.post("/sandbox/tick", self._on_tick),
            web.post("/sandbox/reset", self._on_reset),
            web.get("/sandbox/calls", self._on_calls),
            web.delete("/sandbox/calls", self._on_reset_calls),
            web.put("/sandbox/settings", self._changing(self._change_settings)),
        ]

    async def _on_ledger(self, request: web.Request) -> web.Response:
        return web.json_response({"orders": self.ledger()})

    def ledger(self) -> list[JSON]:
        """Every order that was ever accepted, once, oldest first, with its fills; also those that do not show yet."""
        return [self._entry(order) for order in self._world.orders.values()]

    def _entry(self, order: Order) -> JSON:
        fills = [fill_info(order, fill) for fill in self._world.fills_of(order)]
        own = {"account": order.uid, "category": order.category, "createType": order.create_type}
        return order_info(order) | own | {"fills": fills}

    # -- prices ---------------------------------------------------------------------------------------------

    async def _on_prices(self, request: web.Request) -> web.Response:
        return web.json_response(self._prices())

    def _prices(self) -> JSON:
        quotes: JSON = {}
        for instrument in INSTRUMENTS.values():
            quote = self._world.quote(instrument)._asdict()
            shown = {name: text(value) for name, value in quote.items()}
            quotes.setdefault(instrument.category, {})[instrument.symbol] = shown
        return quotes

    def _set_price(self, source: Mapping[str, Any]) -> JSON:
        """`{"symbol", "price", "category"?}` holds a price, null releases it; `{"stopped"}` holds all others."""
        demand_known(source, {"symbol", "price", "category", "stopped"})
        if "stopped" in source:
            self._world.prices.stop(self._world.clock() if source["stopped"] else None)
        if "symbol" in source:
            price = None if source["price"] is None else positive(source["price"])
            named = [(category, source["symbol"]) for category in CATEGORIES]
            chosen = [key for key in named if key in INSTRUMENTS and source.get("category", key[0]) == key[0]]
            if not chosen:
                raise ValueError(f"no symbol {source['symbol']}")
            for key in chosen:
                self._world.prices.put(INSTRUMENTS[key], price)
        engine.settle(self._world)
        return self._prices()

    # -- keys -----------------------------------------------------------------------------------------------

    async def _on_keys(self, request: web.Request) -> web.Response:
        return web.json_response({"keys": [packed(key) for key in self._world.keys.values()]})

    def _put_key(self, source: Mapping[str, Any]) -> JSON:
        """A key; with `coins` its account is opened anew, with these coins."""
        demand_known(source, KEY_FIELDS)
        if not {"key", "secret"} <= source.keys():
            raise ValueError("a key and its secret are needed")
        values = dict(source)
        coins = {coin: positive(amount) for coin, amount in values.pop("coins", {}).items()}
        if coins or "uid" not in values:
            values["uid"] = self._open_account(coins, values.get("uid"))
        return packed(self._world.add_key(ApiKey(created_at=self._world.clock(), **values)))

    def _open_account(self, coins: Mapping[str, Decimal], uid: int | None) -> int:
        for order in list(self._world.open.values()):
            if order.uid == uid:
                engine.cancel(self._world, order, "CancelByAdmin", "EC_CancelByAdmin")
        return self._world.add_account(coins, uid).uid

    async def _on_revoke(self, request: web.Request) -> web.Response:
        if self._world.keys.pop(request.match_info["key"], None) is None:
            return _refused("no such key", 404)
        return await self._on_keys(request)

    # -- what befalls orders --------------------------------------------------------------------------------

    async def _on_fill(self, request: web.Request) -> web.Response:
        """`{"qty"?}`: a part of an open order is filled at its price, or all of it."""
        source = await request.json() if request.can_read_body else {}
        order = self._open_order(request)
        if order is None:
            return _refused("no such open order", 404)
        try:
            qty = positive(source.get("qty", str(order.left)))
        except (ValueError, AttributeError) as error:
            return _refused(str(error), 400)
        engine.fill(self._world, order, min(qty, order.left), order.price, maker=True)
        return web.json_response(self._entry(order))

    async def _on_cancel(self, request: web.Request) -> web.Response:
        order = self._open_order(request)
        if order is None:
            return _refused("no such open order", 404)
        engine.cancel(self._world, order, "CancelByAdmin", "EC_CancelByAdmin")
        return web.json_response(self._entry(order))

    def _open_order(self, request: web.Request) -> Order | None:
        return self._world.open.get(request.match_info["id"])

    def _delay(self, source: Mapping[str, Any]) -> JSON:
        """`{"seconds", "times"?}`: the next orders are accepted and done, and show only so much later."""
        demand_known(source, {"seconds", "times"})
        self._world.delays += [float(source["seconds"])] * int(source.get("times", 1))
        return {"delays": self._world.delays}

    def _refuse(self, source: Mapping[str, Any]) -> JSON:
        """`{"code", "message"?, …}`: a fault that answers with a refusal; what else stands there is the rule's."""
        rule = dict(source)
        code = int(rule.pop("code"))
        message = rule.pop("message", MESSAGES.get(code, ""))
        now = int(self._world.clock() * 1000)
        body = {"retCode": code, "retMsg": message, "result": {}, "retExtInfo": {}, "time": now}
        self._faults.add({"times": 1} | rule | {"kind": "answer", "body": body})
        return self._faults.snapshot()

    async def _on_release(self, request: web.Request) -> web.Response:
        """As after a release of Bybit's: what has ended until now is found in the history alone."""
        self._world.released_at = self._world.clock()
        return web.json_response({"released_at": self._world.released_at})

    async def _on_tick(self, request: web.Request) -> web.Response:
        engine.settle(self._world)
        return web.json_response({"orders": self.ledger()})

    async def _on_reset(self, request: web.Request) -> web.Response:
        self._world.reset()
        self._log.reset()
        self._faults.clear()
        return web.json_response({"orders": []})

    # -- counters and settings ------------------------------------------------------------------------------

    async def _on_calls(self, request: web.Request) -> web.Response:
        return web.json_response(self._log.snapshot())

    async def _on_reset_calls(self, request: web.Request) -> web.Response:
        self._log.reset()
        return web.json_response(self._log.snapshot())

    def _change_settings(self, source: Mapping[str, Any]) -> JSON:
        demand_known(source, {"quota"})
        self._limits.enforced = bool(source.get("quota", self._limits.enforced))
        return {"quota": self._limits.enforced}

    def _changing(self, change: Callable[[Mapping[str, Any]], JSON]) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.Response:
            try:
                answer = change(await request.json())
            except (ValueError, TypeError, AttributeError, KeyError) as error:
                return _refused(str(error), 400)
            return web.json_response(answer)

        return handle


def _refused(why: str, status: int) -> web.Response:
    return web.json_response({"error": why}, status=status)
