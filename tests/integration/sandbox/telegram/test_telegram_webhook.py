"""The webhook of the sandbox: what setWebhook refuses, and how updates are delivered."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import aiohttp
import pytest
from aiogram import Dispatcher
from aiogram.methods import SendDocument, SendMessage
from aiogram.types import BufferedInputFile, Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web
from telegram_harness import ANNA, BORIS, Harness, running, serving
from webhook_receiver import Receiver, receiving

from bot.resilience.clock import ManualClock
from sandbox.telegram import TelegramWorld

SECRET = "a-Secret_1"
HOOK = "http://127.0.0.1:8080/hook"
BUSY = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@pytest.fixture
def pauses() -> ManualClock:
    """The clock of the pauses between attempts."""
    return ManualClock()


@pytest.fixture
async def telegram(pauses: ManualClock) -> AsyncIterator[Harness]:
    """A server whose pauses are ticked by hand."""
    async with running(pauses.sleep) as harness:
        yield harness


@pytest.fixture
async def receiver(telegram: Harness) -> AsyncIterator[Receiver]:
    """A program that is the bot's webhook."""
    async with receiving() as receiver:
        await telegram.result("setWebhook", url=receiver.url, secret_token=SECRET)
        yield receiver


async def until_waiting(telegram: Harness, count: int) -> None:
    """Return when that many updates wait to be delivered."""
    async with asyncio.timeout(10):
        while (await telegram.result("getWebhookInfo"))["pending_update_count"] != count:
            pass


async def until_failed(telegram: Harness, message: str) -> None:
    """Return when that was the last error of a delivery."""
    async with asyncio.timeout(10):
        while (await telegram.result("getWebhookInfo")).get("last_error_message") != message:
            pass


REFUSED = [
    ({"url": "nonsense"}, "invalid webhook URL specified"),
    ({"url": "ftp://127.0.0.1/hook"}, "invalid webhook URL specified"),
    ({"url": "http://127.0.0.1:x/hook"}, "invalid webhook URL specified"),
    ({"url": "http://bot.example/hook"}, "bad webhook: An HTTPS URL must be provided for webhook"),
    (
        {"url": "https://bot.example:8080/hook"},
        "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
    ),
    (
        {"url": "https://bot.example:8443/hook"},
        "bad webhook: this sandbox delivers to loopback addresses only",
    ),
    ({"url": "https://10.0.0.1/hook"}, "bad webhook: this sandbox delivers to loopback addresses only"),
    ({"url": HOOK, "secret_token": "a b"}, "secret token contains unallowed characters"),
    ({"url": HOOK, "secret_token": "ключ"}, "secret token contains unallowed characters"),
    ({"url": HOOK, "secret_token": "a" * 257}, "secret token is too long"),
    ({"url": HOOK, "allowed_updates": "message"}, "can't parse allowed updates JSON object"),
]


@pytest.mark.parametrize(("wish", "reason"), REFUSED)
async def test_what_the_real_service_refuses_is_refused(
    telegram: Harness, wish: dict[str, str], reason: str
) -> None:
    """In its words, and the former way of receiving stays."""
    assert f"Bad Request: {reason}" == await telegram.refusal("setWebhook", **wish)
    assert "" == (await telegram.result("getWebhookInfo"))["url"]


async def test_a_webhook_is_shown_without_its_secret(telegram: Harness) -> None:
    """getWebhookInfo tells address, kinds and connections; numbers out of bounds are brought within them."""
    for asked, had in ((None, 40), (0, 1), (7, 7), (1000, 100)):
        more = {} if asked is None else {"max_connections": asked}
        assert await telegram.result(
            "setWebhook", url=HOOK, secret_token=SECRET, allowed_updates=["message"], **more
        )
        assert {
            "url": HOOK,
            "has_custom_certificate": False,
            "pending_update_count": 0,
            "max_connections": had,
            "allowed_updates": ["message"],
        } == await telegram.result("getWebhookInfo")


async def test_polling_and_a_webhook_exclude_each_other(telegram: Harness) -> None:
    """409 while there is one, also for who was waiting when it came; deleting it lets poll again."""
    waiting = asyncio.create_task(telegram.refusal("getUpdates", timeout=30))
    await telegram.until_polling()
    await telegram.result("setWebhook", url=HOOK)
    assert "Conflict: terminated by setWebhook request" == await waiting
    assert f"Conflict: {BUSY}" == await telegram.refusal("getUpdates")
    await telegram.result("deleteWebhook")
    assert [] == await telegram.result("getUpdates")


async def test_updates_come_as_posts_with_the_secret(telegram: Harness, receiver: Receiver) -> None:
    """JSON, with the header; what was taken does not come again."""
    sent = await telegram.says("hello")
    await until_waiting(telegram, 0)
    [update] = receiver.came
    assert (sent["update_id"], "hello") == (update["update_id"], update["message"]["text"])
    [headers] = receiver.headers
    assert SECRET == headers["X-Telegram-Bot-Api-Secret-Token"]
    assert "application/json" == headers["Content-Type"]


async def test_what_waited_comes_unless_it_was_dropped(telegram: Harness) -> None:
    """Updates from before the webhook are delivered to it; drop_pending_updates forgets them."""
    async with receiving() as receiver:
        await telegram.says("dropped")
        await telegram.result("setWebhook", url=receiver.url, drop_pending_updates=True)
        await telegram.result("deleteWebhook")
        await telegram.says("kept")
        await telegram.result("setWebhook", url=receiver.url)
        await until_waiting(telegram, 0)
        assert ["kept"] == receiver.texts()


async def test_a_failure_is_repeated_with_growing_pauses(
    telegram: Harness, receiver: Receiver, pauses: ManualClock
) -> None:
    """At once, then after 2, 4, 8 … seconds, until it is taken; the last error is shown."""
    receiver.answers.extend(web.Response(status=status) for status in (500, 302, 404, 503))
    await telegram.says("again")
    await receiver.has(2)
    for seconds, count in ((2, 3), (4, 4), (8, 5)):
        await until_failed(telegram, f"Wrong response from the webhook: {_reason(count)}")
        await pauses.tick(seconds - 0.5)
        assert count - 1 == len(receiver.came)
        await pauses.tick(0.5)
        await receiver.has(count)
    await until_waiting(telegram, 0)
    assert ["again"] * 5 == receiver.texts()


def _reason(attempt: int) -> str:
    """How the attempt before that one was answered."""
    return {3: "302 Found", 4: "404 Not Found", 5: "503 Service Unavailable"}[attempt]


async def test_who_asks_for_time_gets_it(telegram: Harness, receiver: Receiver, pauses: ManualClock) -> None:
    """Retry-After is waited for, and not shortened."""
    receiver.answers.append(web.Response(status=503, headers={"Retry-After": "30"}))
    await telegram.says("later")
    await until_failed(telegram, "Wrong response from the webhook: 503 Service Unavailable")
    await pauses.tick(29)
    assert 1 == len(receiver.came)
    await pauses.tick(1)
    await receiver.has(2)


async def test_no_answer_counts_as_a_failure(
    telegram: Harness, receiver: Receiver, pauses: ManualClock
) -> None:
    """After a minute the update comes again, while the first one may still be at work."""
    receiver.gates["slow"] = asyncio.Event()
    await telegram.says("slow")
    await receiver.has(1)
    await pauses.tick(60)
    await until_failed(telegram, "Read timeout expired")
    await receiver.has(2)


async def test_nobody_there_counts_as_a_failure(telegram: Harness, pauses: ManualClock) -> None:
    """What waits is delivered once the program listens again."""
    async with receiving() as receiver:
        await telegram.result("setWebhook", url=receiver.url)
    await telegram.says("anybody?")
    await until_failed(telegram, "Connection refused")
    async with receiving() as receiver:
        await telegram.result("setWebhook", url=receiver.url)
        await until_waiting(telegram, 0)
        assert ["anybody?"] == receiver.texts()


async def test_a_chat_keeps_its_order_and_others_do_not_wait(telegram: Harness, receiver: Receiver) -> None:
    """The next message of a chat comes when the one before was taken; meanwhile other chats go on."""
    receiver.gates["first"] = asyncio.Event()
    for text in ("first", "second", "third"):
        await telegram.says(text)
    await telegram.says("beside", user=BORIS)
    await receiver.has(2)
    assert {"first", "beside"} == set(receiver.texts())
    receiver.gates["first"].set()
    await until_waiting(telegram, 0)
    assert ["first", "second", "third"] == [text for text in receiver.texts() if text != "beside"]


async def test_no_more_come_at_once_than_wanted(telegram: Harness, receiver: Receiver) -> None:
    """max_connections bounds what is under way."""
    await telegram.result("setWebhook", url=receiver.url, max_connections=2)
    texts = [f"from {user}" for user in range(5000, 5005)]
    receiver.gates.update((text, asyncio.Event()) for text in texts)
    for user, text in enumerate(texts, 5000):
        telegram.world.add_user("Somebody", user_id=user)
        await telegram.says(text, user=user)
    seen = set()
    for count in range(2, 6):
        await receiver.has(count)
        assert (count, 2) == (len(receiver.came), receiver.present)
        open_now = next(text for text in receiver.texts() if text not in seen)
        seen.add(open_now)
        receiver.gates[open_now].set()
    for gate in receiver.gates.values():
        gate.set()
    await until_waiting(telegram, 0)


async def test_an_answer_may_call_one_method(telegram: Harness, receiver: Receiver) -> None:
    """It is carried out; not so methods that only ask, or that change the webhook, and no nonsense either."""
    bodies: list[object] = [
        {"method": "sendMessage", "chat_id": ANNA, "text": "as an answer"},
        {"method": "deleteWebhook"},
        {"method": "getMe"},
        {"method": "sendMessage", "chat_id": 4, "text": "to nobody"},
        {"method": "danceTango"},
        {"method": 5},
        ["sendMessage"],
    ]
    receiver.answers.extend(web.json_response(body) for body in bodies)
    for number in range(len(bodies)):
        await telegram.says(f"{number}")
    await until_waiting(telegram, 0)
    assert receiver.url == (await telegram.result("getWebhookInfo"))["url"]
    assert ["as an answer"] == await _said(telegram)
    calls = await telegram.control("GET", "calls")
    assert ({"200": 1, "400": 1}, {"404": 2}) == (calls["sendMessage"], calls["unknown"])
    assert not {"deleteWebhook", "getMe"} & calls.keys()


@pytest.mark.parametrize("background", [True, False])
async def test_aiogram_behind_its_own_webhook(telegram: Harness, background: bool) -> None:
    """The real client as witness: its handler is called once, and what it returns arrives, a file as well."""
    dispatcher, bot, app = Dispatcher(), telegram.bot(), web.Application()

    async def reply(message: Message) -> SendDocument | SendMessage:
        if message.text == "file":
            return message.answer_document(BufferedInputFile(b"a,b", "list.csv"), caption="a list")
        return message.answer(f"you said <{message.text}>")

    dispatcher.message.register(reply)
    handler = SimpleRequestHandler(dispatcher, bot, handle_in_background=background, secret_token=SECRET)
    handler.register(app, "/hook")
    async with serving(app) as url:
        await bot.set_webhook(f"{url}/hook", secret_token=SECRET, allowed_updates=["message"])
        for text in ("hello", "file"):
            await telegram.says(text)
        await until_waiting(telegram, 0)
        async with asyncio.timeout(10):
            while len(said := await _said(telegram)) < 2:
                pass
        info = await bot.get_webhook_info()
    await bot.session.close()
    assert (["you said <hello>", "a list"], f"{url}/hook") == (sorted(said, reverse=True), info.url)
    assert info.last_error_message is None


async def _said(telegram: Harness) -> list[str]:
    """What the bot wrote to Anna."""
    messages = await telegram.control("GET", f"chats/{ANNA}/messages")
    return [message["text"] for message in messages if message["from"]["is_bot"]]


async def test_an_answer_may_be_a_form(telegram: Harness, receiver: Receiver) -> None:
    """Urlencoded, as JSON and multipart are."""
    form = {"method": "SENDMESSAGE", "chat_id": f"{ANNA}", "text": "as a form"}
    receiver.answers.append(
        web.Response(text=urlencode(form), content_type="application/x-www-form-urlencoded")
    )
    await telegram.says("hello")
    await until_waiting(telegram, 0)
    assert ["as a form"] == await _said(telegram)


async def test_an_update_can_be_repeated_and_made_up(telegram: Harness, receiver: Receiver) -> None:
    """Redelivered ones come again under their number; others in whatever shape."""
    sent = await telegram.says("once")
    await until_waiting(telegram, 0)
    await telegram.control("POST", "redeliver", {"update_id": sent["update_id"]})
    await receiver.has(2)
    made_up = await telegram.control("POST", "raw", {"news": [1]})
    await until_waiting(telegram, 0)
    assert [sent["update_id"]] * 2 + [made_up["update_id"]] == [u["update_id"] for u in receiver.came]


async def test_a_repeat_asked_for_on_the_way_comes_too(telegram: Harness, receiver: Receiver) -> None:
    """Each time it is asked for while a delivery is under way, the first one and a repeat."""
    receiver.gates["hold"] = asyncio.Event()
    sent = await telegram.says("hold")
    for count in (1, 2):
        await receiver.has(count)
        await telegram.control("POST", "redeliver", {"update_id": sent["update_id"]})
        receiver.gates["hold"].set()
    await until_waiting(telegram, 0)
    assert ["hold"] * 3 == receiver.texts()


async def test_the_same_webhook_again_changes_nothing(
    telegram: Harness, receiver: Receiver, pauses: ManualClock
) -> None:
    """A restarted bot sets it anew: what is under way goes on, and pauses are not cut short."""
    receiver.answers.extend(web.Response(status=status) for status in (500, 503))
    await telegram.says("patience")
    await until_failed(telegram, "Wrong response from the webhook: 503 Service Unavailable")
    await telegram.result("setWebhook", url=receiver.url, secret_token=SECRET)
    await pauses.tick(1)
    assert 2 == len(receiver.came)
    await pauses.tick(1)
    await receiver.has(3)


async def test_a_webhook_outlives_the_server(telegram: Harness) -> None:
    """It is saved with the world; a world from before there were webhooks has none."""
    await telegram.result("setWebhook", url=HOOK, secret_token=SECRET, max_connections=3)
    saved, other = telegram.world.dump(), TelegramWorld()
    other.load(saved)
    assert (HOOK, SECRET, 3) == (other.webhook.url, other.webhook.secret, other.webhook.max_connections)
    other.load({name: value for name, value in saved.items() if name != "webhook"})
    assert "" == other.webhook.url


async def test_the_server_ends_while_a_delivery_is_under_way() -> None:
    """It does not wait for a program that never answers."""
    async with receiving() as receiver:
        receiver.gates["stuck"] = asyncio.Event()
        async with asyncio.timeout(10), running() as telegram:
            await telegram.result("setWebhook", url=receiver.url)
            await telegram.says("stuck")
            await receiver.has(1)
        with pytest.raises(aiohttp.ClientError):
            await aiohttp.request("GET", telegram.url).__aenter__()
