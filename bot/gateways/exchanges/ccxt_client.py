"""ccxt itself: loaded when an account needs it and not before, its clients made strict, its markets shared.

It costs about a second and 100 MB, and it is an optional part of the installation.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from bot.errors import PeerRefused
from bot.models.account import Credentials

MISSING = "other exchanges than Bybit are not installed; run: make exchanges"
KINDS: Mapping[str, list[str]] = {
    "bybit": ["spot", "linear"],
    "binance": ["spot", "linear"],
    "okx": ["spot", "swap"],
}
NOBODY = Credentials("", "")


def is_installed() -> bool:
    """Whether accounts at other exchanges can be had; does not load anything."""
    return find_spec("ccxt") is not None


class CcxtVenue:
    """One venue of ccxt's: makes clients that share its markets. `config` is added to each client's settings."""

    def __init__(self, name: str, *, timeout: float, config: Mapping[str, Any] | None = None) -> None:
        self.name = name
        self._timeout = timeout
        self._config = config or {}
        self._class: Any = None
        self._source: Any = None
        self._loading = asyncio.Lock()

    async def client(self, credentials: Credentials) -> Any:
        """A client for a key, with the markets there are; it must be closed. Raises PeerRefused, ccxt's errors."""
        async with self._loading:
            if self._source is None:
                await self._load()
        client = await self._new(credentials)
        self.refresh(client)
        return client

    def refresh(self, client: Any) -> None:
        """Give a client the markets that were loaded last: what was listed since it was opened is traded too."""
        if client.markets is not self._source.markets:
            client.set_markets_from_exchange(self._source)

    async def markets(self) -> Any:
        """A client that knows what the venue trades now; it is for looking things up only."""
        async with self._loading:
            await self._load()
        return self._source

    async def _load(self) -> None:
        """With a client of its own that has no key: its markets outlive it."""
        source = await self._new(NOBODY)
        try:
            await source.load_markets()
        finally:
            await source.close()
        self._source = source

    async def _new(self, credentials: Credentials) -> Any:
        if self._class is None:
            self._class = await asyncio.to_thread(_strict_class, self.name)
        options: dict[str, Any] = {"warnOnFetchOpenOrdersWithoutSymbol": False}
        if self.name in KINDS:
            options["fetchMarkets"] = {"types": KINDS[self.name]}
        settings = {
            "apiKey": credentials.key,
            "secret": credentials.secret,
            "password": credentials.passphrase,
            "number": str,  # exact; floats otherwise
            "enableRateLimit": False,  # all clients of a venue have one pace, outside
            "timeout": round(self._timeout * 1000),
            "has": {"fetchCurrencies": False},  # needs rights of a key, for what nobody here asks
            "options": options,
        }
        client = self._class(settings | dict(self._config))
        client.ssl_context = self._class.trusted  # reading all roots of trust anew takes each client 0.1 s
        return client


def _strict_class(name: str) -> Any:
    """The one place where ccxt is loaded; in a thread, since it takes a second.

    By itself ccxt takes a page that is no JSON for an empty answer, and that for an account with nothing in it.
    """
    if not is_installed():
        raise PeerRefused(name, 0, MISSING)
    ccxt = import_module("ccxt.async_support")
    if name not in ccxt.exchanges:
        raise PeerRefused(name, 0, "there is no exchange of that name")
    base = getattr(ccxt, name)

    def handle_errors(self: Any, code: int, reason: str, *rest: Any) -> Any:
        _, _, _, _, answer, *_ = rest  # url, method, headers, body, the answer as JSON, …
        handled = base.handle_errors(self, code, reason, *rest)
        if answer is None and code < 300:
            raise ccxt.ExchangeNotAvailable(f"{self.id} an answer that is no JSON")
        return handled

    return type(name, (base,), {"handle_errors": handle_errors, "trusted": _trusted()})


@cache
def _trusted() -> ssl.SSLContext:
    """The roots of trust that ccxt brings with it."""
    return ssl.create_default_context(cafile=import_module("certifi").where())
