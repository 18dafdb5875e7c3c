"""HTTP to outside systems: the one place that knows httpx.

httpx loses connections for good when calls are cancelled at the wrong moment. So each request runs in a task of its
own, to its end or its deadline, whatever becomes of the one who asked; and no more are sent at a time than there are
connections, so that none ever waits inside httpx. Each peer has a client of its own: one that hangs takes no
connection from another.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from bot.resilience.tasks import Supervisor

TIMEOUT = 10.0
CONNECTIONS = 64
KEPT_FOR = 30.0
GRACE = 2.0
LARGEST_ANSWER = 16 * 1024 * 1024

NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)
UNFIT = (httpx.InvalidURL, UnicodeError)


class HttpFailure(Exception):
    """There is no answer. Its text tells no address, no header and nothing that was sent: they may hold secrets."""


class NotSent(HttpFailure):
    """The request certainly never reached the peer."""


class NoAnswer(HttpFailure):
    """The request may have reached the peer, and may still take effect."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer said; the names of the headers are in lower case, `content` is unpacked."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(slots=True, eq=False)
class _Call:
    """A request, and whether it has left for httpx: until then it may still be taken back."""

    method: str
    url: str
    content: bytes
    headers: Mapping[str, str]
    deadline: float
    status_only: bool
    begun: bool = False


class HttpClient:
    """Connections to any hosts, kept for a while; neither cookies nor proxies of the environment are used.

    `timeout` in seconds is for the whole of a call, from the wait for a connection to the last byte, be they ever so
    slow. An answer may have `largest` bytes, unpacked.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        *,
        timeout: float = TIMEOUT,
        connections: int = CONNECTIONS,
        largest: int = LARGEST_ANSWER,
    ) -> None:
        self._supervisor = supervisor
        self._timeout = timeout
        self._connections = connections
        self._largest = largest
        self._slots = asyncio.Semaphore(connections)
        self._running: set[asyncio.Task[Answer | HttpFailure]] = set()
        self._client: httpx.AsyncClient | None = None
        self._closed = False

    @property
    def in_flight(self) -> int:
        """Requests that are neither answered nor given up."""
        return len(self._running)

    async def request(
        self,
        method: str,
        url: str,
        *,
        query: str = "",
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        status_only: bool = False,
    ) -> Answer:
        """One call; `query` is sent as it is. Raises NotSent, NoAnswer. A redirection is an answer like any other.

        With `status_only` the content is not waited for. A caller who is cancelled leaves the request behind, and it
        goes on; only one that still waits for a connection is not sent any more.
        """
        if self._closed:
            raise NotSent("closed")
        deadline = self._timeout if timeout is None else timeout
        call = _Call(
            method, f"{url}?{query}" if query else url, content, headers or {}, deadline, status_only
        )
        task = self._supervisor.start(self._run(call), name="http request")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            outcome = await _undisturbed(task)
        except asyncio.CancelledError:
            if not call.begun:
                task.cancel()
            raise
        if isinstance(outcome, HttpFailure):
            raise outcome
        return outcome

    async def close(self, grace: float = GRACE) -> None:
        """Give what is in flight `grace` seconds to end, cut off the rest, and let go of the connections."""
        self._closed = True
        running = list(self._running)
        if running:
            await asyncio.wait(running, timeout=grace)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def _run(self, call: _Call) -> Answer | HttpFailure:
        """A failure is returned: nobody may be left to hear of it."""
        try:
            async with asyncio.timeout(call.deadline), self._slots:
                call.begun = True
                return await self._send(call)
        except TimeoutError:
            return NoAnswer("deadline passed") if call.begun else NotSent("no connection was free in time")
        except UNFIT:
            return NotSent("unfit address or header")
        except NOT_SENT as error:
            return NotSent(type(error).__name__)
        except Exception as error:  # whatever it is: the request may have been sent
            return NoAnswer(type(error).__name__)

    async def _send(self, call: _Call) -> Answer | HttpFailure:
        if self._client is None:
            self._client = self._new_client()
        request = self._client.build_request(
            call.method,
            call.url,
            content=call.content,
            headers=call.headers,
            timeout=httpx.Timeout(call.deadline, connect=call.deadline / 2),
        )
        response = await self._client.send(request, stream=True)
        try:
            content = b"" if call.status_only else await self._content(response)
        finally:
            await response.aclose()
        if content is None:
            return NoAnswer("the answer is too large")
        return Answer(response.status_code, dict(response.headers), content)

    async def _content(self, response: httpx.Response) -> bytes | None:
        """None when it is too large; the rest of it is not read then."""
        content = bytearray()
        async for part in response.aiter_bytes():
            content += part
            if len(content) > self._largest:
                return None
        return bytes(content)

    def _new_client(self) -> httpx.AsyncClient:
        limits = httpx.Limits(
            max_connections=self._connections,
            max_keepalive_connections=self._connections,
            keepalive_expiry=KEPT_FOR,
        )
        jar = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        return httpx.AsyncClient(
            verify=_certificates(),
            limits=limits,
            cookies=jar,
            trust_env=False,
            headers={"User-Agent": "Quartermaster"},
        )


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust; read once for all clients, since that takes a while."""
    return httpx.create_ssl_context(trust_env=False)


async def _undisturbed(task: asyncio.Task[Answer | HttpFailure]) -> Answer | HttpFailure:
    """The task's outcome. Its end at shutdown is no cancellation of the one who waits."""
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        waiting = asyncio.current_task()
        if task.cancelled() and waiting is not None and not waiting.cancelling():
            return NoAnswer("cut off by the shutdown")
        raise
