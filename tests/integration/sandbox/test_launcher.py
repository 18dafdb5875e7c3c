"""`python -m sandbox --no-bot` as a person starts it: a process, its lines, its exit codes, its directory."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

FREE_PORTS = tuple(f"--{name}-port=0" for name in ("chat", "telegram", "sheets", "exchange", "prices"))
LAST_LINE = "People"


@dataclass
class Running:
    """A started sandbox and what it has printed until its servers listened."""

    process: "subprocess.Popen[str]"
    lines: list[str] = field(default_factory=list)

    def url(self, name: str) -> str:
        line = next(line for line in self.lines if line.startswith(name))
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found is not None
        return found[0]

    def call(self, url: str, body: object = None, method: str | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(url, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310
        with urlopen(request, timeout=20) as answer:  # noqa: S310
            return json.load(answer)

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[str, str, int]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        return out, err, self.process.returncode


def start(
    data_dir: Path, *arguments: str, cwd: Path | None = None, **environment: str
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--data-dir", str(data_dir), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env=os.environ | environment,
    )


@contextmanager
def running(
    data_dir: Path, *arguments: str, cwd: Path | None = None, **environment: str
) -> Iterator[Running]:
    process = start(data_dir, *FREE_PORTS, *arguments, cwd=cwd, **environment)
    started = Running(process)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            started.lines.append(line.rstrip("\n"))
            if line.startswith(LAST_LINE):
                break
        yield started
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=30)


def refused(data_dir: Path, *arguments: str) -> str:
    """The one line with which a start is refused."""
    process = start(data_dir, "--no-bot", *FREE_PORTS, *arguments)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 2, (out, err)
    assert err.count("\n") == 1
    assert not [line for line in out.splitlines() if line.startswith("Chat page")]
    return err


def test_addresses_are_printed_once_the_servers_answer(tmp_path: Path) -> None:
    """One line a server, name and URL; each of them answers at once."""
    with running(tmp_path / "s", "--no-bot") as sandbox:
        assert re.fullmatch(r"Telegram   http://127\.0\.0\.1:\d+", sandbox.lines[0])
        assert re.fullmatch(r"Sheets     http://127\.0\.0\.1:\d+", sandbox.lines[1])
        assert re.fullmatch(r"Exchange   http://127\.0\.0\.1:\d+  key \w{18} secret \w{36}", sandbox.lines[2])
        assert re.fullmatch(r"Prices     http://127\.0\.0\.1:\d+", sandbox.lines[3])
        assert re.fullmatch(r"Chat page  http://127\.0\.0\.1:\d+  ← open this", sandbox.lines[4])
        assert all(name in sandbox.lines[5] for name in ("Anna (admin, 1001)", "Dora (stranger, 1004)"))
        assert sandbox.call(sandbox.url("Telegram") + "/sandbox/state")["pending"] == 0
        assert sandbox.call(sandbox.url("Sheets") + "/sandbox/counters")["reads"] == 0
        assert sandbox.call(sandbox.url("Exchange") + "/v5/market/time")["retMsg"] == "OK"
        assert sandbox.call(sandbox.url("Prices") + "/gold-api/price/XAU")["currency"] == "USD"
        with urlopen(sandbox.url("Chat page") + "/", timeout=20) as page:  # noqa: S310
            assert b"<!doctype html>" in page.read()


def open_stream(sandbox: Running) -> Any:
    return urlopen(sandbox.url("Chat page") + "/sandbox/events", timeout=20)  # noqa: S310


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_exit_code_0(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end it cleanly, also while an event stream is open."""
    with running(tmp_path / "s", "--no-bot") as sandbox, open_stream(sandbox) as stream:
        assert b"connected" in stream.readline()
        out, err, code = sandbox.end(number)
    assert (out, err, code) == ("", "", 0)


def test_a_second_start_goes_on_where_the_first_ended(tmp_path: Path) -> None:
    """Messages, sheet, the service account's key and what happened at the exchange outlive the process."""
    with running(tmp_path / "s", "--no-bot") as first:
        first.call(first.url("Chat page") + "/sandbox/send", {"user": 1001, "text": "hello"})
        edit = {"kind": "cell", "cell": "A2", "value": "mine"}
        first.call(first.url("Sheets") + "/sandbox/spreadsheets/demo-proxies/edit", edit)
        key = json.loads((tmp_path / "s/service-account.json").read_text())
        price = {"symbol": "BTCUSDT", "price": "12345"}
        first.call(first.url("Exchange") + "/sandbox/prices", price)
        first.end()
    with running(tmp_path / "s", "--no-bot") as second:
        messages = second.call(second.url("Chat page") + "/sandbox/chats/1001/messages")
        sheet = second.call(second.url("Chat page") + "/sheet")
        prices = second.call(second.url("Exchange") + "/sandbox/prices")
        new_key = json.loads((tmp_path / "s/service-account.json").read_text())
        assert [message["text"] for message in messages] == ["hello"]
        assert sheet["rows"][1][0] == "mine"
        assert prices["spot"]["BTCUSDT"]["last"] == "12345"
        assert new_key["private_key"] == key["private_key"]
        assert new_key["token_uri"] == second.url("Sheets") + "/token"


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    """The service account and the world, which holds its key, have mode 0600."""
    with running(tmp_path / "s", "--no-bot") as sandbox:
        sandbox.end()
    modes = {
        name: (tmp_path / "s" / name).stat().st_mode & 0o777
        for name in ("world.json", "service-account.json")
    }
    assert set(modes.values()) == {0o600}


def test_fresh_forgets_the_world_and_the_bots_data_and_says_so(tmp_path: Path) -> None:
    """After --fresh there are no messages and no bot data; the first line tells."""
    with running(tmp_path / "s", "--no-bot") as first:
        first.call(first.url("Chat page") + "/sandbox/send", {"user": 1001, "text": "hello"})
        first.end()
    (tmp_path / "s/bot").mkdir(exist_ok=True)
    (tmp_path / "s/bot/bot.db").write_text("old")
    with running(tmp_path / "s", "--no-bot", "--fresh") as second:
        assert "deleted" in second.lines[0]
        assert second.call(second.url("Chat page") + "/sandbox/chats/1001/messages") == []
        assert not (tmp_path / "s/bot/bot.db").exists()


def test_a_busy_port_is_named_and_nothing_is_done(tmp_path: Path) -> None:
    """Exit code 2, one line with the port and its option; --fresh has not deleted anything."""
    with running(tmp_path / "s", "--no-bot") as first:
        first.end()
    kept = (tmp_path / "s/world.json").read_bytes()
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        line = refused(tmp_path / "s", "--fresh", "--telegram-port", str(port))
    assert f"Port {port}" in line
    assert "--telegram-port" in line
    assert (tmp_path / "s/world.json").read_bytes() == kept


def test_two_sandboxes_never_share_a_directory(tmp_path: Path) -> None:
    """The second one is refused with a line that says what to do; the first goes on."""
    with running(tmp_path / "s", "--no-bot") as first:
        assert "--data-dir" in refused(tmp_path / "s")
        assert first.call(first.url("Telegram") + "/sandbox/state")["pending"] == 0


@pytest.mark.parametrize(
    "damage", ["{", "[]", '{"version": 1}', '{"version": 99}', '{"version": 1, "telegram": {}}']
)
def test_a_damaged_world_is_left_as_it_is(tmp_path: Path, damage: str) -> None:
    """A world that cannot be read stops the start with a hint at --fresh; the file is not overwritten."""
    (tmp_path / "s").mkdir()
    (tmp_path / "s/sandbox.lock").touch()
    (tmp_path / "s/world.json").write_text(damage)
    assert "--fresh" in refused(tmp_path / "s")
    assert (tmp_path / "s/world.json").read_text() == damage


def test_things_of_others_are_never_taken_for_its_own(tmp_path: Path) -> None:
    """A directory with somebody else's `bot` or service account is refused, --fresh or not."""
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot/precious.py").write_text("mine")
    assert "not made by the sandbox" in refused(tmp_path, "--fresh")
    assert (tmp_path / "bot/precious.py").read_text() == "mine"


def test_switches_reach_the_servers(tmp_path: Path) -> None:
    """--auth off serves without a token, --quota off without limits, --flood on with Telegram's; --latency, --seed."""
    switches = ("--auth", "off", "--quota", "off", "--latency", "5", "--seed", "9", "--flood", "on")
    with running(tmp_path / "s", "--no-bot", *switches) as sandbox:
        sheets = sandbox.url("Sheets")
        assert sandbox.call(f"{sheets}/v4/spreadsheets/demo-proxies/values/A1")["values"] == [["proxy"]]
        assert sandbox.call(f"{sheets}/sandbox/faults")["latency"]["ms"] == 5
        assert sandbox.call(f"{sandbox.url('Exchange')}/sandbox/faults")["latency"]["ms"] == 5
        assert sandbox.call(f"{sandbox.url('Exchange')}/sandbox/settings", {}, "PUT")["quota"] is False
        assert sandbox.call(f"{sandbox.url('Telegram')}/sandbox/faults")["seed"] == 9
        assert sandbox.call(f"{sandbox.url('Telegram')}/sandbox/settings", {}, "PUT")["flood"] is True
        for _ in range(70):
            sandbox.call(f"{sheets}/v4/spreadsheets/demo-proxies/values/A1")


def test_google_asks_for_a_token_by_default(tmp_path: Path) -> None:
    """Without --auth off an unsigned call gets Google's 401."""
    with running(tmp_path / "s", "--no-bot") as sandbox, pytest.raises(HTTPError) as refusal:
        sandbox.call(sandbox.url("Sheets") + "/v4/spreadsheets/demo-proxies/values/A1")
    with refusal.value:
        assert refusal.value.code == 401


# -- with a bot ---------------------------------------------------------------------------------------------

OBEDIENT_BOT = """
import json, os, signal, sys, time

def end(*_):
    print("bot ended well", flush=True)
    sys.exit(0)

signal.signal(signal.SIGTERM, end)
kept = {name: os.environ.get(name) for name in os.environ if name.isupper()}
json.dump([sys.argv[1:], kept], open(os.path.join(os.environ["DATA_DIR"], "started.json"), "w"))
print("bot is up", flush=True)
time.sleep(60)
"""


def write_bot(folder: Path, text: str) -> None:
    """A package `bot` that stands in for the real one when the sandbox is started in this folder."""
    (folder / "bot").mkdir()
    (folder / "bot/__init__.py").touch()
    (folder / "bot/__main__.py").write_text(text)


def test_the_bot_is_pointed_at_the_local_world_by_ordinary_settings(tmp_path: Path) -> None:
    """It gets the local addresses and nothing of a person's own settings; SIGTERM reaches it and is waited for."""
    write_bot(tmp_path, OBEDIENT_BOT)
    real = {"SHEET_TAB": "real", "WEBHOOK_URL": "https://real.example", "BOT_TOKEN": "real"}
    with running(tmp_path / "s", cwd=tmp_path, **real) as sandbox:
        assert sandbox.process.stdout is not None
        assert sandbox.process.stdout.readline() == "bot is up\n"
        arguments, environment = json.loads((tmp_path / "s/bot/started.json").read_text())
        out, err, code = sandbox.end()
    expected = {
        "TELEGRAM_API_URL": sandbox.url("Telegram"),
        "SHEETS_API_URL": sandbox.url("Sheets"),
        "BYBIT_API_URL": sandbox.url("Exchange"),
        "PRICES_API_URL": sandbox.url("Prices"),
        "SHEET_ID": "demo-proxies",
        "ADMIN_IDS": "1001",
        "ALLOWED_IDS": "1001,1002,1003",
        "GOOGLE_SERVICE_ACCOUNT": str(tmp_path / "s/service-account.json"),
        "DATA_DIR": str(tmp_path / "s/bot"),
        "ENV_FILE": "",
    }
    assert expected.items() <= environment.items()
    assert environment["BOT_TOKEN"] not in ("", "real")
    assert not {"SHEET_TAB", "WEBHOOK_URL"} & environment.keys()
    assert arguments == ["run"]
    assert out.splitlines()[-1] == "bot ended well"
    assert (err, code) == ("", 0)


def test_a_bot_that_ends_leaves_the_world_running(tmp_path: Path) -> None:
    """Its exit code is told in one line; the page can start it again; the sandbox still ends with 0."""
    write_bot(tmp_path, "raise SystemExit(3)")
    with running(tmp_path / "s", cwd=tmp_path) as sandbox:
        assert sandbox.process.stdout is not None
        assert "exit code 3" in sandbox.process.stdout.readline()
        page = sandbox.url("Chat page")
        assert sandbox.call(f"{page}/place")["bot"] == "ended"
        sandbox.call(f"{page}/bot/start", {})
        assert "exit code 3" in sandbox.process.stdout.readline()
        assert sandbox.end() == ("", "", 0)


def test_a_second_signal_does_not_wait_for_the_bot(tmp_path: Path) -> None:
    """A bot that ignores SIGTERM is killed when the person asks twice."""
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    write_bot(tmp_path, deaf)
    with running(tmp_path / "s", cwd=tmp_path) as sandbox:
        assert sandbox.process.stdout is not None
        assert sandbox.process.stdout.readline() == "up\n"
        sandbox.process.send_signal(signal.SIGINT)
        assert "bot" in sandbox.process.stdout.readline()
        out, err, code = sandbox.end(signal.SIGINT)
    assert (out, err, code) == ("", "", 0)
    assert (tmp_path / "s/world.json").exists()
