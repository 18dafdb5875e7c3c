"""Bybit's unified account over its v5 API: spot, and USDT perpetuals in one-way mode."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlencode

from bot.errors import OrderRefused, PeerRefused, PeerUnavailable, UnknownSymbol
from bot.gateways.exchanges import bybit_parsing as parse
from bot.gateways.exchanges import bybit_wire as wire
from bot.gateways.exchanges.bybit_wire import PEER, Call, Result
from bot.gateways.http_client import Answer, HttpClient, NoAnswer, NotSent
from bot.models.account import Account, Credentials, KeyRights
from bot.models.market import AccountType, Balance, Instrument, Position, Side, Ticker
from bot.models.order import NewOrder, OrderKind, Refusal, VenueOrder
from bot.resilience.clock import Clock

API = "https://api.bybit.com"
TIMEOUT = 10.0
NOBODY = Credentials("", "")
ARRIVES_WITHIN = 60.0
SEND_WITHIN = 20.0  # seconds from the call to the last moment an order may be sent
MOST_PAGES = 20
NOT_MODIFIED = 34040
PARAMETERS = 10001

Query = Mapping[str, str]


class ServerClock:
    """The venue's time as far as we know it; all its clients learn from each other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.offset = 0.0

    def now(self) -> float:
        """Seconds since the epoch, there."""
        return self._clock.time() + self.offset

    def learn(self, server: float, sent: float, received: float) -> None:
        """The venue's clock showed `server` between two moments of ours."""
        self.offset = server - (sent + received) / 2


class BybitClients:
    """Makes the clients of all accounts; they share the connections and what is known of the venue's clock."""

    def __init__(self, http: HttpClient, clock: Clock, *, url: str = API, timeout: float = TIMEOUT) -> None:
        self._http = http
        self._clock = clock
        self._server_clock = ServerClock(clock)
        self._url = url
        self._timeout = timeout

    def __call__(self, account: Account, credentials: Credentials) -> BybitExchange:
        """The client of an account; without credentials it knows public data only."""
        return BybitExchange(
            self._http,
            self._clock,
            credentials,
            url=self._url,
            timeout=self._timeout,
            server_clock=self._server_clock,
        )


class BybitExchange:
    """Meets `bot.services.exchange.Exchange`.

    `arrives_within`: Bybit refuses what arrives more than 5 s (the receive window) after the time it is signed for, and
    that is at most 20 s after the call, which may have waited 15 s for its turn at the gate. The rest of the minute is
    for the order to become visible, a matter of a fraction of a second on most days. Absence is a proof, since Bybit
    does not forget an order, filled or not, within any such time, nor set its client id free.
    """

    def __init__(
        self,
        http: HttpClient,
        clock: Clock,
        credentials: Credentials = NOBODY,
        *,
        url: str = API,
        timeout: float = TIMEOUT,
        server_clock: ServerClock | None = None,
    ) -> None:
        self.venue = PEER
        self.arrives_within: float | None = ARRIVES_WITHIN
        self._http = http
        self._clock = clock
        self._credentials = credentials
        self._url = url
        self._timeout = timeout
        self._server_clock = server_clock or ServerClock(clock)

    async def server_time(self) -> float:
        """The venue's clock; whatever is signed from now on goes by it."""
        sent = self._clock.time()
        answer = await self._send(Call.READ, "GET", "/v5/market/time", "")
        try:
            result = wire.read(answer, Call.READ)
        except wire.WrongClock as error:  # of a call that tells no time
            raise PeerUnavailable(PEER, "an answer without a time") from error
        if not result.at:
            raise PeerUnavailable(PEER, "an answer without a time")
        self._server_clock.learn(result.at, sent, self._clock.time())
        return result.at

    async def instruments(self, account_type: AccountType) -> Mapping[str, Instrument]:
        """All that is traded now, page by page."""
        query = {"category": account_type.value, "limit": "1000"}
        page = await self._pages("/v5/market/instruments-info", query, 1000, private=False)
        with _readable():
            return parse.instruments(page, account_type)

    async def tickers(self, account_type: AccountType, symbols: Sequence[str]) -> Sequence[Ticker]:
        """One symbol is asked for alone, several come with all others in one call."""
        if not symbols:
            return []
        query = {"category": account_type.value}
        if len(symbols) == 1:
            query["symbol"] = symbols[0]
        try:
            result = await self._read("/v5/market/tickers", query, private=False)
        except PeerRefused as refused:
            if refused.status == PARAMETERS and len(symbols) == 1:
                raise UnknownSymbol(symbols[0]) from refused
            raise
        with _readable():
            found = {item.get("symbol"): item for item in parse.items(result)}
            missing = next((symbol for symbol in symbols if symbol not in found), None)
            if missing is not None:
                raise UnknownSymbol(missing)
            return [parse.ticker(found[symbol], result.at) for symbol in symbols]

    async def balance(self) -> Balance:
        """The unified account's coins."""
        result = await self._read("/v5/account/wallet-balance", {"accountType": "UNIFIED"})
        with _readable():
            return parse.balance(result)

    async def positions(self) -> Sequence[Position]:
        """Positions in USDT perpetuals."""
        query = {"category": "linear", "settleCoin": "USDT", "limit": "200"}
        page = await self._pages("/v5/position/list", query, 200)
        with _readable():
            return parse.positions(page)

    async def open_orders(self, account_type: AccountType) -> Sequence[VenueOrder]:
        """Orders in the book; the stops of positions are no orders here."""
        query = {"category": account_type.value, "orderFilter": "Order", "limit": "50"}
        if account_type is AccountType.LINEAR:
            query["settleCoin"] = "USDT"
        page = await self._pages("/v5/order/realtime", query, 50)
        with _readable():
            orders = [parse.order(item, account_type) for item in page]
        return sorted(
            (order for order in orders if not order.status.is_final), key=lambda order: order.created_at
        )

    async def place(self, order: NewOrder) -> str:
        """One order; the answer tells its id and nothing else."""
        result = await self._order("/v5/order/create", _body(order))
        order_id = result.data.get("orderId")
        if not isinstance(order_id, str) or not order_id:
            raise Call.ORDER.lost("an answer that cannot be read")
        return order_id

    async def cancel(self, account_type: AccountType, symbol: str, client_id: str) -> None:
        """What is filled already stays so."""
        body = {"category": account_type.value, "symbol": symbol, "orderLinkId": client_id}
        if account_type is AccountType.SPOT:
            body["orderFilter"] = "Order"
        await self._order("/v5/order/cancel", body)

    async def find(self, account_type: AccountType, symbol: str, client_id: str) -> VenueOrder | None:
        """Looks among the open and newly ended orders, then among all; None only when both have answered."""
        query = {"category": account_type.value, "symbol": symbol, "orderLinkId": client_id}
        for path in ("/v5/order/realtime", "/v5/order/history"):
            result = await self._read(path, query)
            with _readable():
                ours = [item for item in parse.items(result) if item.get("orderLinkId") == client_id]
                order = parse.order(ours[0], account_type) if ours else None
            if order is not None:
                return await self._with_fee(order)
        return None

    async def protect(self, symbol: str, stop_loss: Decimal | None, take_profit: Decimal | None) -> None:
        """The stops are for the whole position, at the last price."""
        body = {
            "category": "linear",
            "symbol": symbol,
            "tpslMode": "Full",
            "positionIdx": 0,
            "stopLoss": _spelled(stop_loss),
            "takeProfit": _spelled(take_profit),
        }
        try:
            await self._order("/v5/position/trading-stop", body)
        except OrderRefused as refused:
            if refused.status == NOT_MODIFIED:
                return
            if refused.status == PARAMETERS and "zero position" in refused.message:
                raise OrderRefused(PEER, refused.status, refused.message, Refusal.NOT_FOUND) from refused
            raise

    async def rights(self) -> KeyRights:
        """What the key may do, and for how long."""
        result = await self._read("/v5/user/query-api", {})
        with _readable():
            return parse.rights(result)

    async def close(self) -> None:
        """The connections belong to all clients."""

    async def _with_fee(self, order: VenueOrder) -> VenueOrder:
        """Newer accounts hear of fees only fill by fill; without them an order is still an order."""
        if not order.filled or order.fee is not None:
            return order
        query = {
            "category": order.account_type.value,
            "symbol": order.symbol,
            "orderId": order.id,
            "limit": "100",
        }
        try:
            result = await self._read("/v5/execution/list", query)
            with _readable():
                return replace(order, fee=parse.fee_of_fills(parse.items(result)))
        except (PeerUnavailable, PeerRefused):
            return order

    async def _pages(
        self, path: str, query: Query, limit: int, *, private: bool = True
    ) -> Sequence[parse.Item]:
        found: list[parse.Item] = []
        position = ""
        for _ in range(MOST_PAGES):
            result = await self._read(
                path, {**query, "cursor": position} if position else query, private=private
            )
            with _readable():
                page, position = parse.items(result), parse.cursor(result)
            found += page
            if not position or len(page) < limit:
                return found
        raise PeerUnavailable(PEER, "a list without an end")

    async def _read(self, path: str, query: Query, *, private: bool = True) -> Result:
        return await self._call(Call.READ, "GET", path, urlencode(query), private=private)

    async def _order(self, path: str, body: Mapping[str, object]) -> Result:
        return await self._call(Call.ORDER, "POST", path, json.dumps(body, separators=(",", ":")))

    async def _call(
        self, call: Call, method: str, path: str, payload: str, *, private: bool = True
    ) -> Result:
        """What is refused for its time was not looked at: once the clock is set, it may be sent again, once."""
        begun = self._clock.monotonic()
        try:
            return wire.read(await self._send(call, method, path, payload, private=private), call)
        except wire.WrongClock:
            await self.server_time()
        if self._clock.monotonic() - begun > SEND_WITHIN:
            raise PeerUnavailable(PEER, "too late to be sent again")
        try:
            return wire.read(await self._send(call, method, path, payload, private=private), call)
        except wire.WrongClock as error:
            raise PeerUnavailable(PEER, "its clock and ours cannot be brought together") from error

    async def _send(
        self, call: Call, method: str, path: str, payload: str, *, private: bool = False
    ) -> Answer:
        headers = {"Content-Type": "application/json"} if method == "POST" else {}
        if private:
            headers |= wire.signed(self._credentials, payload, self._server_clock.now())
        try:
            return await self._http.request(
                method,
                self._url + path,
                query=payload if method == "GET" else "",
                content=payload.encode() if method == "POST" else b"",
                headers=headers,
                timeout=self._timeout,
            )
        except NotSent as failure:
            raise PeerUnavailable(PEER, f"not reached ({failure})") from failure
        except NoAnswer as failure:
            raise call.lost(f"no answer ({failure})") from failure


@contextmanager
def _readable() -> Iterator[None]:
    """Reads only: a list of which we do not know what it says is as good as none."""
    try:
        yield
    except parse.NotWhole as error:
        raise PeerUnavailable(PEER, "an answer that cannot be read") from error


def _body(order: NewOrder) -> dict[str, object]:
    body: dict[str, object] = {
        "category": order.account_type.value,
        "symbol": order.symbol,
        "side": "Buy" if order.side is Side.BUY else "Sell",
        "orderType": "Market" if order.kind is OrderKind.MARKET else "Limit",
        "qty": _spelled(order.amount),
        "orderLinkId": order.client_id,
    }
    if order.kind is OrderKind.LIMIT:
        body |= {"price": _spelled(order.price), "timeInForce": "GTC"}
    elif order.account_type is AccountType.SPOT:
        body["marketUnit"] = "baseCoin"  # a purchase would else be counted in quote
    if order.account_type is AccountType.LINEAR:
        body |= {"positionIdx": 0, "reduceOnly": order.reduce_only}
    stops = {"stopLoss": order.stop_loss, "takeProfit": order.take_profit}
    return body | {name: _spelled(price) for name, price in stops.items() if price is not None}


def _spelled(number: Decimal | None) -> str:
    """Without an exponent; `0` takes a stop away."""
    return "0" if number is None else f"{number:f}"
