"""The settings of alerts, and what is wrong with them in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from key_support import ACCOUNT

from bot.settings import SettingsError, load_settings

SECRET = "sixteen letters!"


@pytest.fixture
def required(tmp_path: Path) -> dict[str, str]:
    """What has to be set at the least."""
    account = tmp_path / "account.json"
    account.write_text(json.dumps(ACCOUNT))
    account.chmod(0o600)
    return {
        "BOT_TOKEN": "123456789:" + "a" * 35,
        "ADMIN_IDS": "1",
        "SHEET_ID": "a" * 44,
        "GOOGLE_SERVICE_ACCOUNT": str(account),
    }


def test_by_default_admins_alone_are_warned(required: dict[str, str]) -> None:
    """Below five free ones, and nowhere else."""
    alerts = load_settings(required, None).alerts
    assert (5, None, None) == (alerts.low_stock, alerts.webhook_url, alerts.webhook_secret)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.org/a?token=b",
        "http://127.0.0.1:9/a",
        "http://[::1]:9/a",
        "http://localhost/a",
    ],
)
def test_an_address_and_its_secret_are_kept_from_the_log(required: dict[str, str], url: str) -> None:
    """Both may open a door."""
    settings = load_settings(
        {**required, "ALERT_WEBHOOK_URL": url, "ALERT_WEBHOOK_SECRET": SECRET, "LOW_STOCK": "0"}, None
    )
    assert {url, SECRET} <= set(settings.secrets())
    assert (False, False) == (url in repr(settings), SECRET in repr(settings))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"LOW_STOCK": "-1"}, "LOW_STOCK: is too small (got -1)"),
        ({"LOW_STOCK": "few"}, "LOW_STOCK: is not a whole number (got few)"),
        (
            {"ALERT_WEBHOOK_URL": "http://hooks.example.org/canary", "ALERT_WEBHOOK_SECRET": SECRET},
            "ALERT_WEBHOOK_URL: is not encrypted: http:// is for this machine only",
        ),
        (
            {"ALERT_WEBHOOK_URL": "http://127.0.0.1.example.org/canary", "ALERT_WEBHOOK_SECRET": SECRET},
            "ALERT_WEBHOOK_URL: is not encrypted",
        ),
        (
            {"ALERT_WEBHOOK_URL": "ftp://canary", "ALERT_WEBHOOK_SECRET": SECRET},
            "ALERT_WEBHOOK_URL: is not an https:// address",
        ),
        (
            {"ALERT_WEBHOOK_URL": "https://example.org/canary"},
            "ALERT_WEBHOOK_SECRET: is missing: what goes to ALERT_WEBHOOK_URL is signed with it",
        ),
        (
            {"ALERT_WEBHOOK_URL": "https://example.org/canary", "ALERT_WEBHOOK_SECRET": "canary"},
            "ALERT_WEBHOOK_SECRET: is too short to keep anybody from guessing it",
        ),
    ],
)
def test_a_mistake_is_named_and_no_secret_is_shown(
    required: dict[str, str], changes: dict[str, str], problem: str
) -> None:
    """Which setting, what is wrong; one line, and nothing of what may open a door."""
    with pytest.raises(SettingsError) as caught:
        load_settings({**required, **changes}, None)
    [found] = map(str, caught.value.problems)
    assert (True, False) == (found.startswith(problem), "canary" in found)
