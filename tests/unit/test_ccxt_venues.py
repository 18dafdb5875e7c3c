"""Where venues differ: wallets a key may not see, orders that are looked up in other ways, rights in other words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.gateways.exchanges.ccxt_parsing import NotWhole
from bot.gateways.exchanges.ccxt_venues import VENUES, Venue, if_permitted
from bot.models.account import KeyRights

OURS, THEIRS = {"clientOrderId": "a1"}, {"clientOrderId": "b2"}


class AuthenticationError(Exception):
    """As ccxt calls it; the classes go by their names."""


class OrderNotFound(Exception):
    """As ccxt calls it."""


class Client:
    """A client of ccxt's that answers each call with what it was given, errors too."""

    def __init__(self, has: Mapping[str, bool] | None = None, **answers: Any) -> None:
        self.has = has or {}
        self._answers = answers
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any) -> Any:
            self.calls.append((name, *args))
            answer = self._answers[name]
            answer = answer(*args) if callable(answer) else answer
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def wallets(spot: Any, other: Any) -> Any:
    """What fetch_balance says of each."""
    return lambda params: spot if params["type"] == "spot" else other


async def test_all_wallets_are_looked_at() -> None:
    """Binance has one for spot and one for futures."""
    spot, futures = {"info": {"balances": []}}, {"info": [{}]}
    assert [spot, futures] == await VENUES["binance"].balances(Client(fetch_balance=wallets(spot, futures)))


async def test_a_key_for_spot_alone_is_a_good_key() -> None:
    """A venue that refuses it for futures is asked for spot before the key counts as refused."""
    spot = {"info": {"balances": []}}
    client = Client(fetch_balance=wallets(spot, AuthenticationError("-2015")))
    assert [spot] == await VENUES["binance"].balances(client)
    assert [] == await if_permitted(client, Client(x=AuthenticationError("-2015")).x, [])


async def test_a_key_that_is_none_is_refused() -> None:
    """As it is for spot."""
    refused = AuthenticationError("-2015")
    client = Client(fetch_balance=wallets(refused, refused))
    with pytest.raises(AuthenticationError):
        await VENUES["binance"].balances(client)
    with pytest.raises(AuthenticationError):
        await if_permitted(client, Client(x=refused).x, [])


@pytest.mark.parametrize(
    ("venue", "info"),
    [
        ("bybit", {"result": {}}),
        ("bybit", {"result": {"list": None}}),
        ("okx", {"code": "0"}),
        ("binance", {}),
        ("binance", "<html>"),
        ("binance", None),
    ],
)
async def test_a_balance_needs_its_list(venue: str, info: Any) -> None:
    """Nothing is no sign of an empty account."""
    with pytest.raises(NotWhole):
        await VENUES[venue].balances(Client(fetch_balance={"info": info}))


@pytest.mark.parametrize(
    ("venue", "answers", "rights"),
    [
        (
            "bybit",
            {
                "private_get_v5_user_query_api": {
                    "result": {"readOnly": "0", "permissions": {"Wallet": ["Withdraw"]}}
                }
            },
            KeyRights(True, True),
        ),
        (
            "binance",
            {
                "sapi_get_account_apirestrictions": {
                    "enableSpotAndMarginTrading": False,
                    "enableFutures": True,
                    "enableWithdrawals": False,
                }
            },
            KeyRights(True, False),
        ),
        (
            "okx",
            {"private_get_account_config": {"data": [{"perm": "read_only,withdraw"}]}},
            KeyRights(False, True),
        ),
        ("kraken", {"fetch_balance": {}}, KeyRights(True, False)),
    ],
)
async def test_rights_are_what_the_venue_says(venue: str, answers: Any, rights: KeyRights) -> None:
    """Where it says nothing, a key that can read."""
    assert rights == await VENUES.get(venue, Venue()).rights(Client(**answers))


@pytest.mark.parametrize("venue", ["bybit", "binance", "okx"])
async def test_rights_that_are_not_told_are_not_guessed(venue: str) -> None:
    """Least of all that nothing can be withdrawn."""
    with pytest.raises(NotWhole):
        await VENUES[venue].rights(
            Client(
                private_get_v5_user_query_api={"result": {"readOnly": 0}},
                sapi_get_account_apirestrictions={"enableSpotAndMarginTrading": True},
                private_get_account_config={"data": []},
            )
        )


async def test_an_order_is_asked_for_by_our_id() -> None:
    """Where the venue takes it: that it knows of none is an answer, any other error is not."""
    assert [OURS] == await VENUES["okx"].look_up(Client(fetch_order=OURS), "BTC/USDT", "a1")
    assert [] == await VENUES["okx"].look_up(Client(fetch_order=OrderNotFound("x")), "BTC/USDT", "a1")
    with pytest.raises(AuthenticationError):
        await VENUES["okx"].look_up(Client(fetch_order=AuthenticationError("x")), "BTC/USDT", "a1")


@pytest.mark.parametrize(
    ("has", "call"),
    [
        ("fetchOrders", "fetch_orders"),
        ("fetchCanceledAndClosedOrders", "fetch_canceled_and_closed_orders"),
        ("fetchClosedOrders", "fetch_closed_orders"),
    ],
)
async def test_elsewhere_it_is_looked_for_among_all(has: str, call: str) -> None:
    """Open ones first, then whatever list of ended ones the venue has."""
    client = Client({has: True}, fetch_open_orders=[THEIRS], **{call: [OURS]})
    assert [THEIRS, OURS] == list(await Venue().look_up(client, "BTC/USDT", "a1"))
    assert [OURS] == list(await Venue().look_up(Client(fetch_open_orders=[OURS]), "BTC/USDT", "a1"))


async def test_a_venue_that_lists_no_ended_orders_proves_nothing() -> None:
    """What is not open there is not found; the order stays in doubt."""
    assert [THEIRS] == list(await Venue().look_up(Client(fetch_open_orders=[THEIRS]), "BTC/USDT", "a1"))
