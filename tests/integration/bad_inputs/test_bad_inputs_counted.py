"""How many bad inputs there are, and that no promise is without one."""

from __future__ import annotations

from collections import Counter

from bad_inputs import (
    pressed_buttons,
    sent_messages,
    test_bad_button_moments,
    test_bad_cells,
    test_bad_headers,
    test_bad_inputs_flood,
    typed_admin,
    typed_market,
    typed_own,
    typed_take,
    typed_trade,
    written_cells,
    written_headers,
)
from bad_inputs.cases import Typed
from bad_inputs.promises import Promise
from bad_inputs.sending import Sent

LEAST = 250
BY_A_TEST = (
    test_bad_button_moments.TRIED,
    test_bad_cells.TRIED,
    test_bad_headers.TRIED,
    test_bad_inputs_flood.TRIED,
)
FROM_CHAT: tuple[Typed | Sent, ...] = (
    *typed_take.CASES,
    *typed_own.CASES,
    *typed_admin.CASES,
    *typed_trade.CASES,
    *typed_market.CASES,
    *sent_messages.CASES,
)


def inputs() -> set[tuple[Promise, str]]:
    """Every input with the promise that it puts to the test."""
    return {
        *((case.promise, case.name) for case in FROM_CHAT),
        *((case.promise, case.name) for case in pressed_buttons.CASES),
        *((Promise.BUTTON_OF_ANOTHER_VERSION, case.name) for case in pressed_buttons.WRITTEN),
        *((Promise.NOT_FOR_THEM, f"button {verb} by {by}") for verb, by, _ in pressed_buttons.TOO_HIGH),
        *((promise, test.__name__) for tried in BY_A_TEST for promise in tried for test in tried[promise]),
        *((promise, repr(cell)) for promise, cells in written_cells.PROMISES for cell in cells),
        *((promise, header.name) for promise, headers in written_headers.PROMISES for header in headers),
    }


def test_there_are_enough_bad_inputs() -> None:
    """Each counts once, whatever it is tried on."""
    assert len({name for _, name in inputs()}) >= LEAST


def test_no_promise_is_without_an_input() -> None:
    """What is promised is tried."""
    assert set(Promise) == set(Counter(promise for promise, _ in inputs()))


def test_no_case_stands_there_twice() -> None:
    """Two cases of one name would be one in a report."""
    names = Counter(
        (type(case), getattr(case, "promise", None), case.name)
        for case in (*FROM_CHAT, *pressed_buttons.CASES, *pressed_buttons.WRITTEN)
    )
    assert [] == [name for name, count in names.items() if count > 1]
