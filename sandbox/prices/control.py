"""The control side under `/sandbox/`: prices, what sources make of them, counters."""

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from sandbox.control_input import demand_known, positive
from sandbox.exchange.call_log import CallLog
from sandbox.faults import Faults
from sandbox.prices.world import PricesWorld, Skew

JSON = dict[str, Any]
LONGEST = 30 * 86_400


class Control:
    """The unauthenticated handlers for tests, the launcher and people who try things out."""

    def __init__(self, world: PricesWorld, faults: Faults, log: CallLog) -> None:
        self._world, self._faults, self._log = world, faults, log

    def routes(self) -> list[web.RouteDef]:
        """All control paths but those of the faults."""
        return [
            web.get("/sandbox/prices", self._on_prices),
            web.post("/sandbox/prices", self._changing(self._set_price)),
            web.get("/sandbox/sources", self._on_sources),
            web.post("/sandbox/sources", self._changing(self._skew)),
            web.get("/sandbox/calls", self._on_calls),
            web.delete("/sandbox/calls", self._on_reset_calls),
            web.post("/sandbox/reset", self._on_reset),
        ]

    async def _on_prices(self, request: web.Request) -> web.Response:
        return web.json_response(self._world.snapshot())

    def _set_price(self, source: Mapping[str, Any]) -> JSON:
        """`{"symbol", "price"}` holds a price, null releases it; `{"stopped"}` holds or releases all others."""
        demand_known(source, {"symbol", "price", "stopped"})
        if "symbol" in source:
            price = source["price"]
            self._world.put(source["symbol"], None if price is None else positive(price))
        if "stopped" in source:
            self._world.stop(self._world.exchange.clock() if source["stopped"] else None)
        return self._world.snapshot()

    async def _on_sources(self, request: web.Request) -> web.Response:
        return web.json_response(self._sources())

    def _sources(self) -> JSON:
        skews = self._world.skews.items()
        return {name: {"behind": skew.behind, "factor": str(skew.factor)} for name, skew in skews}

    def _skew(self, source: Mapping[str, Any]) -> JSON:
        """`{"source", "behind"?, "factor"?}`: it tells the prices of so many seconds ago, times the factor."""
        demand_known(source, {"source", "behind", "factor"})
        before, behind = self._world.skews[source["source"]], source.get("behind")
        if behind is not None and not 0 <= behind <= LONGEST:
            raise ValueError(f"behind is 0 to {LONGEST} seconds")
        self._world.skews[source["source"]] = Skew(
            before.behind if behind is None else float(behind),
            positive(source.get("factor", before.factor)),
        )
        return self._sources()

    async def _on_calls(self, request: web.Request) -> web.Response:
        return web.json_response(self._log.snapshot())

    async def _on_reset_calls(self, request: web.Request) -> web.Response:
        self._log.reset()
        return web.json_response(self._log.snapshot())

    async def _on_reset(self, request: web.Request) -> web.Response:
        self._world.reset()
        self._log.reset()
        self._faults.clear()
        return web.json_response(self._world.snapshot())

    def _changing(self, change: Callable[[Mapping[str, Any]], JSON]) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.Response:
            try:
                answer = change(await request.json())
            except (ValueError, TypeError, AttributeError) as error:
                return _refused(str(error))
            except KeyError as error:
                return _refused(f"missing or not known: {error}")
            return web.json_response(answer)

        return handle


def _refused(why: str) -> web.Response:
    return web.json_response({"error": why}, status=400)
