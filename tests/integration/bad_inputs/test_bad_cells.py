"""Cells that are not as they should be: their row is skipped or understood, said so, and left as it was."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from desk_bench import HEADER, PATIENT, proxy_row

from bad_inputs.cases import is_fit_for_people
from bad_inputs.promises import Promise
from bad_inputs.whole_desk import ANNA, EVA, PAUSE, WholeDesk, whole_desk
from bad_inputs.written_cells import (
    EXPIRY,
    ISSUED,
    READABLE,
    UNREADABLE,
    USED_FOR,
    Lasting,
    Marked,
    Readable,
    Unreadable,
    names_of,
)
from bot.models.resource import is_resource
from bot.models.results import Issued
from bot.views.proxies import days, proxy_line

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROWS = 5
BAD = 4  # the row that each case writes into
GOOD = set(range(2, ROWS + 2)) - {BAD}
COLUMN = {name: "ABCDEFG"[index] for index, name in enumerate(HEADER)}
_proxies = itertools.count(1000)
_sites = (f"site-{number}.example" for number in itertools.count())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WholeDesk]:
    """A sheet of five proxies in order."""
    rows = [proxy_row(number, days=100 - number) for number in range(2, ROWS + 2)]
    async with whole_desk(tmp_path_factory.mktemp("cells"), rows) as desk:
        yield desk


async def read(desk: WholeDesk, **cells: Any) -> str:
    """Row 4 with these cells and else in order, with a proxy that was never there; what /refresh says then."""
    whole = dict(zip(HEADER, proxy_row(next(_proxies), days=100 - BAD), strict=True)) | cells
    edits = [
        {"kind": "cell", "cell": f"{COLUMN[name]}{BAD}", "value": value} for name, value in whole.items()
    ]
    await desk.bench.edit(*edits)
    [answer] = await desk.writes(ANNA, "/refresh")
    return answer


async def problems(desk: WholeDesk) -> str:
    """What /stats shows under Problems."""
    await desk.writes(ANNA, "/stats")
    message_id, buttons = desk.last_message(ANNA)
    _, [answer] = await desk.press(ANNA, buttons["Problems"], message_id)
    return answer


async def take(desk: WholeDesk, count: int, resource: str = "") -> Issued:
    """Take that many for a site that nobody has used before."""
    desk.clock.jump(PAUSE)
    async with asyncio.timeout(PATIENT):
        return await desk.bench.service.issue(
            resource or next(_sites), count, EVA, name="@eva", new_resource=True
        )


def shown(desk: WholeDesk, row: int = BAD) -> dict[str, Any]:
    """A row of the sheet as it stands."""
    return dict(itertools.zip_longest(HEADER, desk.bench.cells()[row - 1], fillvalue=""))


@pytest.mark.parametrize("case", UNREADABLE, ids=names_of(UNREADABLE))
async def test_a_cell_that_is_no_proxy(desk: WholeDesk, case: Unreadable) -> None:
    """Its row is listed with the reason and nothing of the cell; the others are handed out; the cell stays."""
    listing = ["1 row cannot be used:", f"row {BAD}: {case.reason}"]
    answer = await read(desk, proxy=case.cell)
    assert "4 proxies" in answer.splitlines()[0]
    assert listing == answer.splitlines()[1:3]
    found = await problems(desk)
    assert ["Problems", *listing] == found.splitlines()[:3]
    assert "canary" not in answer + found
    assert is_fit_for_people([answer, found])
    before = shown(desk)
    assert {proxy.row for proxy in (await take(desk, len(GOOD))).proxies} == GOOD
    assert before == shown(desk)


@pytest.mark.parametrize("case", READABLE, ids=names_of(READABLE))
async def test_a_cell_that_looks_odd(desk: WholeDesk, case: Readable) -> None:
    """It is understood, handed out as it is meant, and left as it is written."""
    assert "Every row can be used." in (await read(desk, proxy=case.cell)).splitlines()
    [proxy] = [each for each in (await take(desk, ROWS)).proxies if each.row == BAD]
    assert (case.line, case.cell) == (proxy.endpoint.line, shown(desk)["proxy"])
    assert proxy_line(proxy)


@pytest.mark.parametrize("case", EXPIRY, ids=names_of(EXPIRY))
async def test_an_expiry_that_cannot_be_read(desk: WholeDesk, case: Lasting) -> None:
    """Unknown is not for ever: it is offered last. What is over is not offered. The cell stays as it was."""
    assert "Every row can be used." in (await read(desk, days_left=case.cell)).splitlines()
    issued = await take(desk, len(GOOD) + (case.says is not None))
    proxies = {proxy.row: proxy for proxy in issued.proxies}
    assert (BAD in proxies) is (case.says is not None)
    if case.says is not None:
        assert (case.says, BAD) == (days(proxies[BAD].days_left), issued.proxies[-1].row)
    assert case.cell == shown(desk)["days_left"]


@pytest.mark.parametrize("case", USED_FOR, ids=names_of(USED_FOR))
async def test_what_people_wrote_stays_to_the_byte(desk: WholeDesk, case: Marked) -> None:
    """The names in it are used; a take in that row changes our own cell alone."""
    await read(desk, used_for=case.cell)
    site = next(_sites)
    assert len(GOOD) + 1 == len((await take(desk, ROWS, site)).proxies)
    row = shown(desk)
    assert case.cell == row["used_for"]
    assert row["issued"].startswith(f"{site} @eva ")
    known = desk.bench.desk.pool.known_resources()
    assert {name for name in case.names if is_resource(name)} <= known


@pytest.mark.parametrize("text", ISSUED, ids=lambda text: f"{ascii(text)[:48]} ({len(text)})")
async def test_what_people_wrote_beside_our_entries_stays(desk: WholeDesk, text: str) -> None:
    """Our entry comes behind it."""
    await read(desk, issued=text)
    site = next(_sites)
    assert len(GOOD) + 1 == len((await take(desk, ROWS, site)).proxies)
    assert shown(desk)["issued"].startswith(f"{text}; {site} @eva ")


async def test_a_cell_that_is_full_is_not_written(desk: WholeDesk) -> None:
    """Google takes 50,000 characters: that proxy is not given, the next one is, and the text stays."""
    text = "x" * 49_990
    await read(desk, issued=text)
    issued = await take(desk, len(GOOD))
    assert GOOD == {proxy.row for proxy in issued.proxies}
    assert text == shown(desk)["issued"]


async def test_one_proxy_in_two_rows_is_one(desk: WholeDesk) -> None:
    """It is counted and handed out once, and said so."""
    answer = await read(desk, proxy=proxy_row(3)[0], used_for="tinder")
    assert "4 proxies" in answer.splitlines()[0]
    assert "1 duplicate: counted once each." in answer.splitlines()
    assert "1 duplicate: counted once each." in await problems(desk)
    rows = [proxy.row for proxy in (await take(desk, len(GOOD))).proxies]
    assert len(GOOD) == len(set(rows))
    issued = await take(desk, len(GOOD) - 1, "tinder")
    assert not {3, BAD} & {proxy.row for proxy in issued.proxies}


TRIED = {
    Promise.ONE_PROXY_TWICE: (test_one_proxy_in_two_rows_is_one,),
    Promise.LEFT_AS_IT_WAS: (test_a_cell_that_is_full_is_not_written,),
}
