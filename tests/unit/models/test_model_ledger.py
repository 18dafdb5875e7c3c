"""The live allocations in memory, against a plain list of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from model_makers import NOW, allocation, id_of, key_of

from bot.models.allocation import HELD, LIVE, PROJECTED, Allocation, State
from bot.models.ledger import Ledger

RESOURCES = ("beboo", "tinder")
USERS = (7, 8)
ANY = st.builds(
    allocation,
    st.integers(2, 4),
    st.sampled_from(RESOURCES),
    st.sampled_from(State),
    id=st.sampled_from(["aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd"]),
    user_id=st.sampled_from(USERS),
    expires_at=st.none() | st.integers(1, 10).map(float),
)
Step = Callable[[Ledger, dict[str, Allocation]], None]


def put(one: Allocation) -> Step:
    def step(ledger: Ledger, plain: dict[str, Allocation]) -> None:
        ledger.put(one)
        place = (one.key, one.resource)
        for other in list(plain.values()):
            in_place = (other.key, other.resource) == place and one.state in LIVE
            is_update = other.id == one.id and in_place and other.user_id == one.user_id
            if (other.id == one.id or in_place) and not is_update:
                del plain[other.id]
        if one.state in LIVE:
            plain[one.id] = one

    return step


def drop(which: str) -> Step:
    def step(ledger: Ledger, plain: dict[str, Allocation]) -> None:
        ledger.drop(which)
        plain.pop(which, None)

    return step


STEPS = st.lists(ANY.map(put) | st.sampled_from(["aaaaaaaa", "bbbbbbbb", "eeeeeeee"]).map(drop), max_size=30)


@given(STEPS)
def test_every_index_says_the_same(steps: list[Step]) -> None:
    """By id, proxy, resource and user: the live allocations, at most one a (proxy, resource)."""
    ledger, plain = Ledger(), dict[str, Allocation]()
    for step in steps:
        step(ledger, plain)
    assert plain == ledger.live
    assert {one.resource for one in plain.values()} == set(ledger.resources)
    for proxy in range(2, 5):
        of_key = [one for one in plain.values() if one.key == key_of(proxy)]
        assert of_key == ledger.of_proxy(key_of(proxy))
        assert any(one.state is State.BAD for one in of_key) == ledger.is_bad(key_of(proxy))
    assert {one.key for one in plain.values() if one.state is State.BAD} == set(ledger.bad_keys)
    for user in USERS:
        assert [one for one in plain.values() if one.user_id == user] == ledger.of_user(user)
    for resource in RESOURCES:
        of_resource = {one.key: one for one in plain.values() if one.resource == resource}
        assert of_resource == ledger.of_resource(resource)
    assert plain.get("aaaaaaaa") == ledger.get("aaaaaaaa")


@given(STEPS, st.integers(0, 11))
def test_lapsed_reservations_are_named_once(steps: list[Step], now: int) -> None:
    """Those whose time has come, each once, first to lapse first; they stay live until the journal ends them."""
    ledger, plain = Ledger(), dict[str, Allocation]()
    for step in steps:
        step(ledger, plain)
    lapsed = ledger.lapse(now)
    due = {one.id for one in plain.values() if one.lapsed(now)}
    assert due == {one.id for one in lapsed}
    assert len(due) == len(lapsed)
    assert lapsed == sorted(lapsed, key=lambda one: one.expires_at or 0)
    assert [] == ledger.lapse(now)
    assert plain == ledger.live


@given(STEPS, st.integers(0, 11))
def test_what_a_user_has_is_counted(steps: list[Step], now: int) -> None:
    """Held or about to be held; kept and not lapsed."""
    ledger, plain = Ledger(), dict[str, Allocation]()
    for step in steps:
        step(ledger, plain)
    for user in USERS:
        own = [one for one in plain.values() if one.user_id == user]
        assert sum(one.is_held for one in own) == ledger.held(user)
        kept = [one for one in own if one.state is State.RESERVED and not one.lapsed(now)]
        assert len(kept) == ledger.reserved(user, now)


def test_what_a_request_has_come_to() -> None:
    """Its user's, live; a request that took over what was kept has it, the former one has nothing."""
    kept, other = (allocation(n, state=State.RESERVED, expires_at=NOW) for n in (2, 3))
    ledger = Ledger([kept, other, allocation(4, user_id=8)])
    assert [kept, other] == ledger.of_request(1, 7)
    claimed = replace(kept, state=State.QUEUED, request=5, expires_at=None)
    ledger.put(claimed)
    assert ([other], [claimed]) == (ledger.of_request(1, 7), ledger.of_request(5, 7))
    assert ([], []) == (ledger.of_request(5, 8), ledger.of_request(9, 7))


def test_a_reservation_that_was_taken_does_not_lapse() -> None:
    """Nor one that has ended, or got more time."""
    ledger = Ledger([allocation(n, state=State.RESERVED, expires_at=NOW) for n in (2, 3, 4)])
    ledger.put(allocation(2, state=State.QUEUED))
    ledger.put(allocation(3, state=State.RELEASED))
    ledger.put(allocation(4, state=State.RESERVED, expires_at=NOW + 5))
    assert [] == ledger.lapse(NOW)
    assert [id_of(4)] == [one.id for one in ledger.lapse(NOW + 5)]


def test_a_ledger_begins_with_what_the_journal_holds() -> None:
    """What is not live is not in it."""
    ledger = Ledger([allocation(2), allocation(3, state=State.RELEASED)])
    assert {id_of(2)} == set(ledger.live)


def test_a_reservation_lapses_at_its_moment() -> None:
    """Not before, and nothing but a reservation ever does."""
    reserved = allocation(2, state=State.RESERVED, expires_at=NOW)
    taken = allocation(2, expires_at=NOW)
    endless = allocation(2, state=State.RESERVED)
    assert [False, True] == [reserved.lapsed(NOW - 0.001), reserved.lapsed(NOW)]
    assert [False, False] == [taken.lapsed(NOW + 1), endless.lapsed(NOW + 1)]


def test_an_allocation_moves_without_a_change_of_anything_else() -> None:
    """A new state, and a new row where one was seen."""
    one = allocation(2, state=State.TAKING, row=5)
    assert allocation(2, state=State.TAKEN, row=5) == one.moved_to(State.TAKEN)
    assert allocation(2, state=State.TAKEN, row=9) == one.moved_to(State.TAKEN, 9)


def test_the_groups_of_states_fit_together() -> None:
    """What is held or projected is live; what has ended is neither."""
    ended = {State.RELEASED, State.EXPIRED, State.FAILED}
    assert set(State) - ended == LIVE
    assert HELD | PROJECTED <= LIVE
