"""Google fails while the bot runs: nobody is doubled, the sheet is right in the end, every chat ends in the truth."""

from __future__ import annotations

from typing import Any

import pytest
from local_world import Json, until
from process_desk import COMMIT_WRITE, ProcessDesk, request_number

CROWD = 5

WRITES: dict[str, Json] = {
    "hangs, and nothing is done": {"kind": "hang", "seconds": 60},
    "lands three seconds late": {"kind": "late", "seconds": 3},
    "is done, and its answer lost": {"kind": "lose_answer"},
    "is done, and its answer cut off": {"kind": "cut"},
    "meets a 503": {"kind": "status", "status": 503},
}


@pytest.mark.parametrize("write", WRITES)
def test_a_write_without_an_answer(running: ProcessDesk, write: str) -> None:
    """Everybody gets what the sheet shows, once; after the horizon it still says so."""
    site, crowd = running.site(), running.people(CROWD)
    running.sheets.strike({"path": COMMIT_WRITE, "times": 1, **WRITES[write]})
    running.sheets.count_anew()
    running.all_send(crowd, f"/take {site} 2")
    for person in crowd:
        running.telegram.answers(person)
    assert running.sheets.struck() == 1
    running.check_promises(site, crowd)

    # The look after the horizon: a third read, whatever happened before.
    until(lambda: running.sheets.calls(running.book)[0] >= 3)
    until(lambda: len(running.issued(site)) == 2 * CROWD)
    running.check_promises(site, crowd)
    assert [1] * CROWD == [len(running.telegram.texts(person)) for person in crowd]
    assert len({request_number(text) for person in crowd for text in running.telegram.texts(person)}) == CROWD


def test_a_sort_between_read_and_write(running: ProcessDesk) -> None:
    """Somebody sorts the sheet in that very moment: every entry ends beside its proxy, other cells as sorted."""
    site, crowd = running.site(), running.people(CROWD)
    foreign = people_cells(running)
    sort = {"kind": "sort", "sheet": "Pool", "range": "A2:F42", "column": "A", "descending": True}
    hook = {"on": "values.batchUpdate", "when": "before", "spreadsheet": running.book, "edit": [sort]}
    running.sheets.control("POST", "hooks", hook)
    running.all_send(crowd, f"/take {site}")
    for person in crowd:
        running.telegram.answers(person)
    running.check_promises(site, crowd)
    assert CROWD == len(running.issued(site))
    assert people_cells(running) == sorted(foreign, reverse=True)


def test_a_spreadsheet_that_is_deleted(desk: ProcessDesk) -> None:
    """Nothing is given, and nobody is told when the sheet was read, since it was not; once it is back all goes on."""
    desk.start()
    anna, rows = desk.person(), desk.sheets.cells(desk.book)
    desk.sheets.control("DELETE", f"spreadsheets/{desk.book}")
    desk.telegram.send(anna, "/take site1")
    [refused] = desk.telegram.answers(anna)
    assert refused.startswith("Nothing could be given for site1.")
    assert refused.endswith(f"request #{request_number(refused)}")

    desk.sheets.put(desk.book, rows)
    desk.telegram.send(anna, "/take site1")
    desk.telegram.answers(anna, 2)
    assert 1 == len(desk.given(anna))
    desk.check_promises("site1", [anna])


def people_cells(desk: ProcessDesk) -> list[list[Any]]:
    """The rows without our own column."""
    return [row[:5] for row in desk.sheets.cells(desk.book)[1:]]
