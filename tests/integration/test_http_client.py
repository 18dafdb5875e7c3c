"""HTTP to outside systems: whole answers or a clear failure, in time, whatever callers and peers do."""

from __future__ import annotations

import asyncio
import gzip
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.gateways.http_client import Answer, HttpClient, HttpFailure, NoAnswer, NotSent
from bot.resilience.tasks import Supervisor

CANARY = "canary-7f3a"
REQUESTS = 1000


class Peer:
    """A web server that does what it is asked for by path."""

    def __init__(self) -> None:
        self.url = ""
        self.received: list[tuple[str, dict[str, str], bytes]] = []
        self.begun = self.finished = 0
        self.gate = asyncio.Event()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/hello", self.hello)
        app.router.add_get("/wait", self.wait)
        app.router.add_get("/packed", self.packed)
        app.router.add_get("/elsewhere", self.elsewhere)
        return app

    async def hello(self, request: web.Request) -> web.Response:
        self.received.append((request.raw_path, dict(request.headers), await request.read()))
        return web.Response(text="héllo", headers={"X-Told": "yes", "Set-Cookie": f"who={CANARY}"})

    async def wait(self, _: web.Request) -> web.Response:
        self.begun += 1
        await self.gate.wait()
        self.finished += 1
        return web.Response(text="done")

    async def packed(self, _: web.Request) -> web.Response:
        body = gzip.compress(b"0" * 3_000_000)
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    async def elsewhere(self, _: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"{self.url}/hello"})


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer()
    async with TestServer(peer.app()) as server:
        peer.url = str(server.make_url("")).rstrip("/")
        yield peer
        peer.gate.set()


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient(Supervisor(), connections=20, largest=1_000_000)
    yield client
    await client.close()


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def listening() -> AsyncIterator[Callable[[Talk], Awaitable[str]]]:
    """Listens with a hand-written server; returns its address."""
    servers: list[asyncio.Server] = []

    async def listen(talk: Talk) -> str:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            try:
                await talk(reader, writer)
            except ConnectionError:
                pass
            finally:
                writer.transport.abort()

        servers.append(await asyncio.start_server(serve, "127.0.0.1", 0))
        return f"http://127.0.0.1:{servers[-1].sockets[0].getsockname()[1]}"

    yield listen
    for server in servers:
        server.close()


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Not a word."""


async def cut(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it")
    await writer.drain()


async def no_http(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    await writer.drain()


async def drip_headers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def drip_body(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def test_an_answer_is_whole(http: HttpClient, peer: Peer) -> None:
    """Status, headers by their names in lower case, content; the query arrives byte for byte."""
    answer = await http.request(
        "POST", f"{peer.url}/hello", query="cursor=a%2Cb%3D&x=1+2", content=b"{}", headers={"X-Key": "k"}
    )
    assert (200, "yes", "héllo") == (answer.status, answer.headers["x-told"], answer.content.decode())
    [(path, headers, content)] = peer.received
    assert ("/hello?cursor=a%2Cb%3D&x=1+2", "k", b"{}") == (path, headers["X-Key"], content)


async def test_a_redirection_is_an_answer(http: HttpClient, peer: Peer) -> None:
    """Nobody is sent to an address that somebody else has chosen."""
    assert 302 == (await http.request("GET", f"{peer.url}/elsewhere")).status
    assert [] == peer.received


async def test_no_cookies_no_proxies(http: HttpClient, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one account is given is not sent for another, and the environment does not lead calls astray."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    for _ in range(2):
        await http.request("GET", f"{peer.url}/hello")
    assert [False, False] == ["Cookie" in headers for _, headers, _ in peer.received]


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        (f"http://127.0.0.1:1/{CANARY}", {}),
        (f"http://{CANARY}:port/", {}),
        (f"ftp://127.0.0.1/{CANARY}", {}),
        ("http://127.0.0.1:1/", {"X-Key": f"{CANARY}é€"}),
    ],
)
async def test_what_was_never_sent(http: HttpClient, url: str, headers: dict[str, str]) -> None:
    """Nobody there, no such address, a header that cannot be sent: certainly without effect, and nothing is told."""
    with pytest.raises(NotSent) as caught:
        await http.request("GET", url, headers=headers)
    assert_silent(caught.value)


@pytest.mark.parametrize("talk", [reset, cut, no_http, drip_headers, drip_body])
async def test_no_whole_answer(
    http: HttpClient, listening: Callable[[Talk], Awaitable[str]], talk: Talk
) -> None:
    """Reset, cut off, nonsense, or ever so slow: unknown what has become of it, within the deadline."""
    begun = time.monotonic()
    with pytest.raises(NoAnswer) as caught:
        await http.request("POST", f"{await listening(talk)}/{CANARY}", timeout=0.2)
    assert_silent(caught.value)
    assert 0.5 > time.monotonic() - begun


async def test_size_is_counted_unpacked(http: HttpClient, peer: Peer) -> None:
    """Three megabytes that come as three kilobytes are three megabytes."""
    with pytest.raises(NoAnswer, match="too large"):
        await http.request("GET", f"{peer.url}/packed")
    answer = await http.request("GET", f"{peer.url}/packed", status_only=True)
    assert (200, b"") == (answer.status, answer.content)


async def test_a_storm_of_cancellations(http: HttpClient, peer: Peer) -> None:
    """A thousand callers give up: what was sent runs to its end, the rest is not sent; the next call is as quick."""
    before = await usual_seconds(http, peer)
    calls = [asyncio.create_task(http.request("GET", f"{peer.url}/wait")) for _ in range(REQUESTS)]
    await asyncio.sleep(0.05)
    for number, call in enumerate(calls):
        call.cancel()
        if number % 100 == 0:
            await asyncio.sleep(0)
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert REQUESTS == sum(isinstance(each, asyncio.CancelledError) for each in ended)
    assert 20 == http.in_flight
    peer.gate.set()
    assert before * 5 + 0.02 > await usual_seconds(http, peer)
    assert (0, 20, 20) == (http.in_flight, peer.begun, peer.finished)


async def test_a_storm_of_deadlines(http: HttpClient, peer: Peer) -> None:
    """What is cut off by its deadline gives its connection back, too."""
    before = await usual_seconds(http, peer)
    calls = [http.request("GET", f"{peer.url}/wait", timeout=0.1) for _ in range(300)]
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert 300 == sum(isinstance(each, HttpFailure) for each in ended)
    assert {NoAnswer, NotSent} == {type(each) for each in ended}
    assert 0 == http.in_flight
    assert before * 5 + 0.02 > await usual_seconds(http, peer)
    everybody = await asyncio.gather(*(http.request("GET", f"{peer.url}/hello") for _ in range(40)))
    assert [200] * 40 == [each.status for each in everybody]


async def test_closing_waits_for_what_is_under_way(peer: Peer) -> None:
    """The answer still comes; whoever asks afterwards was not sent."""
    http = HttpClient(Supervisor())
    call = asyncio.create_task(http.request("GET", f"{peer.url}/wait"))
    await asyncio.sleep(0.05)
    closing = asyncio.create_task(http.close())
    await asyncio.sleep(0)
    peer.gate.set()
    assert b"done" == (await call).content
    await closing
    with pytest.raises(NotSent):
        await http.request("GET", f"{peer.url}/hello")


async def test_closing_does_not_wait_for_ever(peer: Peer) -> None:
    """What hangs is cut off; who waits for it hears that the outcome is unknown."""
    http = HttpClient(Supervisor())
    call = asyncio.create_task(http.request("GET", f"{peer.url}/wait"))
    await asyncio.sleep(0.05)
    await http.close(grace=0.01)
    with pytest.raises(NoAnswer):
        await call


async def test_the_end_of_everything_is_no_cancellation(peer: Peer) -> None:
    """Who still waits when the supervisor ends hears that the outcome is unknown."""
    supervisor = Supervisor()
    http = HttpClient(supervisor)
    call = asyncio.create_task(http.request("GET", f"{peer.url}/wait"))
    await asyncio.sleep(0.05)
    await supervisor.close()
    with pytest.raises(NoAnswer):
        await call
    await http.close()


def assert_silent(failure: HttpFailure) -> None:
    """Nothing of what was sent is in the error, nor in what it came from."""
    told = f"{failure} {failure!r} {failure.__cause__!r} {failure.__context__!r}"
    assert CANARY not in told


async def usual_seconds(http: HttpClient, peer: Peer) -> float:
    """The median of a few calls."""

    async def timed() -> float:
        begun = time.perf_counter()
        answer: Answer = await http.request("GET", f"{peer.url}/hello")
        assert 200 == answer.status
        return time.perf_counter() - begun

    return statistics.median([await timed() for _ in range(9)])
