"""What a commit lets begin after the journal, and what it takes for proven after the write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from model_makers import HEADER, Cells, allocation, cells, entry_of, id_of, key_of, row, view

from bot.models.allocation import State
from bot.models.commit import Ask, Plan, Verdict, begin, judge
from bot.models.projection import Placed
from bot.models.results import Reason

QUEUED = Ask(allocation(2, state=State.QUEUED), replaceable=True)
TAKING = Ask(allocation(2, state=State.TAKING), replaceable=True)
SPARE = allocation(5, state=State.TAKING, row=5)
OURS = {id_of(n) for n in range(2, 10)}


def test_what_the_journal_let_through_stands() -> None:
    """It is `taking` from now on, and otherwise as it was asked."""
    standing, again = begin(Plan(take=[QUEUED]), {id_of(2)}, {})
    assert ([TAKING], []) == (standing, again)


def test_what_the_journal_refused_leaves() -> None:
    """Somebody was faster: its entry shall not stand in the sheet."""
    plan = Plan(take=[QUEUED])
    assert ([], []) == begin(plan, set(), {})
    assert [replace(QUEUED, lost=Reason.ALREADY_TAKEN)] == plan.leave


def test_a_spare_that_got_in_replaces_the_lost_one() -> None:
    """The spare stands for the same person; the lost one leaves, and counts as replaced."""
    plan = Plan(swap=[(QUEUED, row(5, 5))])
    standing, again = begin(plan, {SPARE.id}, {QUEUED.allocation.id: SPARE})
    stands = Ask(SPARE, replaceable=True, instead_of=QUEUED.allocation.key)
    assert ([stands], []) == (standing, again)
    assert [replace(QUEUED, lost=Reason.MOVED, replaced=True)] == plan.leave


def test_a_spare_that_was_reserved_meanwhile_costs_another_round() -> None:
    """The journal refused the spare: the ask goes round again, nothing is lost yet."""
    plan = Plan(swap=[(QUEUED, row(5, 5))])
    assert ([], [QUEUED]) == begin(plan, set(), {QUEUED.allocation.id: SPARE})
    assert [] == plan.leave


def judged(
    after_rows: Mapping[int, Cells], plan: Plan, standing: list[Ask], header: Cells = HEADER
) -> Verdict:
    """The verdict on a write of our entry for proxy 2 into row 2."""
    before = view({2: cells(2)})
    after = view(after_rows, header)
    placed = {2: Placed(key_of(2), entry_of(2))}
    return judge(before, after, plan, standing, placed, OURS)


def test_an_entry_that_stands_is_taken() -> None:
    """Right key, our entry, nobody else's mark: proven, in the row that shows it."""
    verdict = judged({2: cells(2, issued=entry_of(2))}, Plan(), [TAKING])
    assert [(TAKING, 2)] == [(ask, found.number) for ask, found in verdict.taken]
    assert not verdict.needs_repair


@pytest.mark.parametrize(
    "after",
    [
        {2: cells(2, issued="")},
        {2: cells(2, "beboo", entry_of(2))},
        {2: cells(2, issued=f"beboo bob; {entry_of(2)}")},
        {2: cells(2, issued=entry_of(2)), 3: cells(2, "beboo")},
    ],
    ids=["wiped", "marked by a person", "marked beside it", "marked in another row of it"],
)
def test_what_is_not_proven_goes_round_again(after: Mapping[int, Cells]) -> None:
    """People win: an entry beside their mark is withdrawn in the next round."""
    verdict = judged(after, Plan(), [TAKING])
    assert ([], [TAKING]) == (verdict.taken, verdict.again)
    assert verdict.needs_repair


def test_the_entry_may_stand_in_any_row_of_its_proxy() -> None:
    """The row that carries it is the one that is noted."""
    verdict = judged({2: cells(2), 9: cells(2, issued=entry_of(2))}, Plan(), [TAKING])
    assert [9] == [found.number for _, found in verdict.taken]


@pytest.mark.parametrize("stranger", [cells(3, issued=entry_of(2)), ["", "", entry_of(2)]])
def test_a_text_in_a_strangers_row_is_misplaced(stranger: Cells) -> None:
    """Somebody sorted between read and write: the text is known as ours, and the ask goes round again."""
    verdict = judged({2: stranger}, Plan(), [TAKING])
    assert ({2: Placed(key_of(2), entry_of(2))}, [TAKING]) == (verdict.misplaced, verdict.again)
    assert verdict.needs_repair


def test_a_row_without_a_proxy_was_wiped_on_purpose() -> None:
    """A text that was meant for no proxy is where it belongs."""
    nowhere = {2: Placed(None, "")}
    assert {} == judge(view({}), view({2: ["", "", ""]}), Plan(), [], nowhere, OURS).misplaced


def test_nothing_is_proven_when_the_columns_moved() -> None:
    """Our text went into another column: all that should stand goes round again."""
    header = ("new", *HEADER)
    verdict = judged({2: ["", *cells(2, issued=entry_of(2))]}, Plan(), [TAKING], header=header)
    assert verdict.columns_moved
    assert ([], [TAKING]) == (verdict.taken, verdict.again)
    assert verdict.needs_repair


@pytest.mark.parametrize(("issued", "left"), [("", True), ("bob", True), (entry_of(2), False)])
def test_a_release_is_proven_by_its_absence(issued: str, left: bool) -> None:
    """While the entry still stands, it goes round again."""
    releasing = Ask(allocation(2, state=State.RELEASING))
    verdict = judged({2: cells(2, issued=issued)}, Plan(leave=[releasing]), [])
    assert ([releasing], []) == ((verdict.left, verdict.again) if left else (verdict.again, verdict.left))


def test_what_is_held_stays_held() -> None:
    """A doubt is no matter of repair: its time has to pass."""
    held = Ask(allocation(3, state=State.TAKING), in_doubt=True)
    verdict = judged({2: cells(2)}, Plan(hold=[held]), [])
    assert ([held], [], []) == (verdict.held, verdict.again, verdict.left)
    assert not verdict.needs_repair
