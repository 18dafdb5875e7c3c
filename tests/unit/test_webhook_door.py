"""The webhook's door: who is let in, what counts as an update, and what is said when none can be taken."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request
from structlog.testing import capture_logs

from bot.errors import CannotListen, StorageError
from bot.services.intake import IntakeStats, NotNow, RawUpdate
from bot.web.server import listening
from bot.web.webhook import BODY_BYTES, SECRET_HEADER, update_app

SECRET = "canary-Secret_1"
URL = "https://bot.example.org/from/telegram?of=bot"
PATH = "/from/telegram"
UPDATE = {"update_id": 5, "message": {"text": "hello"}}
NOTHING = IntakeStats(0, 0, 0, 0, 0, 0, 0, None, None)

Client = TestClient[Request, Application]


@dataclass
class Taker:
    """An intake that notes what it is given, or refuses it."""

    accepting: bool = True
    stopping: bool = False
    trouble: Exception | None = None
    taken: list[RawUpdate] = field(default_factory=list)
    counted: IntakeStats = NOTHING

    async def accept(self, batch: Sequence[RawUpdate]) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.taken += batch

    def stats(self) -> IntakeStats:
        return self.counted


@pytest.fixture
def taker() -> Taker:
    """Who takes the updates in."""
    return Taker()


@pytest.fixture
async def client(taker: Taker) -> AsyncIterator[Client]:
    """Somebody who speaks to the door."""
    async with TestClient(TestServer(update_app(taker, URL, SECRET))) as client:
        yield client


async def post(client: Client, body: str | bytes | object, secret: str | bytes | None = SECRET) -> int:
    """Bring something; the status of the answer, which is JSON unless it is 200."""
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    data = text.encode() if isinstance(text, str) else text
    headers = {} if secret is None else {SECRET_HEADER: secret}
    async with client.post(PATH, data=io.BytesIO(data), headers=headers) as answer:  # type: ignore[arg-type]
        assert answer.status == 200 or "error" in await answer.json()
        return answer.status


async def test_an_update_with_the_secret_is_taken(client: Client, taker: Taker) -> None:
    """200, with nothing in the body that Telegram would carry out."""
    async with client.post(PATH, json=UPDATE, headers={SECRET_HEADER: SECRET}) as answer:
        assert (200, b"") == (answer.status, await answer.read())
    assert [UPDATE] == taker.taken


@pytest.mark.parametrize(
    "secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper(), "ключ", "\udcff", f"{SECRET}, x"]
)
async def test_without_the_secret_nobody_is_let_in(client: Client, taker: Taker, secret: str | None) -> None:
    """401 whatever comes instead of it, counted and told once, and never quoted."""
    with capture_logs() as logs:
        for _ in range(2):
            assert 401 == await post(client, UPDATE, secret)
    assert [] == taker.taken
    assert ["warning"] == [entry["log_level"] for entry in logs]
    assert "canary" not in str(logs)
    async with client.get("/health") as answer:
        assert 2 == (await answer.json())["refused"]


async def test_bytes_that_are_no_text_are_no_secret(client: Client, taker: Taker) -> None:
    """A header with bytes of no encoding is 401, as any other."""
    server = client.server
    assert server.port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    body = json.dumps(UPDATE).encode()
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{SECRET_HEADER}: ".encode()
    writer.write(head + b"\xff\xfe\xe9\r\n\r\n" + body)
    assert (await reader.readline()).startswith(b"HTTP/1.1 401")
    writer.close()
    assert [] == taker.taken


NO_UPDATES: list[str | bytes] = [
    "",
    "nonsense",
    "[]",
    "{}",
    "null",
    "5",
    '"update_id"',
    "[1, 2]",
    '[{"update_id": 5}]',
    '{"update_id": "5"}',
    '{"update_id": null}',
    '{"update_id": true}',
    '{"update_id": 5.0}',
    '{"update_id": -1}',
    '{"update_id": 9223372036854775808}',
    '{"update_id": 1' + "0" * 5000 + "}",
    '{"update_id": 5, "x": NaN}',
    '{"update_id": 5, "x": -Infinity}',
    '{"update_id": 5',
    '{"update_id": 5} x',
    b'{"update_id": 5, "x": "\xff"}',
    b"\xff\xfe\x00",
    '{"update_id": 5, "x": ' + "[" * 10_000 + "]" * 10_000 + "}",
]


@pytest.mark.parametrize("body", NO_UPDATES, ids=range(len(NO_UPDATES)))
async def test_what_is_no_update_is_refused(client: Client, taker: Taker, body: str | bytes) -> None:
    """400, and nothing of it is taken."""
    assert 400 == await post(client, body)
    assert [] == taker.taken


@pytest.mark.parametrize(
    "update",
    [{"update_id": 0}, {"update_id": 9223372036854775807, "news": [1]}, {"update_id": 1, "x": "\ud800"}],
)
async def test_what_we_do_not_know_may_be_an_update_of_tomorrow(
    client: Client, taker: Taker, update: RawUpdate
) -> None:
    """It has a number, so it is taken; refused, it would come again for a day."""
    assert 200 == await post(client, update)
    assert [update] == taker.taken


async def test_what_is_too_large_is_refused(client: Client, taker: Taker) -> None:
    """413 over a megabyte; Telegram's own updates are far from it."""
    fits = {"update_id": 1, "x": "a" * (BODY_BYTES - 100)}
    assert (200, 413) == (await post(client, fits), await post(client, fits | {"y": "b" * 200}))
    assert [fits] == taker.taken


async def test_what_is_nested_too_deeply_to_be_stored_is_refused(client: Client, taker: Taker) -> None:
    """It could be read and not be written: 400."""
    taker.trouble = RecursionError()
    assert 400 == await post(client, UPDATE)


@pytest.mark.parametrize("trouble", [NotNow("the bot is stopping"), StorageError("disk full")])
async def test_what_cannot_be_taken_now_is_to_come_again(
    client: Client, taker: Taker, trouble: Exception
) -> None:
    """503, soon: Telegram would wait longer each time; what is wrong inside is not told."""
    taker.trouble = trouble
    async with client.post(PATH, json=UPDATE, headers={SECRET_HEADER: SECRET}) as answer:
        assert (503, "1") == (answer.status, answer.headers["Retry-After"])
        assert "disk" not in await answer.text()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
async def test_updates_are_posted(client: Client, taker: Taker, method: str) -> None:
    """401 for who does not know the secret, 405 for who does."""
    for secret, status in (("wrong", 401), (SECRET, 405)):
        async with client.request(method, PATH, headers={SECRET_HEADER: secret}) as answer:
            assert status == answer.status
    assert [] == taker.taken


@pytest.mark.parametrize("path", ["/", "/from", f"{PATH}/", "/metrics", "/..%2fhealth", "/%00"])
async def test_there_is_nothing_elsewhere(client: Client, taker: Taker, path: str) -> None:
    """404, secret or not."""
    async with client.post(path, json=UPDATE, headers={SECRET_HEADER: SECRET}) as answer:
        assert 404 == answer.status
    assert [] == taker.taken


async def test_the_root_is_a_path_too(taker: Taker) -> None:
    """An address without a path is served as it is called."""
    app = update_app(taker, "https://bot.example.org", SECRET)
    async with (
        TestClient(TestServer(app)) as client,
        client.post("/", json=UPDATE, headers={SECRET_HEADER: SECRET}) as answer,
    ):
        assert 200 == answer.status


async def test_health_tells_how_the_bot_is(client: Client, taker: Taker) -> None:
    """200 while updates are taken in, with the age of the last one and what waits; 503 before and after."""
    taker.counted = replace(NOTHING, waiting=3, newest_age=12.34)
    for accepting, stopping, status, word in (
        (True, False, 200, "up"),
        (False, False, 503, "starting"),
        (False, True, 503, "stopping"),
    ):
        taker.accepting, taker.stopping = accepting, stopping
        async with client.get("/health") as answer:
            assert status == answer.status
            assert {
                "status": word,
                "mode": "webhook",
                "last_update_age": 12.3,
                "inbox": 3,
                "refused": 0,
            } == await answer.json()


async def test_health_tells_that_nothing_can_be_stored(client: Client, taker: Taker) -> None:
    """Until an update is stored again; Telegram brings it soon."""
    for trouble, status, word in ((StorageError("disk full"), 503, "cannot store"), (None, 200, "up")):
        taker.trouble = trouble
        assert status == await post(client, UPDATE)
        async with client.get("/health") as answer:
            assert (status, word) == (answer.status, (await answer.json())["status"])


KNOCK = f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: {SECRET}\r\n".encode()
NO_HTTP = [
    b"\x16\x03\x01\x02\x00\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /health HTTP/1.1\r\n\r\n",
    b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    KNOCK + b"Content-Length: abc\r\n\r\n",
    KNOCK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    KNOCK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde",
]


async def test_what_is_no_http_is_refused_and_fills_no_log(
    taker: Taker, caplog: pytest.LogCaptureFixture
) -> None:
    """400, and no trace of ours: strangers may try all day long. Who hangs up half-way is not told either."""
    async with listening(update_app(taker, URL, SECRET), "127.0.0.1", 0) as port:
        for raw in NO_HTTP:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(raw)
            assert b" 400 " in await reader.readline()
            writer.close()
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(KNOCK + b"Content-Length: 50\r\n\r\nabcde")
        await writer.drain()
        writer.transport.abort()
        async with aiohttp.request("GET", f"http://127.0.0.1:{port}/health") as answer:
            assert 200 == answer.status
    assert ([], []) == (taker.taken, [record for record in caplog.records if record.levelname == "ERROR"])


async def test_what_goes_wrong_inside_is_told(taker: Taker, caplog: pytest.LogCaptureFixture) -> None:
    """With its trace, and without the update; Telegram brings it again."""
    taker.trouble = ZeroDivisionError("canary-free")
    async with listening(update_app(taker, URL, SECRET), "127.0.0.1", 0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        body = json.dumps(UPDATE).encode()
        writer.write(KNOCK + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert b" 500 " in await reader.readline()
        writer.close()
    [told] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert told.exc_info is not None
    assert taker.trouble is told.exc_info[1]


async def test_a_port_in_use_is_told(taker: Taker) -> None:
    """With the port, before anything else is begun."""
    async with listening(update_app(taker, URL, SECRET), "127.0.0.1", 0) as port:
        with pytest.raises(CannotListen) as caught:
            await listening(update_app(taker, URL, SECRET), "127.0.0.1", port).__aenter__()
        assert (port, True) == (caught.value.port, caught.value.taken)
        async with aiohttp.request("GET", f"http://127.0.0.1:{port}/health") as answer:
            assert 200 == answer.status


async def test_an_address_of_another_machine_is_told(taker: Taker) -> None:
    """Not as a port in use."""
    with pytest.raises(CannotListen) as caught:
        await listening(update_app(taker, URL, SECRET), "192.0.2.1", 0).__aenter__()
    assert not caught.value.taken
