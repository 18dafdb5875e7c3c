"""The settings that prices need, from an environment in which the others may be missing or wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import SettingsError
from bot.settings.partial import load_markets


def problems(**environ: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        load_markets(environ, None)
    return [problem.name for problem in refused.value.problems]


def test_what_is_missing_for_the_bot_does_not_matter() -> None:
    """No token, no sheet; nor that theirs are wrong."""
    found = load_markets({"PRICES_API_URL": "http://127.0.0.1:1", "DATA_DIR": "/d", "BOT_TOKEN": "x"}, None)
    assert ("http://127.0.0.1:1", Path("/d")) == (found.markets.prices_url, found.storage.data_dir)
    assert "https://api.bybit.com" == found.trading.bybit_url


def test_mistakes_in_these_are_told_and_slips_of_the_pen_too() -> None:
    """All at once, and no others."""
    assert ["PRICES_API_URL", "SCREENER_TLL"] == problems(
        PRICES_API_URL="nowhere", SCREENER_TLL="10", BOT_TOKEN="x"
    )


def test_the_file_is_read_too(tmp_path: Path) -> None:
    """As for the bot."""
    file = tmp_path / ".env"
    file.write_text("COIN_SOURCES=coincap\nCOINCAP_KEY=a-key-of-coincap-1234\n")
    found = load_markets({}, file)
    assert (("coincap",), True) == (found.markets.coin_sources, found.markets.coincap_key is not None)
