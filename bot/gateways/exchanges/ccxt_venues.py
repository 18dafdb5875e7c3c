"""Where ccxt's venues differ in what its unified calls leave open: wallets, looking orders up, rights, stops."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from bot.gateways.exchanges.ccxt_errors import is_about_key
from bot.gateways.exchanges.ccxt_parsing import NotWhole, whole
from bot.models.account import KeyRights

T = TypeVar("T")
Found = Sequence[Mapping[str, Any]]
Params = Mapping[str, str]


async def if_permitted(client: Any, call: Callable[[], Awaitable[T]], otherwise: T) -> T:
    """What a key may see; a key for spot alone has nothing in other wallets. Raises where the key is no key at all."""
    try:
        return await call()
    except Exception as error:
        if not is_about_key(error):
            raise
    await client.fetch_balance({"type": "spot"})
    return otherwise


async def listed(client: Any, symbol: str, client_id: str) -> Found:
    """All orders the venue lists for a symbol: open ones, then ended ones."""
    found = list(await client.fetch_open_orders(symbol))
    if any(item.get("clientOrderId") == client_id for item in found):
        return found
    for name, call in (
        ("fetchOrders", "fetch_orders"),
        ("fetchCanceledAndClosedOrders", "fetch_canceled_and_closed_orders"),
        ("fetchClosedOrders", "fetch_closed_orders"),
    ):
        if client.has.get(name):
            return [*found, *await getattr(client, call)(symbol)]
    return found


async def asked_for(client: Any, symbol: str, client_id: str) -> Found:
    """The one order, where the venue looks up by our id."""
    try:
        return [await client.fetch_order("", symbol, {"clientOrderId": client_id})]
    except Exception as error:
        if any(cls.__name__ == "OrderNotFound" for cls in type(error).__mro__):
            return []
        raise


async def asked_for_at_bybit(client: Any, symbol: str, client_id: str) -> Found:
    """Open and newly ended orders first, then all."""
    params = {"orderLinkId": client_id}
    found: Found = await client.fetch_open_orders(symbol, None, None, params)
    return found or await client.fetch_canceled_and_closed_orders(symbol, None, None, params)


async def untold(client: Any) -> KeyRights:
    """The venue has no word on it: that the key reads is all one can find out without trading."""
    await client.fetch_balance()
    return KeyRights(can_trade=True, can_withdraw=False)


async def bybit_rights(client: Any) -> KeyRights:
    """What Bybit's query-api says."""
    answer = await client.private_get_v5_user_query_api()
    with whole():
        told = answer["result"]
        return KeyRights(int(told["readOnly"]) == 0, "Withdraw" in told["permissions"]["Wallet"])


async def binance_rights(client: Any) -> KeyRights:
    """What Binance's apiRestrictions says."""
    told = await client.sapi_get_account_apirestrictions()
    with whole():
        trades = bool(told["enableSpotAndMarginTrading"]) or bool(told.get("enableFutures"))
        return KeyRights(trades, bool(told["enableWithdrawals"]))


async def okx_rights(client: Any) -> KeyRights:
    """What OKX's account/config says."""
    answer = await client.private_get_account_config()
    with whole():
        told = answer["data"][0]["perm"].split(",")
        return KeyRights("trade" in told, "withdraw" in told)


async def protect_at_bybit(client: Any, market: Any, stop_loss: str | None, take_profit: str | None) -> None:
    """`0` takes a stop away."""
    await client.private_post_v5_position_trading_stop(
        {
            "category": "linear",
            "symbol": market["id"],
            "tpslMode": "Full",
            "positionIdx": 0,
            "stopLoss": stop_loss or "0",
            "takeProfit": take_profit or "0",
        }
    )


@dataclass(frozen=True, slots=True)
class Venue:
    """How a venue is spoken to. `lists`: the way in a balance's raw answer to what must be a list there."""

    wallets: tuple[Params, ...] = ({},)
    lists: tuple[str, ...] = ()
    look_up: Callable[[Any, str, str], Awaitable[Found]] = listed
    rights: Callable[[Any], Awaitable[KeyRights]] = untold
    protect: Callable[[Any, Any, str | None, str | None], Awaitable[None]] | None = None

    async def balances(self, client: Any) -> list[Mapping[str, Any]]:
        """The account's wallets. Raises NotWhole where one of them is not a whole answer."""
        first, *others = (partial(client.fetch_balance, dict(params)) for params in self.wallets)
        wallets = [await first(), *[await if_permitted(client, other, None) for other in others]]
        found = [wallet for wallet in wallets if wallet is not None]
        for wallet in found:
            self._check(wallet["info"])
        return found

    def _check(self, info: Any) -> None:
        """An answer without a balance in it is no sign of an empty account."""
        with whole():
            for name in self.lists:
                info = info[name]
        if not isinstance(info, list if self.lists else (list, dict)) or not (info or self.lists):
            raise NotWhole("info")


VENUES: Mapping[str, Venue] = {
    "bybit": Venue(
        wallets=({"type": "unified"},),
        lists=("result", "list"),
        look_up=asked_for_at_bybit,
        rights=bybit_rights,
        protect=protect_at_bybit,
    ),
    "binance": Venue(
        wallets=({"type": "spot"}, {"type": "swap", "subType": "linear"}),
        look_up=asked_for,
        rights=binance_rights,
    ),
    "okx": Venue(lists=("data",), look_up=asked_for, rights=okx_rights),
}
