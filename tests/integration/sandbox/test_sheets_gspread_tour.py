"""gspread's tour of the rest: rows appended, inserted, sorted and hidden, sheets made and gone, formulas typed."""

import time
from collections.abc import AsyncIterator
from typing import Any

import gspread
import pytest
from gspread.utils import InsertDataOption, ValueInputOption, ValueRenderOption
from sheets_bench import BOOK, Bench, running_sheets
from test_sheets_gspread import with_gspread

PEOPLE = [["name", "age"], ["Boris", 30], ["Anna", 20]]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_sheets(auth=True, quota=True, clock=time.time) as bench:
        await bench.put_book({"title": "Pool", "values": PEOPLE})
        yield bench


async def test_rows(bench: Bench) -> None:
    """append_row, insert_row, delete_rows and sort do to the sheet what they say."""

    def use(client: gspread.Client) -> Any:
        pool = client.open_by_key(BOOK).sheet1
        answers = [
            pool.append_row(["Chen", 25]),
            pool.append_rows(
                [["Dora"]], insert_data_option=InsertDataOption.insert_rows, table_range="A1:B1"
            ),
            pool.insert_row(["Egon", 50], index=2),
            pool.delete_rows(3),
        ]
        pool.sort((2, "des"), range="A2:B6")
        return answers, pool.get_all_records(), client.open_by_key(BOOK).sheet1.row_count

    (appended, more, _, deleted), records, rows = await with_gspread(bench, use)
    assert ("Pool!A1:B3", "Pool!A4:B4") == (appended["tableRange"], appended["updates"]["updatedRange"])
    assert "Pool!A5" == more["updates"]["updatedRange"]
    assert {"spreadsheetId": BOOK, "replies": [{}]} == deleted
    ages = [(record["name"], record["age"]) for record in records]
    assert [("Egon", 50), ("Chen", 25), ("Anna", 20), ("Dora", "")] == ages
    assert 1001 == rows


async def test_cells(bench: Bench) -> None:
    """update_acell types formulas, find looks for texts, clear and batch_clear empty."""

    def use(client: gspread.Client) -> Any:
        pool = client.open_by_key(BOOK).sheet1
        pool.update_acell("C2", "=B2/0")
        pool.update(
            [["=SUM(B2:B3)", "12.5%", "$5", "2020-01-01"]],
            "D2",
            value_input_option=ValueInputOption.user_entered,
        )
        shown = pool.row_values(2)
        typed = pool.get("C2:G2", value_render_option=ValueRenderOption.unformatted)
        formulas = pool.get("C2:D2", value_render_option=ValueRenderOption.formula)
        found = pool.find("Anna").address
        wiped = pool.batch_clear(["C2:C3", "D:G"])
        return shown, typed, formulas, found, wiped, pool.get(), pool.clear(), pool.get()

    shown, typed, formulas, found, wiped, left, cleared, nothing = await with_gspread(bench, use)
    assert ["Boris", "30", "#DIV/0!", "50", "12.50%", "$5", "2020-01-01"] == shown
    assert [["#DIV/0!", 50, 0.125, 5, 43831]] == typed
    assert ([["=B2/0", "=SUM(B2:B3)"]], "A3") == (formulas, found)
    assert ["Pool!C2:C3", "Pool!D1:G1000"] == wiped["clearedRanges"]
    assert [["name", "age"], ["Boris", "30"], ["Anna", "20"]] == left
    assert ("Pool!A1:Z1000", [[]]) == (cleared["clearedRange"], nothing)


async def test_sheets(bench: Bench) -> None:
    """Sheets are added, renamed, reordered, frozen, hidden and deleted; the spreadsheet gets a new title."""

    def use(client: gspread.Client) -> Any:
        book = client.open_by_key(BOOK)
        log = book.add_worksheet("Log", rows=5, cols=2)
        log.append_row(["first"])
        log.update_title("History")
        book.reorder_worksheets([log, book.worksheet("Pool")])
        log.freeze(rows=1)
        log.hide()
        log.hide_rows(1, 3)
        log.unhide_rows(1, 2)
        hidden = [sheet.title for sheet in book.worksheets() if sheet.isSheetHidden]
        first = book.get_worksheet(0)
        told = (first.title, first.row_count, first.frozen_row_count)
        book.update_title("Stock")
        book.del_worksheet(log)
        return hidden, told, [sheet.title for sheet in book.worksheets()], client.open_by_key(BOOK).title

    hidden, told, left, title = await with_gspread(bench, use)
    assert (["History"], ("History", 5, 1)) == (hidden, told)
    assert (["Pool"], "Stock") == (left, title)


async def test_refusals(bench: Bench) -> None:
    """What Google refuses reaches the caller in its words."""

    def use(client: gspread.Client) -> list[str]:
        book = client.open_by_key(BOOK)
        pool = book.sheet1
        words = []
        for act in (
            lambda: book.add_worksheet("pool", rows=1, cols=1),
            lambda: book.del_worksheet(pool),
            lambda: pool.delete_rows(1, 1000),
            lambda: pool.delete_rows(1001),
            pool.hide,
        ):
            with pytest.raises(gspread.exceptions.APIError) as refused:
                act()
            words.append(str(refused.value).removeprefix("APIError: [400]: Invalid requests[0]."))
        return words

    no_row = "Tried to delete row index 1000 but there are only 1000 rows."
    assert [
        'addSheet: A sheet with the name "pool" already exists. Please enter another name.',
        "deleteSheet: You can't remove all the sheets in a document.",
        "deleteDimension: You can't delete all the rows on the sheet.",
        f"deleteDimension: Cannot delete a row that doesn't exist. {no_row}",
        "updateSheetProperties: You can't hide all the sheets in a document.",
    ] == await with_gspread(bench, use)
