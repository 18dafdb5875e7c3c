"""The settings of the market desk, and what is wrong with them in words."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from key_support import ACCOUNT

from bot.settings import SettingsError, load_settings

COINCAP = "coincap-canary-key"


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


def test_by_default_sources_without_a_key_are_asked_at_their_own_addresses(required: dict[str, str]) -> None:
    """All metals' sources, all coins' but CoinCap; scrap of gold is paid at 90 %."""
    markets = load_settings(required, None).markets
    assert markets.metal_sources == ("gold-api", "swissquote", "yahoo", "paxg")
    assert markets.coin_sources == ("binance", "coinpaprika", "coingecko", "bybit")
    assert (markets.coincap_key, markets.prices_url, markets.gold_buy) == (None, None, Decimal("0.90"))


def test_sources_stand_in_the_order_given(required: dict[str, str]) -> None:
    """In any case, once each; CoinCap's key is kept from the log."""
    chosen = {"METAL_SOURCES": "PAXG, yahoo,paxg", "COIN_SOURCES": "coincap", "COINCAP_KEY": COINCAP}
    settings = load_settings(required | chosen, None)
    assert settings.markets.metal_sources == ("paxg", "yahoo")
    assert settings.markets.coin_sources == ("coincap",)
    assert COINCAP in settings.secrets()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"COIN_SOURCES": "binance, coincap"}, "COINCAP_KEY: is missing: COIN_SOURCES names coincap"),
        ({"COINCAP_KEY": "canary"}, "COINCAP_KEY: is too short"),
        ({"METAL_SOURCES": "goldprice"}, "METAL_SOURCES"),
        ({"COIN_SOURCES": ","}, "COIN_SOURCES"),
        ({"PRICES_API_URL": "http://127.0.0.1:8094/v1"}, "PRICES_API_URL: has /v1 in it"),
        ({"SOURCE_TIMEOUT": "2m"}, "SOURCE_TIMEOUT"),
        ({"GOLD_BUY": "110%"}, "GOLD_BUY"),
    ],
)
def test_a_mistake_is_named_and_no_secret_is_shown(
    required: dict[str, str], changes: dict[str, str], problem: str
) -> None:
    """Which setting and what is wrong, in one line."""
    with pytest.raises(SettingsError) as caught:
        load_settings(required | changes, None)
    [found] = map(str, caught.value.problems)
    assert (True, False) == (found.startswith(problem), "canary" in found)
