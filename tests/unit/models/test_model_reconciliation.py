"""What people did to our entries, as one reading of the whole sheet tells it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_makers import COLUMNS, NOW, TODAY, allocation, entry_of, id_of, key_of, row

from bot.models.allocation import Allocation, State
from bot.models.ledger import Ledger
from bot.models.notice import Kind
from bot.models.pool import Inventory, Pool
from bot.models.proxy import login_of, parse_endpoint, proxy_key
from bot.models.reconciliation import (
    Findings,
    compare,
    freed_notices,
    renewals,
    rotations,
    wait_for_a_word,
)
from bot.models.sheet import SheetRow

SHARED = replace(COLUMNS, issued=None)
NOTHING = Findings()

Passwords = list[tuple[int, str]]


def reading(
    *rows: SheetRow, read_at: float = NOW, elsewhere: dict[str, list[int]] | None = None
) -> Inventory:
    """What a refresh read of these rows; `elsewhere`: ids in rows without a readable proxy."""
    entries: dict[str, list[int]] = dict(elsewhere or {})
    for each in rows:
        for entry in filter(None, each.issued.split("; ")):
            entries.setdefault(entry.rpartition("#")[2], []).append(each.number)
    return Inventory(COLUMNS, read_at, list(rows), entries=entries)


def compared(
    inventory: Inventory,
    *allocations: Allocation,
    young: Iterable[str] = (),
    former: Inventory | None = None,
    ended: Iterable[str] = (),
) -> Findings:
    """What a desk with these allocations makes of the reading."""
    pool = Pool(Ledger(allocations))
    pool.load(inventory, TODAY)
    return compare(pool, inventory, set(young).__contains__, former, set(ended))


def of(allocations: Iterable[Allocation]) -> list[str]:
    return [one.id for one in allocations]


def missing(proxy: int, since: float, state: State = State.TAKEN) -> Allocation:
    return replace(allocation(proxy, state=state), missing_since=since)


def renewed(number: int, proxy: int, password: str = "fresh", issued: str = "") -> SheetRow:
    """The row of a proxy whose password was changed."""
    return replace(row(number, proxy, issued=issued), password=password, key=new_key(proxy, password))


def new_key(proxy: int, password: str = "fresh") -> str:
    salt = b"the salt of these tests"
    return proxy_key(parse_endpoint(f"10.0.0.{proxy}:8080:user{proxy}:{password}"), salt)


# -- deleted entries -------------------------------------------------------------------------------------------


def test_an_entry_that_stands_is_nothing_to_speak_of() -> None:
    """Beside its proxy, wherever that is."""
    assert NOTHING == compared(reading(row(9, 1, issued=entry_of(1))), allocation(1, row=2))


@pytest.mark.parametrize("state", [State.TAKEN, State.SPENT, State.BAD])
def test_an_entry_that_is_not_there_is_missing(state: State) -> None:
    """At first it is only noted; what has come to rest counts, held by somebody or not."""
    found = compared(reading(row(2, 1)), allocation(1, state=state))
    assert ([id_of(1)], []) == (of(found.missing), of(found.gone))


@pytest.mark.parametrize("state", [State.RESERVED, State.QUEUED, State.TAKING, State.RELEASING])
def test_what_is_on_its_way_is_not_missing(state: State) -> None:
    """It has no entry yet, or none any more."""
    assert NOTHING == compared(reading(row(2, 1)), allocation(1, state=state, expires_at=NOW + 60))


@pytest.mark.parametrize(("seconds", "gone"), [(59.9, []), (60.0, [id_of(1)])])
def test_it_is_gone_when_a_second_reading_a_minute_later_does_not_find_it(
    seconds: float, gone: list[str]
) -> None:
    """Readings that follow one another faster prove nothing."""
    found = compared(reading(row(2, 1), read_at=NOW + seconds), missing(1, NOW))
    assert ([], gone) == (of(found.missing), of(found.gone))


def test_an_entry_that_was_put_back_is_back() -> None:
    """Whoever undoes a deletion in time has done nothing."""
    found = compared(reading(row(2, 1, issued=entry_of(1)), read_at=NOW + 90), missing(1, NOW))
    assert ([id_of(1)], []) == (of(found.back), of(found.gone))


@pytest.mark.parametrize("since", [None, NOW - 500])
def test_a_row_that_we_have_just_written_proves_nothing(since: float | None) -> None:
    """A write of ours may have come over it, or not have landed when it was read."""
    one = replace(allocation(1), missing_since=since)
    assert NOTHING == compared(reading(row(2, 1)), one, young=[key_of(1)])


def test_a_proxy_that_left_the_sheet_releases_nothing() -> None:
    """Neither at once nor when its entry was missing before."""
    assert NOTHING == compared(reading(row(2, 9)), allocation(1), missing(2, NOW - 500))


def test_a_proxy_that_comes_back_without_its_entry_gets_it_again() -> None:
    """Nobody has deleted it: the row was away; a row that was there all the time lacks it by somebody's will."""
    now = reading(row(2, 1), row(3, 2))
    found = compared(now, allocation(1), allocation(2), former=reading(row(3, 2)))
    assert ({key_of(1)}, [id_of(2)]) == (found.keys, of(found.missing))


def test_an_entry_that_was_missing_before_its_proxy_went_stays_so() -> None:
    """The deletion came first."""
    found = compared(reading(row(2, 1)), missing(1, NOW - 90), former=reading(row(3, 2)))
    assert [id_of(1)] == of(found.gone)


# -- misalignment ----------------------------------------------------------------------------------------------


def test_an_entry_beside_another_proxy_is_misaligned() -> None:
    """Both cells are to be put right, nothing is missing."""
    now = reading(row(2, 1), row(3, 2, issued=entry_of(1)))
    found = compared(now, allocation(1), missing(1, NOW - 500))
    assert ({key_of(1)}, {3}, {id_of(1)}) == (found.keys, found.rows, found.astray)
    assert ([], []) == (of(found.missing), of(found.gone))


def test_what_a_misaligned_entry_has_come_over_is_not_missing() -> None:
    """Pasted over, not deleted: that row is put right, and nothing of it is released, be it the second reading."""
    now = reading(row(2, 1), row(3, 2, issued=entry_of(1)))
    for one in (allocation(2), missing(2, NOW - 500)):
        found = compared(now, allocation(1), one)
        assert ([], []) == (of(found.missing), of(found.gone))


def test_a_copy_beside_another_proxy_goes() -> None:
    """The one in its place stays."""
    now = reading(row(2, 1, issued=entry_of(1)), row(3, 2, issued=entry_of(1)))
    found = compared(now, allocation(1))
    assert (set(), {3}, {id_of(1)}) == (found.keys, found.rows, found.astray)


def test_an_entry_of_a_proxy_that_left_goes_from_the_row_it_stands_in() -> None:
    """There is nowhere to write it."""
    found = compared(reading(row(3, 2, issued=entry_of(1))), allocation(1))
    assert (set(), {3}) == (found.keys, found.rows)


def test_an_entry_in_a_row_without_a_readable_proxy_is_not_deleted() -> None:
    """It goes from there when its proxy is somewhere else; else that cell may be half typed, and it stays."""
    found = compared(reading(row(2, 1), elsewhere={id_of(1): [7]}), missing(1, NOW - 500))
    assert ({key_of(1)}, {7}, [id_of(1)]) == (found.keys, found.rows, of(found.back))
    assert NOTHING == compared(reading(elsewhere={id_of(1): [7]}), allocation(1))


def test_ids_of_others_are_theirs() -> None:
    """A dead id, or one we never had."""
    assert NOTHING == compared(reading(row(2, 1, issued="beboo @vera #unknown1")))


def test_an_entry_that_was_given_back_unseen_goes_from_where_it_stands() -> None:
    """It stood beside another proxy when it was given back."""
    found = compared(reading(row(2, 1, issued=entry_of(9))), ended=[id_of(9), id_of(8)])
    assert ({2}, {id_of(9)}) == (found.rows, found.astray)


# -- a sheet that gets, or has not, a column of our own --------------------------------------------------------


def shared(inventory: Inventory) -> Inventory:
    return replace(inventory, columns=SHARED)


def test_in_shared_mode_the_resource_in_used_for_is_the_entry() -> None:
    """There are no ids."""
    used, unused = shared(reading(row(2, 1, used_for="beboo"))), shared(reading(row(2, 1)))
    assert NOTHING == compared(used, allocation(1))
    assert [id_of(1)] == of(compared(unused, allocation(1)).missing)


@pytest.mark.parametrize("former", [None, shared(reading(row(2, 1, used_for="beboo")))])
def test_in_a_new_column_entries_are_due(former: Inventory | None) -> None:
    """What was handed out before there was the column was not deleted; what people unmarked was."""
    now = reading(row(2, 1, used_for="beboo"), row(3, 2))
    before = former and replace(former, rows=now.rows)
    found = compared(now, allocation(1), allocation(2), former=before)
    assert ({key_of(1)}, [id_of(2)]) == (found.keys, of(found.missing))


# -- an admin's word -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gone", "settled", "waits"),
    [(5, 5, False), (6, 6, True), (6, 100, True), (10, 200, False), (11, 200, True)],
)
def test_many_at_once_wait_for_a_word(gone: int, settled: int, waits: bool) -> None:
    """More than five, and in a large desk more than 5 %."""
    assert waits == wait_for_a_word(gone, settled)


def test_each_holder_is_told_once_of_what_was_freed() -> None:
    """Ten by name, the rest by number; what nobody holds is nobody's news."""
    many = [allocation(proxy, user_id=8) for proxy in range(10, 22)]
    [anna, boris] = freed_notices([allocation(1), allocation(2, state=State.SPENT), *many])
    assert (7, Kind.FREED) == (anna.to, anna.kind)
    assert {"proxies": [{"resource": "beboo", "address": "10.0.0.1:8080"}]} == anna.data
    assert (8, 10, 2) == (boris.to, len(boris.data["proxies"]), boris.data["more"])


# -- rotated passwords -----------------------------------------------------------------------------------------


def test_one_vanished_and_one_appeared_is_a_rotation() -> None:
    """Wherever its row is now; other proxies come and go beside it."""
    before, now = reading(row(2, 1), row(3, 2)), reading(row(2, 3), renewed(7, 1))
    assert [(key_of(1), now.rows[1])] == rotations(before, now)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ([row(2, 1), row(3, 1)], [renewed(2, 1), row(4, 9)]),
        ([row(2, 1)], [renewed(2, 1), renewed(3, 1, "another")]),
        ([row(2, 1), renewed(3, 1, "another")], [renewed(2, 1)]),
        ([row(2, 1)], [row(2, 1), renewed(3, 1)]),
        ([row(2, 1)], [row(2, 2)]),
        ([row(2, 1)], [row(2, 1)]),
    ],
    ids=["two rows before", "two appeared", "two vanished", "none vanished", "another user", "nothing"],
)
def test_anything_else_is_none(before: list[SheetRow], now: list[SheetRow]) -> None:
    """One proxy has gone and another has come: nobody can tell whose it would be."""
    assert [] == rotations(reading(*before), reading(*now))


passwords = st.lists(st.tuples(st.integers(1, 3), st.sampled_from("abc")), max_size=6)


@given(before=passwords, now=passwords, begin=passwords, end=passwords)
def test_a_rotation_is_found_wherever_it_is(
    before: Passwords, now: Passwords, begin: Passwords, end: Passwords
) -> None:
    """Between rows that stay, and among copies: as whoever compares each login's passwords would find it."""
    former, new = (
        reading(
            *(renewed(number, proxy, word) for number, (proxy, word) in enumerate([*begin, *rows, *end], 2))
        )
        for rows in (before, now)
    )
    expected = set()
    for proxy in range(1, 4):
        was, is_now = (
            [row for row in each.rows if login_of(row.key) == login_of(key_of(proxy))]
            for each in (former, new)
        )
        gone = [row.key for row in was if row.key not in {each.key for each in is_now}]
        come = {row.key for row in is_now} - {row.key for row in was}
        if len(gone) == len(come) == 1:
            expected.add((gone[0], come.pop()))
    assert expected == {(old, row.key) for old, row in rotations(former, new)}


def test_a_renewed_proxy_that_was_copied_is_one_rotation() -> None:
    """Its first row is told."""
    before, now = reading(row(2, 1)), reading(renewed(2, 1), renewed(3, 1))
    assert [(key_of(1), now.rows[0])] == rotations(before, now)


def test_after_a_start_an_entry_tells_what_its_row_held_before() -> None:
    """Nobody has seen the old password: the entry beside the only row of that login has."""
    now = reading(renewed(2, 1, issued=entry_of(1)), row(3, 2, issued=entry_of(2)))
    assert [(key_of(1), now.rows[0])] == renewals(Ledger([allocation(1), allocation(2)]), now)


@pytest.mark.parametrize(
    "now",
    [
        reading(row(2, 1, issued=entry_of(1))),
        reading(row(2, 9, issued=entry_of(1))),
        reading(renewed(2, 1)),
        reading(renewed(2, 1, issued=entry_of(1)), renewed(3, 1, "another")),
        reading(renewed(2, 1), elsewhere={id_of(1): [7]}),
        reading(renewed(2, 1, issued=entry_of(9))),
    ],
    ids=["unchanged", "another proxy", "no entry", "two of that login", "unreadable row", "unknown id"],
)
def test_after_a_start_anything_else_is_none(now: Inventory) -> None:
    """Then the old one has gone, and another has come."""
    assert [] == renewals(Ledger([allocation(1)]), now)
