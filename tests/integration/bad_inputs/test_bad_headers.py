"""Sheets whose first row is not as it should be: they work all the same, or what is missing is named."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import pytest_asyncio
from desk_bench import BOOK, TAB, proxy_row

from bad_inputs.cases import is_fit_for_people
from bad_inputs.promises import Promise
from bad_inputs.whole_desk import ANNA, EVA, WholeDesk, pool_rows, whole_desk
from bad_inputs.written_headers import BAD, FULL, GOOD, Header

pytestmark = pytest.mark.asyncio(loop_scope="module")

VALUES = {
    "used_for": "beboo",
    "issued": "",
    "days_left": 30,
    "expires": "2999-01-01",
    "country": "NL",
    "note": "",
}
ELSEWHERE = "none of our business"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WholeDesk]:
    """A desk whose sheet is replaced by each case."""
    async with whole_desk(tmp_path_factory.mktemp("headers"), pool_rows()) as desk:
        yield desk


async def put(desk: WholeDesk, header: Header, rows: int = 3) -> None:
    """The sheet has this first row now, and proxies below it."""
    below = [[_value(field, number) for _, field in header.columns] for number in range(2, rows + 2)]
    values: list[Sequence[Any]] = [[name for name, _ in header.columns], *below]
    sheet = {"title": TAB, "values": values, "rowCount": 1000, "columnCount": 260}
    await desk.bench.control("PUT", f"spreadsheets/{BOOK}", {"title": BOOK, "sheets": [sheet]})


def _value(field: str, number: int) -> Any:
    return proxy_row(number)[0] if field == "proxy" else VALUES.get(field, ELSEWHERE)


async def asked(desk: WholeDesk, command: str) -> str:
    """What is answered; admins hear of a lost column by themselves, too."""
    heard = await desk.writes(ANNA, command)
    [answer] = [text for text in heard if not text.startswith("Please look at this: Row 1 of the sheet")]
    return answer


async def refresh(desk: WholeDesk) -> str:
    """What /refresh says."""
    answer = await asked(desk, "/refresh")
    assert is_fit_for_people([answer])
    return answer


@pytest.mark.parametrize("header", GOOD, ids=lambda header: header.name)
async def test_a_header_that_does(desk: WholeDesk, header: Header) -> None:
    """Its proxies are read and handed out; our entry stands in the first column of that name, all else as it was."""
    await put(desk, header)
    before = desk.bench.cells()
    assert (await refresh(desk)).startswith("The sheet was read just now: 3 proxies, ")
    resource = f"site-{GOOD.index(header)}"
    issued = await desk.bench.service.issue(resource, 3, EVA, name="@eva", new_resource=True)
    assert {2, 3, 4} == {proxy.row for proxy in issued.proxies}
    ours = [field for _, field in header.columns].index("issued")
    for row in (1, 2, 3):
        was, now = before[row], desk.bench.cells()[row]
        assert now[ours].rpartition("; ")[2].startswith(f"{resource} @eva ")
        assert _without(was, ours) == _without(now, ours)
    held = [each.allocation for each in await desk.bench.service.held_by(EVA)]
    await desk.bench.service.give_back(held, EVA)  # else it is written again into the sheet of another case


@pytest.mark.parametrize("header", BAD, ids=lambda header: header.name)
async def test_a_header_in_which_something_is_missing(desk: WholeDesk, header: Header) -> None:
    """What is missing is named, and what there is; the sheet is not touched, and once mended it is read."""
    await put(desk, header)
    before = desk.bench.cells()
    answer = await refresh(desk)
    assert answer.startswith(f"Row 1 of the sheet has no column {', '.join(header.missing)}; it has ")
    assert answer.endswith("\nTell an admin: it is to be added there, then /refresh.")
    assert "canary" not in answer
    overview = await asked(desk, "/stats")
    assert overview.startswith("Please look at this\n• ")
    assert before == desk.bench.cells()
    await put(desk, Header("mended", FULL))
    assert "3 proxies" in await refresh(desk)


async def test_a_sheet_with_nothing_below_its_header(desk: WholeDesk) -> None:
    """It can be read: there is nothing in it."""
    await put(desk, Header("empty", FULL), rows=0)
    assert (await refresh(desk)).startswith("The sheet was read just now: 0 proxies, ")


async def test_a_first_row_that_stands_in_the_second(desk: WholeDesk) -> None:
    """Headers are looked for in row 1 alone."""
    await put(desk, Header("in order", FULL))
    await desk.bench.edit({"kind": "insert_rows", "at": 1})
    assert "it has nothing.\n" in await refresh(desk)
    await desk.bench.edit({"kind": "delete_rows", "at": 1})
    assert "3 proxies" in await refresh(desk)


def _without(row: Sequence[Any], column: int) -> list[Any]:
    return [cell for index, cell in enumerate(row) if index != column and cell != ""]


TRIED = {
    Promise.HEADERS: (
        test_a_sheet_with_nothing_below_its_header,
        test_a_first_row_that_stands_in_the_second,
    )
}
