"""The settings of the webhook, and what is wrong with them in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from key_support import ACCOUNT

from bot.settings import SettingsError, load_settings

SECRET = "canary-Secret_1"
URL = "https://bot.example.org/updates"


@pytest.fixture
def required(tmp_path: Path) -> dict[str, str]:
    """What has to be set at the least."""
    account = tmp_path / "account.json"
    account.write_text(json.dumps(ACCOUNT))
    return {
        "BOT_TOKEN": "123456789:" + "a" * 35,
        "ADMIN_IDS": "1",
        "SHEET_ID": "a" * 44,
        "GOOGLE_SERVICE_ACCOUNT": str(account),
    }


def test_by_default_there_is_no_webhook(required: dict[str, str]) -> None:
    """And nothing but this machine would reach the bot if there were one."""
    telegram = load_settings(required, None).telegram
    assert (None, None) == (telegram.webhook_url, telegram.webhook_secret)
    assert ("127.0.0.1", 8080) == (telegram.webhook_host, telegram.webhook_port)


@pytest.mark.parametrize("port", ["", ":443", ":80", ":88", ":8443"])
def test_telegram_is_given_an_address_and_a_secret(required: dict[str, str], port: str) -> None:
    """At the ports that it calls; the secret is masked in the log, and in the settings as Python shows them."""
    url = f"https://bot.example.org{port}/updates?of=bot"
    settings = load_settings({**required, "WEBHOOK_URL": url, "WEBHOOK_SECRET": SECRET}, None)
    assert url == settings.telegram.webhook_url
    assert (True, False) == (SECRET in settings.secrets(), SECRET in repr(settings))


def test_a_secret_that_can_be_guessed_is_allowed_and_told(required: dict[str, str]) -> None:
    """Telegram takes one of a single character; the bot says what it thinks of it, and does not quote it."""
    Path(required["GOOGLE_SERVICE_ACCOUNT"]).chmod(0o600)
    for secret, told in (("x", 1), ("y" * 15, 1), ("z" * 16, 0)):
        settings = load_settings({**required, "WEBHOOK_URL": URL, "WEBHOOK_SECRET": secret}, None)
        warnings = settings.warnings()
        assert told == len([line for line in warnings if line.startswith("WEBHOOK_SECRET: is short")])
        assert told == len(warnings)


@pytest.mark.parametrize(
    "api_url",
    [
        "http://127.0.0.1:8091",
        "http://localhost:8081",
        "http://[::1]:1",
        "http://10.1.2.3",
        "http://botapi:8081",
    ],
)
def test_a_server_of_ones_own_takes_any_address(required: dict[str, str], api_url: str) -> None:
    """Plain HTTP and every port, as the real one does in its local mode."""
    changes = {"TELEGRAM_API_URL": api_url, "WEBHOOK_URL": "http://127.0.0.1:9000/", "WEBHOOK_SECRET": SECRET}
    assert "http://127.0.0.1:9000/" == load_settings({**required, **changes}, None).telegram.webhook_url


@pytest.mark.parametrize(
    ("written", "read"),
    [("0.0.0.0", "0.0.0.0"), ("::1", "::1"), ("[::1]", "::1"), ("localhost", "localhost")],  # noqa: S104
)
def test_where_to_listen_is_an_address_or_a_name(required: dict[str, str], written: str, read: str) -> None:
    """Numbers of both families, and names."""
    assert read == load_settings({**required, "WEBHOOK_HOST": written}, None).telegram.webhook_host


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"WEBHOOK_URL": "bot.example.org"}, "WEBHOOK_URL: is not an https:// address (got bot.example.org)"),
        ({"WEBHOOK_URL": "https://"}, "WEBHOOK_URL: is not an https:// address"),
        ({"WEBHOOK_URL": "https://bot.example.org:x/"}, "WEBHOOK_URL: is not an address"),
        (
            {"WEBHOOK_URL": "http://bot.example.org/"},
            "WEBHOOK_URL: is not encrypted: http:// is for a Bot API server of your own",
        ),
        (
            {"WEBHOOK_URL": "https://bot.example.org:8080/"},
            "WEBHOOK_URL: has a port that Telegram does not call (got https://bot.example.org:8080/); expected an",
        ),
        (
            {"TELEGRAM_API_URL": "https://api.example.org", "WEBHOOK_URL": "http://127.0.0.1/"},
            "WEBHOOK_URL: is not encrypted",
        ),
        ({"WEBHOOK_URL": "https://me:canary@bot.example.org/"}, "WEBHOOK_URL: holds a user name"),
        ({"WEBHOOK_URL": f"{URL}#top"}, "WEBHOOK_URL: holds a #"),
        ({"WEBHOOK_URL": "https://bot.example.org/health"}, "WEBHOOK_URL: has /health as its path"),
        (
            {"WEBHOOK_SECRET": ""},
            "WEBHOOK_SECRET: is missing: without it anybody could send updates to WEBHOOK_URL; expected 1 to 256",
        ),
        ({"WEBHOOK_SECRET": "canary canary"}, "WEBHOOK_SECRET: has a character that Telegram does not allow"),
        ({"WEBHOOK_SECRET": "canary+/="}, "WEBHOOK_SECRET: has a character that Telegram does not allow"),
        ({"WEBHOOK_SECRET": "ключ-canary"}, "WEBHOOK_SECRET: has a character that Telegram does not allow"),
        ({"WEBHOOK_SECRET": "canary" * 43}, "WEBHOOK_SECRET: is too long"),
        ({"WEBHOOK_HOST": "http://127.0.0.1"}, "WEBHOOK_HOST: is not the address of a network interface"),
        ({"WEBHOOK_HOST": "127.0.0.1:8080"}, "WEBHOOK_HOST: is not the address of a network interface"),
        ({"WEBHOOK_PORT": "0"}, "WEBHOOK_PORT: is too small (got 0)"),
        ({"WEBHOOK_PORT": "65536"}, "WEBHOOK_PORT: is too large"),
        ({"WEBHOOK_PORT": "http"}, "WEBHOOK_PORT: is not a whole number"),
    ],
)
def test_a_mistake_is_named_in_one_line_without_the_secret(
    required: dict[str, str], changes: dict[str, str], problem: str
) -> None:
    """Which setting, what is wrong with it, and what it should be like."""
    given = {**required, "WEBHOOK_URL": URL, "WEBHOOK_SECRET": SECRET, **changes}
    with pytest.raises(SettingsError) as caught:
        load_settings(given, None)
    [found] = map(str, caught.value.problems)
    assert (problem, False) == (found[: len(problem)], "canary" in found)
