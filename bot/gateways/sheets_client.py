"""gspread and gspread-asyncio as we need them: no delay, no endless retry, no call without an end.

gspread-asyncio holds one lock around each call, waits inside it and retries for ever. Here pacing and retries
are the caller's; what is overridden is pinned by tests/integration/test_google_sheet_contract.py.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gspread
import requests
import urllib3
from google.oauth2.service_account import Credentials
from gspread.exceptions import APIError
from gspread_asyncio import Client, ClientManager

SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
OFFICIAL = "https://sheets.googleapis.com"
CONNECT_TIMEOUT = 5.0
SILENCE_TIMEOUT = 10.0
MAX_BODY = 64 * 1024 * 1024
PIECE = 1 << 18


class ServiceAccount(Credentials):
    """google-auth's service account, without its look-up of allowed regions: a call to another host of Google
    with each new token, which has nothing to do with sheets."""

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


class HttpClient(gspread.HTTPClient):
    """gspread's client against any base URL, with a deadline that a slow drip cannot stretch."""

    base_url = OFFICIAL
    deadline = 20.0

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> requests.Response:
        """One HTTP call; raises APIError for a refusal and requests' errors for a broken one."""
        ends = time.monotonic() + self.deadline
        params, data, json, files, headers = (*args, *(None,) * 5)[:5]
        response = self.session.request(
            method=method,
            url=endpoint.replace(OFFICIAL, self.base_url, 1),
            params=kwargs.get("params", params),
            data=kwargs.get("data", data),
            json=kwargs.get("json", json),
            files=kwargs.get("files", files),
            headers=kwargs.get("headers", headers),
            timeout=(CONNECT_TIMEOUT, min(SILENCE_TIMEOUT, self.deadline)),
            stream=True,
        )
        _read_body(response, ends)
        if response.ok:
            return response
        raise APIError(response)


class Manager(ClientManager):  # type: ignore[misc]  # gspread-asyncio is not typed
    """One line of calls to Google: in order, one at a time, each failing at once when it fails."""

    def __init__(self, credentials: Callable[[], Credentials], http_client: type[HttpClient]) -> None:
        super().__init__(credentials, gspread_delay=0)
        self._http_client = http_client
        self._client: Client | None = None

    async def call(self, method: str, *args: Any) -> Any:
        """Call a method of gspread's HTTP client by name."""
        client = await self.authorize()
        return await self._call(getattr(client.gc.http_client, method), *args)

    async def delay(self) -> None:
        """Calls are paced before they come here."""

    async def before_gspread_call(self, method: Any, args: Any, kwargs: Any) -> None:
        """The original logs the arguments, which hold credentials."""

    async def handle_gspread_error(self, e: Exception, method: Any, args: Any, kwargs: Any) -> None:
        """The original waits and repeats the call for ever."""
        raise e

    async def handle_requests_error(self, e: Exception, method: Any, args: Any, kwargs: Any) -> None:
        """The original waits and repeats the call for ever."""
        raise e

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await asyncio.to_thread(self._client.gc.http_client.session.close)

    async def _authorize(self) -> Client:
        if self._client is None:
            credentials = await asyncio.to_thread(self.credentials_fn)
            self._client = Client(self, gspread.Client(credentials, http_client=self._http_client))
        return self._client


def make_manager(service_account: Path, base_url: str, deadline: float) -> Manager:
    """A manager for one service account; nothing is read or sent before the first call."""
    client = type("ConfiguredHttpClient", (HttpClient,), {"base_url": base_url, "deadline": deadline})

    def credentials() -> Credentials:
        loaded: Credentials = ServiceAccount.from_service_account_file(  # type: ignore[no-untyped-call]
            service_account, scopes=SCOPES
        )
        return loaded

    return Manager(credentials, client)


def _read_body(response: requests.Response, ends: float) -> None:
    """Take the body in, piece by piece, so that neither its size nor its pace is the peer's choice."""
    pieces, size = [], 0
    try:
        while piece := response.raw.read1(PIECE, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > MAX_BODY or time.monotonic() > ends:
                raise requests.Timeout("the answer was too long or too slow")
    except urllib3.exceptions.HTTPError as error:
        raise requests.ConnectionError("the answer broke off") from error
    finally:
        response.close()
    response._content = b"".join(pieces)
