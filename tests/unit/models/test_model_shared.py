"""What a commit decides, writes and believes where our words stand in people's column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from model_makers import ALIASES, HEADER, TODAY, Cells, allocation, cells, id_of, key_of, view

from bot.errors import SheetLayoutError
from bot.models.allocation import State
from bot.models.commit import Ask, Plan, decide, judge
from bot.models.ledger import Ledger
from bot.models.projection import Placed, restorations, texts, with_originals
from bot.models.results import Reason
from bot.models.sheet import find_columns
from bot.models.view import View
from bot.models.wish import ANY

SHARED_HEADER = ("proxy", "used_for", "expires", "country", "note")
QUEUED = Ask(allocation(2, state=State.QUEUED))
TAKING = Ask(allocation(2, state=State.TAKING))
LEAVING = Ask(allocation(2, state=State.RELEASING), sent=True)


def shared_cells(proxy: int, used_for: str = "") -> list[object]:
    """A row without a cell of our own."""
    proxy_text, used, _, *rest = cells(proxy, used_for)
    return [proxy_text, used, *rest]


def shared_view(rows: Mapping[int, str], **moved: int) -> View:
    """Rows by number with their text; the proxy is that of the number, or of the one given as `row<number>`."""
    made = {number: shared_cells(moved.get(f"row{number}", number), text) for number, text in rows.items()}
    return view(made, SHARED_HEADER)  # type: ignore[arg-type]


def decided(seen: View, *asks: Ask, spares: tuple[int, ...] = ()) -> Plan:
    """The plan, with every row looked up."""
    ledger = Ledger(ask.allocation for ask in asks)
    shelf = {("beboo", ANY): [seen.rows[number] for number in spares]}
    return decide(seen, asks, shelf, ledger, TODAY, located=seen.places)


def test_a_sheet_may_do_without_our_column() -> None:
    """Its mode is shared; one that had the column misses it."""
    columns = find_columns(SHARED_HEADER, ALIASES)
    assert (True, columns.used_for) == (columns.shared, columns.ours)
    with pytest.raises(SheetLayoutError) as missed:
        find_columns(SHARED_HEADER, ALIASES, find_columns(HEADER, ALIASES))
    assert ("issued",) == missed.value.missing


def test_a_word_before_anything_was_sent_is_a_persons() -> None:
    """Neither a queued ask nor one whose write was refused can have written it; nothing of it is taken out."""
    for ask in (QUEUED, TAKING):
        plan = decided(shared_view({2: "Beboo"}), ask)
        assert [replace(ask, lost=Reason.TAKEN_IN_SHEET)] == plan.leave
        assert set() == plan.sent


def test_a_word_after_something_was_sent_is_ours() -> None:
    """It was not there when the ask was decided upon."""
    sent = replace(TAKING, sent=True)
    assert [sent] == decided(shared_view({2: "beboo"}), sent).take


def test_a_frozen_proxy_is_waited_for() -> None:
    """A late write would bring back the text without the new word: whoever can has another one."""
    frozen = replace(QUEUED, in_doubt=True)
    assert [frozen] == decided(shared_view({2: "", 3: ""}), frozen).wait
    replaceable = replace(frozen, replaceable=True)
    assert [3] == [
        spare.number for _, spare in decided(shared_view({2: "", 3: ""}), replaceable, spares=(3,)).swap
    ]


def test_what_carries_the_doubt_itself_is_written_again() -> None:
    """Its own repetition brings the same text."""
    sent = replace(TAKING, in_doubt=True, sent=True)
    assert [sent] == decided(shared_view({2: ""}), sent).take


def test_a_word_that_stands_is_taken() -> None:
    """Whoever wrote it."""
    before, after = shared_view({2: ""}), shared_view({2: "beboo"})
    verdict = judge(before, after, Plan(), [TAKING], {2: Placed(key_of(2), "beboo")}, set())
    assert [(TAKING, after.rows[2])] == verdict.taken


def test_a_word_that_was_meant_for_another_proxy_proves_nothing() -> None:
    """Rows changed places under the write, and every text was the same."""
    after = shared_view({2: "beboo", 3: "beboo"}, row2=3, row3=2)
    placed = {number: Placed(key_of(number), "beboo") for number in (2, 3)}
    verdict = judge(shared_view({2: "", 3: ""}), after, Plan(), [TAKING], placed, set())
    assert ([], [TAKING], {2, 3}) == (verdict.taken, verdict.again, set(verdict.misplaced))


def test_a_word_that_still_stands_has_not_left() -> None:
    """Unless it was never ours."""
    seen = shared_view({2: "beboo"})
    lost = replace(QUEUED, lost=Reason.TAKEN_IN_SHEET)
    verdict = judge(seen, seen, Plan(leave=[LEAVING, lost]), [], {}, set())
    assert ([lost], [LEAVING]) == (verdict.left, verdict.again)


def written(seen: View, ledger: Ledger, *keys: str, **how: object) -> dict[int, str]:
    """The texts to be written."""
    how = {"misplaced": {}, "remembered": lambda _: "", **how}
    return {number: placed.text for number, placed in texts(seen, keys, ledger, **how).items()}  # type: ignore[arg-type]


def test_only_what_was_sent_is_taken_out() -> None:
    """The word of an ask that lost to a person is that person's."""
    ledger = Ledger([LEAVING.allocation])
    seen = shared_view({2: "Ozon, Beboo"})
    assert {2: "Ozon"} == written(seen, ledger, key_of(2), leaving={id_of(2)}, sent={id_of(2)})
    assert {} == written(seen, ledger, key_of(2), leaving={id_of(2)})


def test_a_spoilt_cell_gets_back_its_own_words_and_ours() -> None:
    """What stood there before, and whatever is taken."""
    ledger = Ledger([allocation(2, state=State.TAKEN)])
    spoilt = {2: Placed(key_of(9), "lentik")}
    seen = shared_view({2: "lentik"})
    how = {"misplaced": spoilt, "remembered": lambda _: "Ozon"}
    assert {2: "Ozon, beboo"} == written(seen, ledger, key_of(2), **how)


def test_a_row_without_a_proxy_gets_back_its_own_words() -> None:
    """It is told by what it carries in place of a proxy; an empty row is emptied."""
    before = view({5: ["to be bought", "Boris"], 2: shared_cells(2)}, SHARED_HEADER)  # type: ignore[dict-item]
    now = view({2: ["to be bought", "beboo"], 3: ["", "beboo"]}, SHARED_HEADER)
    hit = {number: Placed(key_of(number), "beboo") for number in (2, 3)}
    misplaced = with_originals(hit, before, now)
    assert {2: "Boris", 3: ""} == written(now, Ledger(), misplaced=misplaced)


def test_our_own_column_that_comes_undoes_the_write() -> None:
    """What we put into people's column is taken back; from then on it is left alone."""
    before = shared_view({2: "Ozon"})
    row: Cells = [*before.cells[2][:1], "Ozon, beboo", *before.cells[2][2:], ""]
    now = view({2: row}, (*SHARED_HEADER, "issued"))
    assert {2: {1: "Ozon"}} == restorations(before, {2: Placed(key_of(2), "Ozon, beboo")}, now)
