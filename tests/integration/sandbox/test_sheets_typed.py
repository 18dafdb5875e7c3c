"""USER_ENTERED: what typed texts become, and how they are shown."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sheets_bench import BOOK, Bench, running_sheets

from sandbox.sheets.world import SheetsWorld


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_sheets() as bench:
        await bench.put_book({"title": "Pool"})
        yield bench


async def typed(bench: Bench, *texts: Any) -> None:
    """Type a row of cells."""
    await bench.put("A1", [list(texts)], valueInputOption="USER_ENTERED")


async def row(bench: Bench, **options: str) -> Any:
    return (await bench.get("Pool!1:1", **options))["values"][0]


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        ("0042", 42, "42"),
        ("-2.50", -2.5, "-2.5"),
        (" 7 ", 7, "7"),
        ("+79001234567", 79001234567, "79001234567"),
        ("0.1234567890123", 0.1234567890123, "0.123456789"),
        ("2,000,000", 2_000_000, "2,000,000"),
        ("2,000,000.01", 2_000_000.01, "2,000,000.01"),
        ("1e5", 100_000, "1.00E+05"),
        ("12%", 0.12, "12%"),
        ("12.5%", 0.125, "12.50%"),
        ("$5", 5, "$5"),
        ("-$1,234.5", -1234.5, "-$1,234.50"),
        ("true", True, "TRUE"),
        ("FALSE", False, "FALSE"),
        ("2020-01-01", 43831, "2020-01-01"),
        ("1/31/2020", 43861, "1/31/2020"),
        ("1/31", 46053, "1/31"),
        ("6:30", 0.270833333333333, "6:30"),
        ("2020-01-01 18:00:30", 43831.7503472222, "2020-01-01 18:00:30"),
        ("text", "text", "text"),
        (" text ", " text ", " text "),
        ("'007", "007", "007"),
        ("'=1+1", "=1+1", "=1+1"),
        ("=", "=", "="),
        ("2,00", "2,00", "2,00"),
        ("1e999", "1e999", "1e999"),
        ("2020-02-30", "2020-02-30", "2020-02-30"),
        ("31.12.2026", "31.12.2026", "31.12.2026"),
        ("10.0.0.1:8080", "10.0.0.1:8080", "10.0.0.1:8080"),
        ("99:99", "99:99", "99:99"),
    ],
)
async def test_typed_texts(bench: Bench, text: str, value: Any, shown: str) -> None:
    """Numbers, percents, dollars, booleans, days and times are understood; the rest stays text."""
    await typed(bench, text)
    [stored] = await row(bench, valueRenderOption="UNFORMATTED_VALUE")
    assert (type(value), [shown]) == (type(stored), await row(bench))
    assert stored == (pytest.approx(value) if isinstance(value, float) else value)


async def test_json_types_are_taken_as_they_are(bench: Bench) -> None:
    """Numbers and booleans need no parsing, null skips, "" empties."""
    await typed(bench, 1, 2.0, True, "x")
    await typed(bench, None, "", None, None)
    assert [1, "", True, "x"] == await row(bench, valueRenderOption="UNFORMATTED_VALUE")


async def test_a_format_stays_until_another_is_typed(bench: Bench) -> None:
    """A plain number in a cell of days is shown as a day; a percent brings its own format."""
    await typed(bench, "2020-01-01")
    await bench.put("A1", [[43832]])
    assert ["2020-01-02"] == await row(bench)
    await typed(bench, "50%")
    assert ["50%"] == await row(bench)


async def test_dates_as_texts_or_serials(bench: Bench) -> None:
    """FORMATTED_STRING makes texts of days only; FORMULA gives their serial numbers."""
    await typed(bench, "2020-01-01", "12%")
    texts = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "FORMATTED_STRING"}
    assert ["2020-01-01", 0.12] == await row(bench, **texts)
    assert [43831, 0.12] == await row(bench, valueRenderOption="FORMULA")


async def test_every_write_can_be_typed(bench: Bench) -> None:
    """batchUpdate and append parse alike; people type, too."""
    data = [{"range": "A1", "values": [["7%"]]}]
    await bench.batch(*data, valueInputOption="USER_ENTERED")
    await bench.ok(
        "POST",
        "/values/A1:append",
        params={"valueInputOption": "USER_ENTERED"},
        json={"values": [["$3", "=A1*2"]]},
    )
    await bench.edit({"kind": "cell", "cell": "A3", "typed": "1/2/2020"})
    assert [["7%"], ["$3", "14%"], ["1/2/2020"]] == (await bench.get("Pool"))["values"]


async def test_formats_and_formulas_outlive_a_restart(bench: Bench) -> None:
    """A world that is kept and loaded again shows the same."""
    await typed(bench, "12.5%", "=A1*2", "$5", "=C1/0")
    loaded = SheetsWorld.load(json.loads(json.dumps(bench.world.dump())))
    assert bench.world.books[BOOK].dump() == loaded.books[BOOK].dump()
    async with running_sheets(loaded) as again:
        assert ["12.50%", "25.00%", "$5", "#DIV/0!"] == await row(again)
        assert [0.125, "=A1*2", 5, "=C1/0"] == await row(again, valueRenderOption="FORMULA")
