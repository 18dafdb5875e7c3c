"""The pool: what one refresh read, what commits have seen since, and who has what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from model_makers import DAY, NOW, TODAY, allocation, entry_of, id_of, inventory, key_of, row

from bot.models.allocation import State
from bot.models.ledger import Ledger
from bot.models.pool import Pool
from bot.models.sheet import SheetRow
from bot.models.wish import Wish

YESTERDAY = (DAY - timedelta(days=1)).isoformat()


def pool_of(*rows: SheetRow, ledger: Ledger | None = None) -> Pool:
    pool = Pool(ledger or Ledger())
    pool.load(inventory(rows), TODAY)
    return pool


def best(pool: Pool, resource: str = "beboo", now: float = NOW, today: int = TODAY) -> list[int]:
    """The rows of the free proxies, best first."""
    return [each.number for each in pool.best(resource, now, today)]


def test_most_days_left_first_ties_by_row_unknown_last() -> None:
    """The order is the same for every resource and every time."""
    pool = pool_of(
        row(2, 2, expires="#REF!"), row(3, 3, expires=5), row(4, 4, expires=9), row(5, 5, expires=5)
    )
    assert [4, 3, 5, 2] == best(pool)
    assert [4, 3, 5, 2] == [each.number for each in pool.proxies()]


def test_an_empty_pool_has_nothing() -> None:
    """Before the first refresh every question has an answer."""
    pool = Pool(Ledger(), resources=["tinder"])
    assert ([], 0, (), None) == (best(pool), pool.free("beboo", NOW), pool.rows_of(key_of(2)), pool.row_at(2))
    assert not pool.is_free(key_of(2), "beboo", NOW)
    assert {"tinder"} == pool.known_resources()


def test_each_resource_once() -> None:
    """A proxy that is used for one thing is free for another."""
    pool = pool_of(row(2, 2, used_for="Beboo"), row(3, 3, issued="beboo bob"), row(4, 4))
    pool.put(allocation(4))
    assert ([], [2, 3, 4]) == (best(pool), best(pool, "tinder"))


def test_the_same_key_in_two_rows_is_one_proxy() -> None:
    """Used is the union; it is handed out once, from its first row, and reported as a repetition."""
    pool = pool_of(row(2, 2), row(5, 2, used_for="beboo"), row(6, 6))
    assert ([6], [2, 6]) == (best(pool), best(pool, "tinder"))
    assert (1, [2, 5]) == (pool.duplicates(), [each.number for each in pool.rows_of(key_of(2))])


@pytest.mark.parametrize(("days", "free"), [(0, [3, 2]), (1, [3]), (9, [])])
def test_a_day_that_turns_between_refreshes_counts(days: int, free: list[int]) -> None:
    """What expired since the refresh is not offered."""
    pool = pool_of(row(2, 2, expires=DAY.isoformat()), row(3, 3, expires=8))
    assert free == best(pool, today=TODAY + days)


def test_a_reservation_keeps_a_proxy_until_its_moment() -> None:
    """Then it may be replaced, also while the journal has not ended it yet and the row is seen again."""
    pool = pool_of(row(2, 2))
    pool.put(allocation(2, state=State.RESERVED, expires_at=NOW + 300))
    assert ([], [2]) == (best(pool, now=NOW + 299), best(pool, now=NOW + 300))
    pool.patch([row(2, 2, used_for="tinder")], NOW)
    pool.put(allocation(2, "tinder"))
    assert [2] == best(pool, now=NOW + 300)


def test_a_mark_seen_by_a_commit_counts_for_a_resource_nobody_asked_for_yet() -> None:
    """What a commit saw is not forgotten because the resource is asked for only later."""
    pool = pool_of(row(2, 2), row(3, 3, used_for="beboo"))
    pool.patch([row(2, 2, used_for="beboo"), row(3, 3)], NOW)
    assert [3] == best(pool)


def test_the_cell_of_a_live_entry_is_no_mark() -> None:
    """An entry of ours counts by the ledger: when it is forgotten, its text is a person's until it is gone."""
    pool = pool_of(row(2, 2, issued=entry_of(2)), ledger=Ledger([allocation(2)]))
    assert [] == best(pool)
    pool.forget(allocation(2).id)
    assert [] == best(pool)
    pool.patch([row(2, 2)], NOW)
    assert [2] == best(pool)


def test_forgetting_what_is_not_there_changes_nothing() -> None:
    """An id that nobody has is no error."""
    pool = pool_of(row(2, 2))
    pool.forget("zzzzzzzz")
    assert [2] == best(pool)


def test_a_rotated_password_moves_the_allocation() -> None:
    """The same allocation under another key: the old key is free again, the new one is not."""
    pool = pool_of(row(2, 2), row(3, 3))
    assert [2, 3] == best(pool)
    pool.put(allocation(2))
    pool.put(allocation(3, id=allocation(2).id))
    assert [2] == best(pool)
    assert [] == pool.ledger.of_proxy(key_of(2))


def test_allocations_of_proxies_out_of_sight_are_kept() -> None:
    """A key that is not in the sheet has no place in the order, and loses nothing."""
    pool = pool_of(row(2, 2))
    pool.put(allocation(7, state=State.RESERVED, expires_at=NOW + 1))
    pool.put(allocation(8, state=State.RESERVED, expires_at=NOW + 9))
    assert [2] == best(pool, now=NOW + 2)
    pool.load(inventory([row(2, 2), row(7, 7), row(8, 8)]), TODAY)
    assert ([2, 7], [2, 7, 8]) == (best(pool, now=NOW + 2), best(pool, now=NOW + 9))


def test_a_reservation_that_became_a_take_in_time_is_no_longer_free() -> None:
    """Also when its moment passed between the journal's word and ours."""
    pool = pool_of(row(2, 2))
    pool.put(allocation(2, state=State.RESERVED, expires_at=NOW))
    assert [2] == best(pool)
    pool.put(allocation(2, state=State.QUEUED))
    assert [] == best(pool)


def test_a_patch_during_a_refresh_outlives_it() -> None:
    """What a commit saw while the sheet was being read is newer than what was read."""
    pool = pool_of(row(2, 2))
    pool.watch()
    pool.patch([row(2, 2, used_for="beboo")], NOW)
    pool.load(inventory([row(2, 2)]), TODAY)
    assert [] == best(pool)
    pool.watch()
    pool.load(inventory([row(2, 2)]), TODAY)
    assert [2] == best(pool)


def test_while_indexes_are_made_the_former_ones_serve() -> None:
    """Until the last slice the pool is what it was; then everything that happened meanwhile is true on the new one."""
    pool = pool_of(row(2, 2), row(3, 3), row(4, 4))
    pool.watch()
    slices = pool.loading(inventory([row(2, 2), row(3, 3), row(4, 5), row(5, 6)], NOW + 60), TODAY, step=1)
    next(slices)
    pool.patch([row(3, 3, used_for="beboo")], NOW + 61)
    pool.put(allocation(5))
    while next(slices, slices) is not slices:
        assert ([2, 4], ()) == (best(pool), pool.rows_of(key_of(6)))
    assert ([2, 5], [2, 3, 4, 5]) == (best(pool), best(pool, "tinder"))
    assert pool.moved_since(4, NOW)


def test_a_refresh_that_is_not_finished_changes_nothing() -> None:
    """Its slices are dropped; the next one begins anew."""
    pool = pool_of(row(2, 2))
    slices = pool.loading(inventory([row(2, 3)]), TODAY, step=1)
    next(slices)
    slices.close()
    assert [row(2, 2)] == list(pool.proxies())
    pool.load(inventory([row(2, 4)]), TODAY)
    assert [row(2, 4)] == list(pool.proxies())


def test_what_a_commit_saw_move_during_a_refresh_has_moved_then() -> None:
    """Not when the refresh began: who asks by a row number of the moment between means another proxy."""
    pool = pool_of(row(2, 2), row(3, 3))
    pool.watch()
    pool.patch([row(2, 3)], NOW + 9)
    pool.load(inventory([row(2, 2), row(3, 3)], NOW + 1), TODAY)
    assert (True, False) == (pool.moved_since(2, NOW + 5), pool.moved_since(2, NOW + 9))


def test_former_indexes_go_bit_by_bit() -> None:
    """And nothing of the new ones goes with them."""
    pool = pool_of(row(2, 2), row(3, 3))
    pool.load(inventory([row(4, 4)]), TODAY)
    assert 2 * 3 == len(list(pool.letting_go(step=1)))
    assert [] == list(pool.letting_go(step=1))
    assert [4] == best(pool)


def test_a_new_proxy_waits_for_the_refresh() -> None:
    """A patch moves what is known; a key that was never ranked is not offered yet, nor is the row's old one."""
    pool = pool_of(row(2, 2))
    pool.patch([row(2, 9)], NOW)
    assert () == pool.rows_of(key_of(9))
    assert pool.row_at(2) is None


def test_rows_that_changed_places_are_followed() -> None:
    """After a sort each proxy is known in its new row only."""
    pool = pool_of(row(2, 2), row(3, 3))
    pool.patch([row(3, 2), row(2, 3)], NOW)
    where = {proxy: [each.number for each in pool.rows_of(key_of(proxy))] for proxy in (2, 3)}
    assert {2: [3], 3: [2]} == where
    assert (0, [3, 2]) == (pool.duplicates(), best(pool))


def test_a_column_that_was_read_tells_every_place() -> None:
    """After a lookup each key stands in exactly the rows found, one that was not found where it was last seen."""
    pool = pool_of(row(2, 2, used_for="x"), row(3, 3), row(4, 3, used_for="beboo"), row(5, 5))
    assert [2, 5] == best(pool)
    pool.relocate({key_of(2): [7, 9], key_of(3): [3], "unknown": [8]}, NOW)
    where = {proxy: [each.number for each in pool.rows_of(key_of(proxy))] for proxy in (2, 3, 5)}
    assert {2: [7, 9], 3: [3], 5: [5]} == where
    assert [7, 3, 5] == best(pool)
    assert {"x"} == pool.rows_of(key_of(2))[1].used_for
    found = pool.row_at(9)
    assert found is not None
    assert key_of(2) == found.key
    assert pool.row_at(2) is None


def test_a_row_that_got_another_proxy_has_moved() -> None:
    """Who asks by row numbers of an older refresh learns that another proxy stands there now, for a time."""
    pool = pool_of(row(2, 2), row(3, 3), row(4, 4))
    pool.load(inventory([row(2, 3), row(3, 2), row(5, 5)], read_at=NOW + 60), TODAY)
    moved = [number for number in range(2, 6) if pool.moved_since(number, NOW)]
    assert [2, 3, 4] == moved
    assert not pool.moved_since(2, NOW + 60)


def test_every_name_that_was_ever_used_is_known() -> None:
    """From the sheet's marks, the ledger, the journal's past, and what was allocated since."""
    ledger = Ledger([allocation(2, "inledger")])
    pool = Pool(ledger, resources=["before"])
    pool.load(inventory([row(2, 2, used_for="marked", issued="written bob")]), TODAY)
    pool.put(allocation(3, "since"))
    pool.put(allocation(3, "since", State.RELEASED))
    assert {"inledger", "before", "marked", "written", "since"} == pool.known_resources()


def test_what_nobody_could_ask_for_is_no_resource() -> None:
    """People write all kinds of things into the cell; only a name in its one spelling is offered."""
    pool = pool_of(row(2, 2, used_for="avito ru, mail.ru/reg, -, beboo"))
    assert {"beboo"} == pool.known_resources()


def test_untouched_proxies_are_in_use_for_nothing() -> None:
    """Neither marked, nor with an entry, nor allocated, nor expired."""
    rows = [
        row(2, 2),
        row(3, 3, used_for="x"),
        row(4, 4, issued="y"),
        row(5, 5, expires=YESTERDAY),
        row(6, 6),
        row(7, 7, expires="#REF!"),
        row(8, 8),
        row(9, 8, used_for="x"),
    ]
    pool = pool_of(*rows, ledger=Ledger([allocation(6, "tinder")]))
    assert 2 == len(list(pool.unused(TODAY)))


def test_a_bad_proxy_that_is_not_in_the_sheet_is_in_nobodys_way() -> None:
    """Its report is remembered; the others are free as before."""
    pool = pool_of(row(2, 2), ledger=Ledger([allocation(9, "tinder", state=State.BAD)]))
    assert (1, 1) == (pool.free("beboo", NOW), pool.free("tinder", NOW))


def test_a_row_that_a_commit_saw_change_hands_has_moved() -> None:
    """What people meant by the row's number was another proxy; a look-up of the column tells so, too."""
    pool = Pool(Ledger())
    pool.load(inventory([row(2, 2), row(3, 3), row(4, 4)], NOW), TODAY)
    pool.patch([row(2, 3), row(4, 4)], NOW + 5)
    assert [True, False, False] == [pool.moved_since(number, NOW) for number in (2, 3, 4)]
    pool.relocate({key_of(4): [3]}, NOW + 6)
    assert [True, True, True] == [pool.moved_since(number, NOW) for number in (2, 3, 4)]
    assert not pool.moved_since(3, NOW + 6)


def test_the_kinds_in_the_sheet_are_named_once() -> None:
    """Each country as first written there, in any case; each protocol; empty cells are no country."""
    pool = pool_of(row(2, 2, country="nl", expires=9), row(3, 3, country="NL"), row(4, 4, country=""))
    pool.load(inventory([*pool.proxies(), row(5, 5, country="DE")]), TODAY)
    assert (["DE", "NL"], ["http"]) == (pool.countries(), pool.schemes())
    assert ([], []) == (Pool(Ledger()).countries(), Pool(Ledger()).schemes())


@pytest.mark.parametrize(
    ("wish", "rows"),
    [
        (Wish(), [4, 2, 3, 5]),
        (Wish(country="nl"), [4, 2, 5]),
        (Wish(country="Nl", min_days=9), [4, 2]),
        (Wish(country="nl", min_days=10), [4]),
        (Wish(min_days=31), []),
        (Wish(scheme="http"), [4, 2, 3, 5]),
        (Wish(scheme="socks5"), []),
        (Wish("de", 5, "http"), [3]),
    ],
)
def test_a_wish_narrows_the_choice(wish: Wish, rows: list[int]) -> None:
    """The country in any case, days left at least without unknown ones, the protocol; counted the same."""
    pool = pool_of(
        row(2, 2, expires=9),
        row(3, 3, expires=8, country="DE"),
        row(4, 4, expires=30, country="nl"),
        row(5, 5, expires="#REF!"),
        row(6, 6, used_for="beboo"),
    )
    assert rows == [each.number for each in pool.best("beboo", NOW, TODAY, wish)]
    assert len(rows) == pool.free("beboo", NOW, TODAY, wish)


def test_what_does_not_fit_any_more_is_not_offered() -> None:
    """A commit saw that a person changed the country: as it is now it is no answer to the wish."""
    pool = pool_of(row(2, 2), row(3, 3))
    wish = Wish(country="NL")
    assert [2, 3] == [each.number for each in pool.best("beboo", NOW, TODAY, wish)]
    pool.patch([row(2, 2, country="DE")], NOW)
    assert [3] == [each.number for each in pool.best("beboo", NOW, TODAY, wish)]


def test_what_is_barred_is_offered_to_nobody_for_a_while() -> None:
    """Until its moment: by the best, and when it is asked for by its row."""
    pool = pool_of(row(2, 2), row(3, 3))
    pool.bar([key_of(2)], NOW + 10)
    assert ([3], [2, 3]) == (best(pool, now=NOW + 9), best(pool, now=NOW + 10))
    assert [False, True] == [pool.is_free(key_of(2), "beboo", moment) for moment in (NOW, NOW + 10)]


def test_a_bad_proxy_is_free_for_nothing() -> None:
    """For what was asked before and after; it works again when nobody says otherwise."""
    pool = pool_of(row(2, 2), row(3, 3))
    assert [2, 3] == best(pool)
    pool.put(allocation(2, "tinder", State.BAD))
    pool.put(allocation(2, "mamba", State.BAD))
    assert ([3], [3]) == (best(pool), best(pool, "ozon"))
    pool.forget(allocation(2, "tinder").id)
    assert ([3], [3]) == (best(pool), best(pool, "ozon"))
    pool.put(allocation(2, "mamba", State.RELEASING))
    assert ([2, 3], [2, 3], [3]) == (best(pool), best(pool, "ozon"), best(pool, "mamba"))


def test_a_report_that_gave_way_to_another_allocation_counts_no_more() -> None:
    """What takes its place frees the proxy for every other resource that was asked for."""
    pool = pool_of(row(2, 2))
    assert [2] == best(pool)
    pool.put(allocation(2, "tinder", State.BAD))
    assert [] == best(pool)
    pool.put(allocation(2, "tinder", id=id_of(3, "tinder")))
    assert ([], [2]) == (best(pool, "tinder"), best(pool))


def test_a_bad_proxy_that_got_another_password_is_another_proxy() -> None:
    """What was said of the old key does not hold for the new one, and the other way round."""
    pool = pool_of(row(2, 2), row(3, 3))
    assert [2, 3] == best(pool)
    pool.put(allocation(2, "tinder", State.BAD))
    pool.put(allocation(3, "tinder", State.BAD, id=allocation(2, "tinder").id))
    assert [2] == best(pool)


def test_what_is_offered_to_nobody_does_not_count_as_free() -> None:
    """The number is how many can be had now, of any kind and of one."""
    pool = pool_of(row(2, 2), row(3, 3), row(4, 4, country="DE"))
    pool.bar([key_of(2), key_of(9)], NOW + 10)
    counted = [
        (pool.free("beboo", at, TODAY), pool.free("beboo", at, TODAY, Wish("nl"))) for at in (NOW, NOW + 10)
    ]
    assert [(2, 1), (3, 2)] == counted
