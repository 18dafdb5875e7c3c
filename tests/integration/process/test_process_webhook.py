"""The bot as a process that Telegram brings its updates to: the same promises as when it polls."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError

import pytest
from aiohttp.test_utils import unused_port
from bot_process import BotProcess
from local_world import call, until
from process_desk import COLD, WARM, ProcessDesk

CROWD = 20
SECRET = "Kanarien-Secret_of-the-webhook"
CANNOT_START = 1
WRONG_SETTINGS = 2


@dataclass
class HookedDesk:
    """A desk whose bot listens on `port`."""

    desk: ProcessDesk
    port: int

    @property
    def settings(self) -> dict[str, str]:
        """What makes it a webhook."""
        return {
            "WEBHOOK_URL": f"http://127.0.0.1:{self.port}/from/telegram",
            "WEBHOOK_SECRET": SECRET,
            "WEBHOOK_PORT": str(self.port),
            "LOG_LEVEL": "DEBUG",
        }

    def start(self, **changed: str) -> BotProcess:
        """Start the bot and wait until updates are brought to it."""
        bot = self.desk.start(WARM, **self.settings, **changed)
        until(lambda: self.desk.telegram.state()["webhook"])
        return bot

    def health(self) -> tuple[int, Any]:
        """What `/health` says."""
        try:
            return 200, call(f"http://127.0.0.1:{self.port}/health")
        except HTTPError as error:
            with error:
                return error.code, None

    def method(self, name: str) -> Any:
        """Call a method of the Bot API, as the owner of the token can."""
        return call(f"{self.desk.telegram.url}/bot{self.desk.telegram.token}/{name}")["result"]


@pytest.fixture
def hooked(desk: ProcessDesk) -> Iterator[HookedDesk]:
    """A desk of forty proxies, whose bot is not started yet; in the end nobody has written down the secret."""
    hooked = HookedDesk(desk, unused_port())
    yield hooked
    for bot in desk.bots:
        bot.kill()
    hooked.method("deleteWebhook")
    files = [path for path in desk.folder.rglob("*") if path.is_file()]
    assert [] == [path.name for path in files if SECRET.encode() in path.read_bytes()]


def test_a_crowd_is_served_and_a_stop_loses_nothing(hooked: HookedDesk) -> None:
    """Twenty takes are answered once each; SIGTERM with twenty more in flight: answered too, exit code 0."""
    desk = hooked.desk
    first, second = desk.people(CROWD), desk.people(CROWD)
    polls = desk.telegram.calls("getUpdates")
    bot = hooked.start()
    desk.all_send(first, "/take site1")
    for person in first:
        desk.telegram.answers(person)
    status, body = hooked.health()
    assert (200, "up", "webhook", 0) == (status, body["status"], body["mode"], body["refused"])
    assert polls == desk.telegram.calls("getUpdates")

    desk.sheets.slow_down(600)
    desk.all_send(second, "/take site2")
    until(lambda: desk.telegram.state()["pending"] == 0)
    assert bot.stop() == 0
    desk.sheets.heal()
    hooked.start()
    desk.come_to_rest()
    for site, crowd in (("site1", first), ("site2", second)):
        assert [1] * CROWD == [len(desk.telegram.texts(person)) for person in crowd]
        desk.check_promises(site, crowd)
    assert desk.bot.stop() == 0


def test_a_kill_loses_nothing_and_doubles_nothing(hooked: HookedDesk) -> None:
    """`kill -9` with a crowd in flight, then everything is delivered a second time to the next start."""
    desk = hooked.desk
    crowd = desk.people(CROWD)
    bot = hooked.start()
    desk.sheets.slow_down(300)
    desk.all_send(crowd, "/take site1")
    until(lambda: desk.telegram.calls("sendChatAction"))
    bot.kill()
    last = desk.telegram.state()["next_update_id"]
    for update_id in range(last - CROWD, last):
        desk.telegram.control("POST", "redeliver", {"update_id": update_id})
    desk.sheets.heal()
    hooked.port = unused_port()  # a new address is called at once; the old one only after a pause
    hooked.start()
    for person in crowd:
        desk.telegram.answers(person)
    desk.come_to_rest()
    desk.check_promises("site1", crowd)
    assert CROWD == len(desk.issued("site1"))
    assert desk.bot.stop() == 0


def test_a_bot_may_go_back_to_polling(hooked: HookedDesk) -> None:
    """Without WEBHOOK_URL the next start deletes the webhook and gets what waited for it."""
    desk = hooked.desk
    anna = desk.person()
    assert hooked.start().stop() == 0
    desk.telegram.send(anna, "/take site1")
    desk.start()
    desk.telegram.answers(anna)
    assert "" == hooked.method("getWebhookInfo")["url"]
    assert desk.bot.stop() == 0


def test_a_port_in_use_is_told_in_one_line(hooked: HookedDesk) -> None:
    """Exit code 1, the port and the setting; Telegram has heard of nothing."""
    with socket.create_server(("127.0.0.1", hooked.port)):
        bot = hooked.desk.launch(COLD, **hooked.settings | {"LOG_LEVEL": "INFO"})
        assert bot.ended() == CANNOT_START
    [line] = [record for record in bot.log if record["level"] == "error"]
    assert f"Port {hooked.port} is in use" in line["event"]
    assert "WEBHOOK_PORT" in line["event"]
    assert "" == hooked.desk.telegram.state()["webhook"]


def test_a_webhook_without_a_secret_does_not_start(hooked: HookedDesk) -> None:
    """Exit code 2: anybody could send updates to it."""
    bot = hooked.desk.launch(COLD, **hooked.settings | {"WEBHOOK_SECRET": ""})
    assert bot.ended() == WRONG_SETTINGS
    assert "WEBHOOK_SECRET" in "\n".join(bot.lines)
