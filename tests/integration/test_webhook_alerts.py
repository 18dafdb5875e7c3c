"""Alerts over HTTP: signed, tried again where that helps, given up where it does not."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.errors import OutcomeUnknown, PeerBusy, PeerError, PeerRefused, PeerUnavailable
from bot.gateways.http_client import HttpClient
from bot.gateways.webhook import AlertWebhook
from bot.models.notice import THE_WEBHOOK, Kind, Notice
from bot.resilience.clock import ManualClock
from bot.resilience.tasks import Supervisor

SECRET = "sixteen letters!"
NOW = 1_800_000_000.0
ALERT = Notice(
    THE_WEBHOOK, Kind.LOW_STOCK, {"resources": [{"name": "béboo", "free": 2}], "limit": 5, "more": 0}
)


Webhook = Callable[..., AlertWebhook]


class Listener:
    """Takes alerts; `answers` are given one after the other, then 204."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[web.Response] = []
        self.silent = asyncio.Event()
        self.silent.set()
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.calls.append((dict(request.headers), await request.read()))
        await self.silent.wait()
        return self.answers.pop(0) if self.answers else web.Response(status=204)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener, app = Listener(), web.Application()
    app.router.add_post("/alerts", listener.take)
    async with TestServer(app) as server:
        listener.url = str(server.make_url("/alerts"))
        yield listener
        listener.silent.set()


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient(Supervisor())
    yield client
    await client.close()


@pytest.fixture
def webhook(http: HttpClient) -> Webhook:
    def make(url: str, call_seconds: float = 5.0) -> AlertWebhook:
        return AlertWebhook(http, url, SECRET, ManualClock(NOW), call_seconds=call_seconds)

    return make


async def test_an_alert_is_signed_json(webhook: Webhook, listener: Listener) -> None:
    """Whoever has the secret can tell that it is ours, whole, and of now; the id tells a repetition."""
    await webhook(listener.url).deliver(ALERT, 12, NOW - 60)
    [(headers, content)] = listener.calls
    timestamp = headers["X-Quartermaster-Timestamp"]
    signed = hmac.new(SECRET.encode(), timestamp.encode() + b"." + content, hashlib.sha256).hexdigest()
    assert ("1800000000", f"sha256={signed}") == (timestamp, headers["X-Quartermaster-Signature"])
    assert {
        "event": "low stock",
        "id": "12-1799999940",
        "at": NOW - 60,
        "resources": [{"name": "béboo", "free": 2}],
        "limit": 5,
        "more": 0,
    } == json.loads(content)
    assert "application/json" == headers["Content-Type"]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_success_will_do(webhook: Webhook, listener: Listener, status: int) -> None:
    """What the answer holds does not matter."""
    listener.answers = [web.Response(status=status)]
    await webhook(listener.url).deliver(ALERT, 1, NOW)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((status, PeerRefused) for status in (301, 302, 400, 401, 403, 404, 410, 422)),
        *((status, PeerBusy) for status in (408, 429)),
        *((status, PeerUnavailable) for status in (500, 502, 503, 504)),
    ],
)
async def test_an_answer_says_whether_to_try_again(
    webhook: Webhook, listener: Listener, status: int, error: type[PeerError]
) -> None:
    """A refusal is final, but for "too slow" and "too many"; a server in trouble is asked again. One call each."""
    headers = {"Location": listener.url} if status < 400 else {}
    listener.answers = [web.Response(status=status, headers=headers)]
    with pytest.raises(error) as caught:
        await webhook(listener.url).deliver(ALERT, 1, NOW)
    assert (error, 1) == (type(caught.value), len(listener.calls))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120.0), ("soon", None), ("-5", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)],
)
async def test_how_long_to_wait_is_taken_from_the_answer(
    webhook: Webhook, listener: Listener, header: str, seconds: float | None
) -> None:
    """Whole seconds are understood; anything else counts as not said."""
    listener.answers = [web.Response(status=429, headers={"Retry-After": header})]
    with pytest.raises(PeerBusy) as caught:
        await webhook(listener.url).deliver(ALERT, 1, NOW)
    assert seconds == caught.value.retry_after


async def test_silence_and_closed_doors_are_unknown_outcomes(webhook: Webhook, listener: Listener) -> None:
    """Nobody there, or nobody who answers in time; the error tells neither address nor secret."""
    listener.silent.clear()
    for url in (f"{listener.url}?token=canary", "http://127.0.0.1:1/?token=canary"):
        with pytest.raises(OutcomeUnknown) as caught:
            await webhook(url, call_seconds=0.2).deliver(ALERT, 1, NOW)
        assert (False, None) == ("canary" in str(caught.value), caught.value.__cause__)


async def test_an_answer_without_end_is_not_read(webhook: Webhook, listener: Listener) -> None:
    """The status is all that counts."""
    listener.answers = [web.Response(status=200, body=b"x" * 10_000_000)]
    await webhook(listener.url).deliver(ALERT, 1, NOW)
    assert 1 == len(listener.calls)
