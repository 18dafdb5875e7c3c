"""The webhook over a real socket, from setWebhook to the last answer: what only it can get wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiogram import Dispatcher
from cryptography.fernet import Fernet
from intake_desk import HOOK_PATH, SECRET, IntakeDesk, Life
from structlog.testing import capture_logs
from telegram_bench import telegram_bench

from bot.errors import PeerRefused, PeerUnavailable
from bot.gateways.telegram import TelegramUpdates, WebhookAddress
from bot.resilience.clock import ManualClock
from bot.web.webhook import SECRET_HEADER

CANARY = "canary-Xq7-secret"


@pytest.fixture
def pauses() -> ManualClock:
    """The clock by which Telegram waits before it tries again."""
    return ManualClock()


@pytest.fixture
async def desk(tmp_path: Path, pauses: ManualClock) -> AsyncIterator[IntakeDesk]:
    """A desk that nobody has started yet."""
    async with telegram_bench(sleep=pauses.sleep) as telegram:
        yield IntakeDesk(telegram, tmp_path / "bot.db", Fernet.generate_key().decode(), "webhook")


async def post(desk: IntakeDesk, life: Life, body: object, secret: str = SECRET) -> int:
    """Somebody posts to the bot; the status of its answer."""
    headers = {SECRET_HEADER: secret}
    async with desk.telegram.client.post(life.url, json=body, headers=headers) as answer:
        return answer.status


async def until_accepting(life: Life) -> None:
    """Return when the start is over."""
    async with asyncio.timeout(10):
        while not life.intake.accepting:
            await asyncio.sleep(0)


async def until_failed(desk: IntakeDesk) -> str:
    """The last error of a delivery, as getWebhookInfo shows it."""
    async with asyncio.timeout(10):
        while not (message := (await desk.telegram.bot.get_webhook_info()).last_error_message):
            pass
    return message


async def test_telegram_learns_where_and_what(desk: IntakeDesk) -> None:
    """Address, the kinds that there are handlers for, how many at once; and it brings the secret along."""
    async with desk.life() as life:
        await desk.send("hello")
        await desk.has({"hello"})
        info = await desk.telegram.bot.get_webhook_info()
        assert (life.url, 40, ["message"]) == (info.url, info.max_connections, info.allowed_updates)
        assert SECRET == desk.telegram.world.webhook.secret
        await life.intake.stop()
    assert "" != (await desk.telegram.bot.get_webhook_info()).url  # it is kept for the next start


async def test_strangers_change_nothing(desk: IntakeDesk) -> None:
    """401 for an update that looks right, over and over; Telegram's own go on."""
    forged = {"update_id": 1, "message": {"text": CANARY}}
    with capture_logs() as logs:
        async with desk.life() as life:
            await until_accepting(life)
            for secret in ("", "wrong", SECRET[:-1], "ключ"):
                assert 401 == await post(desk, life, forged, secret)
            await desk.send("hello")
            await desk.has({"hello"})
            await life.intake.stop()
            assert (1, 4) == (life.intake.stats().received, (await life.health(desk))[1]["refused"])
    assert not [word for word in (CANARY, SECRET, desk.telegram.bot.token) if word in str(logs)]


async def test_what_is_no_update_leaves_no_trace(desk: IntakeDesk) -> None:
    """400, and nothing is stored."""
    async with desk.life() as life:
        await until_accepting(life)
        for body in ([], {}, None, "text", {"update_id": "1"}, [{"update_id": 1}]):
            assert 400 == await post(desk, life, body)
        assert (0, None) == (life.intake.stats().received, await life.inbox.last_update_id())
        await life.intake.stop()


async def test_a_full_disk_asks_for_it_again(desk: IntakeDesk, pauses: ManualClock) -> None:
    """503, which Telegram notes and repeats."""
    desk.failures = 3
    async with desk.life() as life:
        await desk.send("again")
        assert "Wrong response from the webhook: 503 Service Unavailable" == await until_failed(desk)
        await desk.ticked_until(pauses, lambda: desk.effects)
        await life.intake.stop()
    assert 0 == desk.failures


async def test_a_bot_that_stops_sends_updates_away_until_the_next_start(desk: IntakeDesk) -> None:
    """503 and an unhealthy /health while handlers end; the next start gets what came meanwhile."""
    gate = asyncio.Event()
    desk.gate = lambda _: gate.wait()
    await desk.send("running")
    async with desk.life() as life:
        await desk.begins(1)
        status, body = await life.health(desk)
        assert (200, "up", 0) == (status, body["status"], body["inbox"])
        stopping = asyncio.create_task(life.intake.stop())
        await asyncio.sleep(0)
        assert 503 == await post(desk, life, {"update_id": 1})
        await desk.send("later")
        assert (await until_failed(desk)).startswith("Wrong response from the webhook: 503")
        status, body = await life.health(desk)
        assert (503, "stopping") == (status, body["status"])
        gate.set()
        await asyncio.wait_for(stopping, 10)
        assert desk.effects.keys() == {"running"}
    async with desk.life() as life:
        await desk.has({"later"})
        await life.intake.stop()
    assert {"running": 1, "later": 1} == desk.effects


async def test_a_crowd_is_taken_at_once(desk: IntakeDesk) -> None:
    """Two hundred people write while the bot is away: each is heard once."""
    crowd = range(1000, 1200)
    for person in crowd:
        desk.telegram.world.add_user("Somebody", user_id=person)
        await desk.send(f"from {person}", user=person)
    async with desk.life() as life:
        await desk.has({f"from {person}" for person in crowd})
        await desk.confirmed()
        await life.intake.stop()
    assert {1} == set(desk.effects.values())
    assert len(crowd) == len(desk.order)


async def test_a_webhook_from_before_does_not_keep_a_polling_bot_from_its_updates(desk: IntakeDesk) -> None:
    """It is deleted at the start, and what waits for it is not."""
    await desk.telegram.bot.set_webhook("http://127.0.0.1:9/nobody")
    await desk.send("hello")
    desk.way = "polling"
    async with desk.life() as life:
        await desk.has({"hello"})
        await life.intake.stop()
    assert "" == (await desk.telegram.bot.get_webhook_info()).url


async def test_a_webhook_that_telegram_refuses_is_named(desk: IntakeDesk) -> None:
    """In Telegram's words, and without the secret."""
    address = WebhookAddress("https://bot.example.org:8080/hook", SECRET)
    with pytest.raises(PeerRefused, match="only on ports 80, 88, 443 or 8443") as caught:
        await TelegramUpdates(desk.telegram.bot, Dispatcher(), lambda _: True, address).register()
    assert 400 == caught.value.status
    assert SECRET not in f"{caught.value} {address}"


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:9/hook"])
async def test_a_telegram_that_is_down_may_be_asked_again(desk: IntakeDesk, url: str) -> None:
    """To set a webhook and to delete one."""
    desk.telegram.faults.set({"rules": [{"kind": "status", "status": 502, "path": "Webhook", "times": 1}]})
    address = WebhookAddress(url, SECRET) if url else None
    updates = TelegramUpdates(desk.telegram.bot, Dispatcher(), lambda _: True, address)
    with pytest.raises(PeerUnavailable):
        await updates.register()
    await updates.register()
    assert url == (await desk.telegram.bot.get_webhook_info()).url


async def test_nothing_of_what_is_stored_can_be_read_by_others(desk: IntakeDesk) -> None:
    """What was brought lies encrypted on the disk, as what was fetched."""
    gate = asyncio.Event()
    desk.gate = lambda _: gate.wait()
    await desk.send(CANARY)
    async with desk.life() as life:
        await desk.begins(1)
        await desk.confirmed()
        files = list(desk.path.parent.glob(f"{desk.path.name}*"))
        assert not [file for file in files if CANARY.encode() in file.read_bytes()]
        gate.set()
        await life.intake.stop()


async def test_who_goes_away_early_is_heard_all_the_same(desk: IntakeDesk) -> None:
    """A caller who does not wait for the answer leaves no update that is stored and not carried out."""
    body = b'{"update_id": 1, "message": {"message_id": 1, "date": 1, "text": "hasty", '
    body += b'"chat": {"id": 7, "type": "private"}, "from": {"id": 7, "is_bot": false, "first_name": "A"}}}'
    async with desk.life() as life:
        await until_accepting(life)
        _, writer = await asyncio.open_connection("127.0.0.1", life.port)
        head = f"POST {HOOK_PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(body)}\r\n{SECRET_HEADER}: {SECRET}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()
        await desk.has({"hasty"})
        await life.left_open(0)
        await life.intake.stop()


async def test_the_port_is_free_again_at_the_end(desk: IntakeDesk) -> None:
    """Nobody is answered by a bot that has ended."""
    async with desk.life() as life:
        await until_accepting(life)
        await life.intake.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await life.health(desk)
