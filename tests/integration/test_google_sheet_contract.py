"""What we override of gspread and gspread-asyncio, pinned: an upgrade that breaks one of these must be noticed."""

from __future__ import annotations

import asyncio
import gzip
import inspect
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import gspread
import pytest
import requests
from aiohttp import web
from aiohttp.test_utils import TestServer
from desk_bench import BOOK, JumpingClock, desk_settings, proxy_rows, sheets_server
from gspread.exceptions import APIError
from gspread_asyncio import ClientManager

from bot.errors import OutcomeUnknown, PeerBusy, PeerRefused, PeerUnavailable, RowsRefused
from bot.gateways.google_sheet import GoogleSheet, SheetAddress, translate
from bot.gateways.sheets_client import MAX_BODY, HttpClient, Manager, make_manager
from bot.resilience.limiter import ReadWritePace
from bot.resilience.peer import PeerHealth
from sandbox.faults import Faults

RANGES = ["'Pool'!1:3"]


@asynccontextmanager
async def managed(folder: Path, deadline: float = 5.0) -> AsyncIterator[tuple[Manager, Faults, Any]]:
    """A manager in front of the sandbox's Sheets, its faults and its world."""
    async with sheets_server(proxy_rows(3), quota=False) as (url, world, faults):
        key = desk_settings(url, folder, world.make_service_account(f"{url}/token")).sheet.service_account
        manager = make_manager(key, url, deadline)
        try:
            yield manager, faults, world
        finally:
            await manager.close()


async def read(manager: Manager) -> Any:
    """A read that works where nothing is in its way."""
    return await manager.call("values_batch_get", BOOK, RANGES, {})


@asynccontextmanager
async def sheet_at(
    folder: Path, deadline: float = 5.0
) -> AsyncIterator[tuple[GoogleSheet, Faults, JumpingClock]]:
    """The gateway in front of the sandbox's Sheets."""
    clock = JumpingClock()
    pace = ReadWritePace(clock, reads_per_minute=60, writes_per_minute=60, burst=10)
    async with sheets_server(proxy_rows(3), quota=False) as (url, world, faults):
        key = desk_settings(url, folder, world.make_service_account(f"{url}/token")).sheet.service_account
        sheet = GoogleSheet(SheetAddress(BOOK, "", key, url, deadline), pace, PeerHealth("Sheets", clock))
        try:
            yield sheet, faults, clock
        finally:
            await sheet.close()


# -- the libraries still have what we override ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("delay", ["self"]),
        ("before_gspread_call", ["self", "method", "args", "kwargs"]),
        ("handle_gspread_error", ["self", "e", "method", "args", "kwargs"]),
        ("handle_requests_error", ["self", "e", "method", "args", "kwargs"]),
        ("_authorize", ["self"]),
        ("authorize", ["self"]),
    ],
)
def test_the_manager_has_the_hooks(name: str, parameters: list[str]) -> None:
    """gspread-asyncio calls these by these names, with these arguments."""
    original = getattr(ClientManager, name)
    assert inspect.iscoroutinefunction(original)
    assert parameters == list(inspect.signature(original).parameters)
    assert parameters == list(inspect.signature(getattr(Manager, name)).parameters)


def test_the_http_client_is_asked_like_this() -> None:
    """gspread's own methods pass these to `request`, in this order."""
    expected = ["self", "method", "endpoint", "params", "data", "json", "files", "headers"]
    assert expected == list(inspect.signature(gspread.HTTPClient.request).parameters)
    for method in ("fetch_sheet_metadata", "values_batch_get", "values_batch_update"):
        assert callable(getattr(HttpClient, method))


async def test_every_call_goes_through_our_client(tmp_path: Path) -> None:
    """The client that gspread builds is ours, so that base URL, deadline and size limit hold for every call."""
    async with managed(tmp_path) as (manager, _, _):
        assert "proxy" == (await read(manager))["valueRanges"][0]["values"][0][0]
        client = await manager.authorize()
        assert isinstance(client.gc.http_client, HttpClient)


# -- one call at a time, each failing at once -------------------------------------------------------------------


async def test_calls_are_not_delayed(tmp_path: Path) -> None:
    """The library's pause of 1.1 s between calls is off: ten calls need no second."""
    async with managed(tmp_path) as (manager, _, _):
        await read(manager)
        async with asyncio.timeout(1.0):
            for _ in range(10):
                await read(manager)


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
async def test_a_status_is_raised_and_not_repeated(tmp_path: Path, status: int) -> None:
    """One call is one request on the wire, whatever the answer."""
    async with managed(tmp_path) as (manager, faults, _):
        await read(manager)
        faults.add({"kind": "status", "status": status})
        with pytest.raises(APIError) as refusal:
            await read(manager)
        assert status == refusal.value.response.status_code
        assert 1 == faults.snapshot()["rules"][0]["hits"]


@pytest.mark.parametrize("kind", ["reset", "cut", "hang", "html"])
async def test_a_broken_answer_is_raised_and_not_repeated(tmp_path: Path, kind: str) -> None:
    """The library's endless repetition is off for what happens on the way, too."""
    async with managed(tmp_path, deadline=0.3) as (manager, faults, _):
        await read(manager)
        faults.add({"kind": kind, "seconds": 5})
        with pytest.raises((requests.RequestException, APIError)):
            await read(manager)
        assert 1 == faults.snapshot()["rules"][0]["hits"]


async def test_calls_wait_for_each_other(tmp_path: Path) -> None:
    """One lock holds a manager's calls in line: what was asked first is answered first."""
    async with managed(tmp_path) as (manager, faults, _):
        await read(manager)
        faults.set({"latency": {"kind": "constant", "ms": 40}})
        finished: list[int] = []

        async def numbered(number: int) -> None:
            await read(manager)
            finished.append(number)

        async with asyncio.timeout(2):
            await asyncio.gather(*map(numbered, range(4)))
        assert [0, 1, 2, 3] == finished


async def test_a_cancelled_call_frees_the_line(tmp_path: Path) -> None:
    """Who gives up waiting does not hold up the next call, though his request is still under way."""
    async with managed(tmp_path) as (manager, faults, _):
        await read(manager)
        faults.add({"kind": "hang", "seconds": 1, "times": 1})
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await read(manager)
        async with asyncio.timeout(0.7):
            await read(manager)


async def test_a_rejected_token_is_renewed(tmp_path: Path) -> None:
    """A 401 makes google-auth fetch a new token and ask again; the caller notices nothing."""
    async with managed(tmp_path) as (manager, faults, _):
        await read(manager)
        faults.add({"kind": "status", "status": 401, "path": "/v4/", "times": 1})
        assert (await read(manager))["valueRanges"]


async def test_expired_credentials_are_renewed(tmp_path: Path) -> None:
    """A token whose time is over is replaced before the call."""
    async with managed(tmp_path) as (manager, _, _):
        await read(manager)
        client = await manager.authorize()
        credentials = client.gc.http_client.auth
        credentials.token, credentials.expiry = "over", credentials.expiry - timedelta(days=1)
        assert (await read(manager))["valueRanges"]
        assert "over" != credentials.token


# -- no answer is waited for without an end ---------------------------------------------------------------------


async def test_a_drip_ends_at_the_deadline(tmp_path: Path) -> None:
    """Bytes that keep coming do not stretch the deadline."""
    async with managed(tmp_path, deadline=0.4) as (manager, faults, _):
        await read(manager)
        faults.add({"kind": "drip", "bytes_per_second": 40})
        async with asyncio.timeout(1.5):
            with pytest.raises(requests.Timeout):
                await read(manager)


async def test_a_body_without_end_is_refused(tmp_path: Path) -> None:
    """A small body that unpacks to more than 64 MB is cut off, and never in memory as a whole."""
    bomb = gzip.compress(b" " * (MAX_BODY + 2_000_000), 1)
    token = {"access_token": "abc", "expires_in": 3600, "token_type": "Bearer"}

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/token":
            return web.json_response(token)
        return web.Response(
            body=bomb, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"}
        )

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    async with sheets_server([]) as (_, world, _), TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        key_file = tmp_path / "key.json"
        key_file.write_text(json.dumps(world.make_service_account(f"{url}/token")))
        manager = make_manager(key_file, url, 5.0)
        try:
            with pytest.raises(requests.RequestException):
                await read(manager)
        finally:
            await manager.close()


# -- what the gateway makes of it -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "for_reads", "for_writes"),
    [
        ({"kind": "status", "status": 500}, PeerUnavailable, OutcomeUnknown),
        ({"kind": "status", "status": 503}, PeerUnavailable, OutcomeUnknown),
        ({"kind": "status", "status": 429}, PeerBusy, PeerBusy),
        ({"kind": "status", "status": 401}, PeerRefused, PeerRefused),
        ({"kind": "status", "status": 403}, PeerRefused, PeerRefused),
        ({"kind": "status", "status": 404}, PeerRefused, PeerRefused),
        ({"kind": "status", "status": 400}, PeerRefused, RowsRefused),
        ({"kind": "html"}, PeerUnavailable, OutcomeUnknown),
        ({"kind": "cut"}, PeerUnavailable, OutcomeUnknown),
        ({"kind": "reset"}, PeerUnavailable, OutcomeUnknown),
        ({"kind": "lose_answer"}, PeerUnavailable, OutcomeUnknown),
        ({"kind": "hang", "seconds": 5}, PeerUnavailable, OutcomeUnknown),
        ({"kind": "drip", "bytes_per_second": 40}, PeerUnavailable, OutcomeUnknown),
    ],
    ids=str,
)
async def test_what_a_failure_means(
    tmp_path: Path, fault: dict[str, Any], for_reads: type[Exception], for_writes: type[Exception]
) -> None:
    """A read that failed did nothing; a write that was not clearly refused may have been done."""
    async with sheet_at(tmp_path, deadline=0.3) as (sheet, faults, _):
        await sheet.read_rows([2])
        faults.add({**fault, "path": "/v4/"})
        with pytest.raises(for_reads) as read_error:
            await sheet.read_rows([2])
        with pytest.raises(for_writes) as write_error:
            await sheet.write_cells({2: {6: "text"}})
        assert (for_reads, for_writes) == (read_error.type, write_error.type)


async def test_a_retry_after_is_told(tmp_path: Path) -> None:
    """How long Google asks us to wait is data on the error."""
    async with sheet_at(tmp_path) as (sheet, faults, _):
        await sheet.read_rows([2])
        faults.add({"kind": "status", "status": 429, "retry_after": 17})
        with pytest.raises(PeerBusy) as busy:
            await sheet.read_rows([2])
        assert 17 == busy.value.retry_after


async def test_no_connection_means_nothing_was_done(tmp_path: Path) -> None:
    """A write that found nobody listening was certainly not carried out."""
    async with sheets_server([]) as (url, world, _):
        key = desk_settings(url, tmp_path, world.make_service_account(f"{url}/token")).sheet.service_account
        manager = make_manager(key, "http://127.0.0.1:9", 5.0)
        with pytest.raises(requests.ConnectionError) as error:
            await manager.call("values_batch_update", BOOK, {"data": []})
        await manager.close()
    assert PeerUnavailable is type(translate(error.value, OutcomeUnknown))


async def test_a_refusal_does_not_quote_what_was_written(tmp_path: Path) -> None:
    """Nothing of a written cell, of a key or of a token gets into an error's text."""
    async with sheet_at(tmp_path, deadline=0.3) as (sheet, faults, _):
        await sheet.read_rows([2])
        for fault in ({"kind": "status", "status": 403}, {"kind": "cut"}, {"kind": "reset"}):
            faults.set({"rules": [fault]})
            with pytest.raises((PeerRefused, OutcomeUnknown)) as error:
                await sheet.write_cells({2: {6: "a-secret-text"}})
            assert "secret" not in str(error.value)
