"""The pool against a naive one that looks at every proxy for every question, through any order of events."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from model_makers import NOW, TODAY, allocation, entry_of, id_of, inventory, key_of, row

from bot.models.allocation import LIVE, Allocation, State
from bot.models.ledger import Ledger
from bot.models.pool import Pool
from bot.models.sheet import SheetRow
from bot.models.wish import Wish

PROXIES = range(2, 7)
RESOURCES = ("beboo", "tinder", "mamba")

proxies = st.sampled_from(PROXIES)
resources = st.sampled_from(RESOURCES)


@st.composite
def sheet_rows(draw: st.DrawFn, numbers: st.SearchStrategy[int] = st.integers(2, 9)) -> SheetRow:  # noqa: B008
    """A row with marks of people, entries of its own proxy, and any expiry."""
    proxy = draw(proxies)
    entries = st.sampled_from(["bob", "tinder eve", *(entry_of(proxy, name) for name in RESOURCES)])
    return row(
        draw(numbers),
        proxy,
        used_for=", ".join(draw(st.lists(resources, max_size=2))),
        issued="; ".join(draw(st.lists(entries, max_size=2))),
        expires=draw(st.integers(-1, 9) | st.just("#REF!")),
        country=draw(st.sampled_from(["NL", "nl", "DE"])),
    )


sheets = st.lists(sheet_rows(), max_size=8, unique_by=lambda each: each.number).map(
    lambda rows: sorted(rows, key=lambda each: each.number)
)


class NaivePool:
    """What the pool knows, as plain data."""

    def __init__(self) -> None:
        self.live: dict[str, Allocation] = {}
        self.load([])

    def load(self, rows: list[SheetRow]) -> None:
        self.key_at = {each.number: each.key for each in rows}
        self.seen: dict[str, list[SheetRow]] = {}
        for each in rows:
            self.seen.setdefault(each.key, []).append(each)
        self.read = {key: found[0] for key, found in self.seen.items()}
        self.usable = {key: found[0].usable(TODAY) for key, found in self.seen.items()}
        self.order = sorted(self.seen, key=lambda key: -(self.seen[key][0].expires or -1))

    def patch(self, now_there: SheetRow) -> None:
        former = self.key_at.get(now_there.number, now_there.key)
        self.key_at[now_there.number] = now_there.key
        if former != now_there.key and former in self.seen:
            rest = [each for each in self.seen[former] if each.number != now_there.number]
            self.seen[former] = rest or self.seen[former]
        if now_there.key in self.seen:
            others = [
                each
                for each in self.seen[now_there.key]
                if each.number != now_there.number and self.key_at.get(each.number) == each.key
            ]
            self.seen[now_there.key] = sorted([*others, now_there], key=lambda each: each.number)

    def put(self, one: Allocation) -> None:
        place = (one.key, one.resource)
        if one.state in LIVE:
            same = [each.id for each in self.live.values() if (each.key, each.resource) == place]
            for each in same:
                del self.live[each]
            self.live[one.id] = one
        else:
            self.live.pop(one.id, None)

    def is_free(self, key: str, resource: str, now: float) -> bool:
        if any(each.key == key and each.state is State.BAD for each in self.live.values()):
            return False
        held = any(
            (each.key, each.resource) == (key, resource) and not each.lapsed(now)
            for each in self.live.values()
        )
        marked = any(resource in each.marked(self.live) for each in self.seen[key])
        return self.usable[key] and not held and not marked

    def free(self, resource: str, now: float) -> list[str]:
        return [key for key in self.order if self.is_free(key, resource, now)]

    def best(self, resource: str, now: float) -> Iterator[SheetRow]:
        first = (self.seen[key][0] for key in self.free(resource, now))
        return (each for each in first if each.usable(TODAY))


class PoolMachine(RuleBasedStateMachine):
    """Refreshes, patches and allocations in any order; questions in between, also while indexes are being made."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = Pool(Ledger())
        self.naive = NaivePool()
        self.now = NOW
        self.loading: Iterator[None] | None = None
        self.read: list[SheetRow] = []
        self.newer: list[SheetRow] = []

    @initialize(rows=sheets)
    def first_refresh(self, rows: list[SheetRow]) -> None:
        self.refresh(rows, [])

    @rule(rows=sheets)
    def begin_to_load(self, rows: list[SheetRow]) -> None:
        self.pool.watch()
        self.newer.clear()
        self.read, self.loading = rows, self.pool.loading(inventory(rows, self.now), TODAY, step=1)

    @precondition(lambda self: self.loading is not None)
    @rule(slices=st.integers(1, 9))
    def go_on_loading(self, slices: int) -> None:
        for _ in range(slices):
            if self.loading is not None and next(self.loading, self) is self:
                self.loading = None
                self.naive.load(self.read)
                for each in self.newer:
                    self.naive.patch(each)

    @rule()
    def let_go(self) -> None:
        assert [] == [each for each in self.pool.letting_go(step=1) if each]

    @rule(rows=sheets, meanwhile=st.lists(sheet_rows(), max_size=3))
    def refresh(self, rows: list[SheetRow], meanwhile: list[SheetRow]) -> None:
        self.loading = None
        self.pool.watch()
        for each in meanwhile:
            self.patch(each)
        self.pool.load(inventory(rows, self.now), TODAY)
        self.naive.load(rows)
        for each in meanwhile:
            self.naive.patch(each)

    @rule(now_there=sheet_rows())
    def patch(self, now_there: SheetRow) -> None:
        self.pool.patch([now_there], self.now)
        self.naive.patch(now_there)
        self.newer.append(now_there)

    @rule(
        proxy=proxies,
        resource=resources,
        state=st.sampled_from(State),
        again=st.booleans(),
        ttl=st.sampled_from([5.0, 10.0]),
    )
    def put(self, proxy: int, resource: str, state: State, again: bool, ttl: float) -> None:
        one = allocation(
            proxy,
            resource,
            state,
            id=id_of(proxy + 100 * again, resource),
            expires_at=self.now + ttl if state is State.RESERVED else None,
        )
        self.pool.put(one)
        self.naive.put(one)

    @rule(proxy=proxies, resource=resources)
    def forget(self, proxy: int, resource: str) -> None:
        self.pool.forget(id_of(proxy, resource))
        self.naive.live.pop(id_of(proxy, resource), None)

    @rule(seconds=st.sampled_from([1.0, 5.0, 10.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(resource=resources)
    def ask_for_the_best(self, resource: str) -> None:
        assert list(self.naive.best(resource, self.now)) == list(self.pool.best(resource, self.now, TODAY))

    @rule(resource=resources)
    def count_the_free(self, resource: str) -> None:
        assert len(self.naive.free(resource, self.now)) == self.pool.free(resource, self.now)

    @rule(resource=resources, days=st.integers(0, 9), scheme=st.sampled_from(["", "http", "socks5"]))
    def ask_for_a_kind(self, resource: str, days: int, scheme: str) -> None:
        # What was edited since the refresh may be missed until the next one; what is offered fits as it is now.
        wish = Wish("nl", days, scheme)
        wanted = [each for each in self.naive.best(resource, self.now) if wish.fits(each, TODAY)]
        offered = list(self.pool.best(resource, self.now, TODAY, wish))
        assert [each for each in wanted if each in offered] == offered
        assert [] == [each for each in wanted if each == self.naive.read[each.key] and each not in offered]

    @rule(proxy=proxies, resource=resources)
    def ask_for_one(self, proxy: int, resource: str) -> None:
        known = key_of(proxy) in self.naive.seen
        expected = known and self.naive.is_free(key_of(proxy), resource, self.now)
        assert expected == self.pool.is_free(key_of(proxy), resource, self.now)

    @invariant()
    def rows_are_known(self) -> None:
        assert self.naive.live == self.pool.ledger.live
        for proxy in PROXIES:
            assert self.naive.seen.get(key_of(proxy), []) == list(self.pool.rows_of(key_of(proxy)))


TestPoolMachine = PoolMachine.TestCase
TestPoolMachine.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
