"""What ccxt's errors mean for us: had no effect, perhaps had one, or was refused. Judged on ccxt's own classes."""

from __future__ import annotations

import importlib

import pytest

from bot.errors import KeyRefused, OrderRefused, OutcomeUnknown, PeerBusy, PeerUnavailable
from bot.gateways.exchanges.ccxt_errors import translated
from bot.models.account import Credentials
from bot.models.order import Refusal

KEY = Credentials("CanaryKey0001", "CanarySecret0001", "CanaryPhrase0001")


def error_of(name: str, text: str = "x") -> Exception:
    """An error of ccxt's; ccxt is loaded where a test needs it, since it takes a second."""
    error: Exception = getattr(importlib.import_module("ccxt.base.errors"), name)(text)
    return error


class ClientConnectorError(OSError):
    """As the HTTP library calls it when no connection came about."""


@pytest.mark.parametrize("order", [False, True])
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("RateLimitExceeded", PeerBusy),
        ("DDoSProtection", PeerBusy),
        ("InvalidNonce", PeerBusy),
        ("AuthenticationError", KeyRefused),
        ("PermissionDenied", KeyRefused),
        ("AccountSuspended", KeyRefused),
    ],
)
def test_some_errors_mean_the_same_for_all_calls(name: str, expected: type, order: bool) -> None:
    """Too often, or not with this key: nothing was done."""
    assert expected is type(translated("okx", error_of(name), KEY, order=order))


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("InsufficientFunds", "x", Refusal.FUNDS),
        ("OrderNotFound", "x", Refusal.NOT_FOUND),
        ("DuplicateOrderId", "x", Refusal.DUPLICATE),
        ("InvalidOrder", "x", Refusal.RULES),
        ("InvalidOrder", 'okx {"sCode":"51016","sMsg":"Client order ID already exists"}', Refusal.DUPLICATE),
        ("InvalidOrder", 'binance {"code":-2010,"msg":"Duplicate order sent."}', Refusal.DUPLICATE),
        ("InvalidOrder", 'bybit {"retCode":110072,"retMsg":"OrderLinkedID is duplicate"}', Refusal.DUPLICATE),
        ("BadRequest", "x", Refusal.RULES),
        ("BadSymbol", "x", Refusal.MARKET),
        ("MarketClosed", "x", Refusal.MARKET),
        ("ContractUnavailable", "x", Refusal.MARKET),
        ("OperationRejected", "x", Refusal.OTHER),
        ("NotSupported", "x", Refusal.RULES),
    ],
)
def test_an_order_that_was_refused_had_no_effect(name: str, text: str, reason: Refusal) -> None:
    """Only where ccxt has a class for the refusal; for a read it is just no answer."""
    error = error_of(name, text)
    refusal = translated("okx", error, KEY, order=True)
    assert isinstance(refusal, OrderRefused)
    assert reason == refusal.reason
    assert PeerUnavailable is type(translated("okx", error, KEY, order=False))


UNCLEAR = (
    "ExchangeError",
    "OperationFailed",
    "BadResponse",
    "NullResponse",
    "RequestTimeout",
    "ExchangeNotAvailable",
)


@pytest.mark.parametrize(
    "what", [*UNCLEAR, TimeoutError(), KeyError("id"), TypeError("a float is required")], ids=repr
)
def test_an_order_without_a_verdict_is_unknown(what: str | Exception) -> None:
    """A read that ended so can be asked again."""
    error = error_of(what) if isinstance(what, str) else what
    assert OutcomeUnknown is type(translated("okx", error, KEY, order=True))
    assert PeerUnavailable is type(translated("okx", error, KEY, order=False))


def test_an_order_that_found_no_connection_was_not_sent() -> None:
    """The cause tells it, not ccxt's class."""
    error = error_of("ExchangeNotAvailable", "bybit POST https://…")
    error.__cause__ = ClientConnectorError()
    assert PeerUnavailable is type(translated("bybit", error, KEY, order=True))


def test_a_ban_that_is_none() -> None:
    """After a call that went well, ccxt takes Binance's word on a key for one on too many calls."""
    error = error_of("DDoSProtection", 'binance {"code":-2015,"msg":"Invalid API-key, IP, or permissions"}')
    assert KeyRefused is type(translated("binance", error, KEY, order=False))


def test_an_error_of_our_own_stays_as_it_is() -> None:
    """It has been translated already."""
    error = KeyRefused("okx", 1, "x")
    assert error is translated("okx", error, KEY, order=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('bybit {"retCode":10016,"retMsg":"System  error","result":{}}', "System error"),
        ("binance GET https://api.binance.com/x?signature=abc", "binance GET"),
        (f"okx no such key {KEY.key}, {KEY.secret}, {KEY.passphrase}", "okx no such key …, …, …"),
        ("", "ExchangeError"),
        ("x" * 300, "x" * 200),
    ],
)
def test_the_words_are_the_venues_and_hold_no_secret(text: str, words: str) -> None:
    """No address either: what was signed stands in it."""
    assert words == translated("okx", error_of("ExchangeError", text), KEY, order=False).detail


def test_words_of_other_errors_are_not_repeated() -> None:
    """Nobody knows what is in them."""
    assert "an answer that cannot be read" == translated("okx", KeyError(KEY.secret), KEY, order=False).detail
    assert "no answer in time" == translated("okx", TimeoutError(KEY.secret), KEY, order=False).detail
