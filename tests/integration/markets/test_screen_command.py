"""`python -m bot screen`: the list without a running bot, from the local sources, kept beside its database."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp.test_utils import TestServer

from sandbox.child import child_environment
from sandbox.faults import Faults
from sandbox.prices.app import create_prices_app, prices_error_body
from sandbox.prices.world import PricesWorld

MISTAKE = (
    "“best” is none of top, movers and volume, no number, and no filter such as vol>10m. "
    "Write for example: quartermaster screen movers 20 'vol>10m' --json"
)
SOURCES = "binance,coinpaprika,coingecko"


@asynccontextmanager
async def price_sources() -> AsyncIterator[str]:
    """Their address."""
    world = PricesWorld(seed=7, clock=time.time)
    server = TestServer(create_prices_app(world, Faults(error_body=prices_error_body)))
    await server.start_server()
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()


async def run(folder: Path, *words: str, **settings: str) -> tuple[int, str, str]:
    """Exit code and what was printed, with nothing set but where the sources and the folder are."""
    given = {"ENV_FILE": "", "DATA_DIR": str(folder), "COIN_SOURCES": SOURCES} | settings
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "screen",
        *words,
        env=child_environment(given, os.environ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, error = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, out.decode(), error.decode()


async def test_the_list_is_printed_and_kept(tmp_path):
    """For people and for programs; the kept list serves while it is young, and when nobody answers."""
    async with price_sources() as url:
        code, told, error = await run(tmp_path, "top", "5", "--force-refresh", "--json", PRICES_API_URL=url)
        assert (0, "") == (code, error)
        answer = json.loads(told)
        assert (5, "BTC", False) == (len(answer["coins"]), answer["coins"][0]["symbol"], answer["stale"])
        assert [("binance", None), ("coinpaprika", None), ("coingecko", None)] == [
            (source["name"], source["trouble"]) for source in answer["sources"]
        ]

    (kept, told, _), (forced, old, _), words, away = await asyncio.gather(
        run(tmp_path, "volume", "3", PRICES_API_URL=url),
        run(tmp_path, "movers", "vol>1", "--force-refresh", PRICES_API_URL=url),
        run(tmp_path, "best", PRICES_API_URL=url),
        run(tmp_path / "new", PRICES_API_URL=url),
    )
    assert (0, 1) == (kept, forced)
    assert re.match(
        r"Coins by volume in 24 h: 3 of \d+\n#  symbol +price +24 h +volume +cap  name\n1  ", told
    )
    assert re.search(
        r"\n✓ Binance \d+ · ✓ CoinPaprika \d+ · ✓ CoinGecko \d+ · data (just now|\d+ s old)\n$", told
    )
    assert old.startswith("⚠ No source answers just now: these are the numbers of ")
    assert re.search(r"\nMovers in 24 h \(vol>1\): (\d+) of \1\n", old)
    assert (2, "", f"{MISTAKE}\n") == words
    assert (1, "", "No source of prices answers just now, and no list is kept.\n") == away
    assert ["screener.json"] == os.listdir(tmp_path)
