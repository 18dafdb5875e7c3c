"""A chat with people who hold proxies: a desk that keeps who has what, colleagues, and what was told to whom."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chat_support import ADMIN, USER, ChatDesk, a_proxy

from bot.errors import NotYours, RequestConflict
from bot.handlers.dispatcher import build_dispatcher
from bot.handlers.outlet import Outlet
from bot.models.notice import Kind
from bot.models.person import Person
from bot.models.results import Held, Issued, Receipt, Returned
from bot.models.role import Role
from bot.services.offers import Offers
from bot.services.people import People
from bot.views.notices import render

ANNA = 1003
NAMES = {ADMIN: "@chief", USER: "@boris", ANNA: "@anna"}


def a_held(row: int, resource: str = "beboo", **changes: Any) -> Held:
    """One held proxy, 192.0.2.ROW; `days_left` and the other fields of the proxy, or those of Held, can be given."""
    own = {name: changes.pop(name) for name in ("settled", "pending", "gone", "missing") if name in changes}
    allocation = f"{'a' if resource == 'beboo' else 'b'}{row}"
    return Held(allocation, resource, a_proxy(row, **changes), "2026-11-22", **({"settled": True} | own))


class HoldingDesk:
    """Who holds what. What is asked under one key happens once; `refusals` are raised first.

    `given` is what replacements are made of; `calls` names what was done, in order.
    """

    def __init__(self) -> None:
        self.refusals: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.holdings: dict[int, list[Held]] = {}
        self.given: list[Held] = []
        self.failures: tuple[Any, ...] = ()
        self.pending = False
        self.calls: list[tuple[Any, ...]] = []
        self.answers: dict[str, tuple[tuple[Any, ...], Any]] = {}
        self._numbers = itertools.count(1042)

    async def known(self, request_key):
        return request_key in self.answers

    async def held_by(self, user_id):
        return list(self.holdings.get(user_id, ()))

    async def held(self, allocation, user_id):
        return self._find(allocation, user_id)

    async def give_back(self, allocation_ids, user_id, *, request_key=None):
        return await self._returned(("give back", user_id, *allocation_ids), request_key)

    async def spend(self, allocation_ids, user_id, *, request_key):
        return await self._returned(("spend", user_id, *allocation_ids), request_key)

    async def mark_bad(self, allocation_ids, user_id, reason, *, request_key):
        return await self._returned((f"bad: {reason}", user_id, *allocation_ids), request_key)

    async def replace(self, allocation, user_id, reason, *, name, request_key, any_kind=False):
        call = (f"replace: {reason}{', any' if any_kind else ''}", user_id, allocation)
        if (known := await self._begin(call, request_key)) is not None:
            return known
        old = self._find(allocation, user_id)
        fresh = [] if self.failures else [self.given.pop(0)]
        if fresh:
            self.holdings[user_id].remove(old)
            self.holdings[user_id].extend(fresh)
        proxies = tuple(each.proxy for each in fresh)
        issued = Issued(old.resource, proxies, self.failures, self._receipt(), pending=self.pending)
        return self._settle(call, request_key, issued)

    async def transfer(self, allocation, user_id, to_user, to_name, *, request_key):
        call = ("transfer", user_id, to_user, allocation)
        if (known := await self._begin(call, request_key)) is not None:
            return known
        held = self._find(allocation, user_id)
        self.holdings[user_id].remove(held)
        self.holdings.setdefault(to_user, []).append(held)
        return self._settle(call, request_key, held)

    def _find(self, allocation: str, user_id: int) -> Held:
        for each in self.holdings.get(user_id, ()):
            if each.allocation == allocation:
                return each
        raise NotYours

    async def _returned(self, call: tuple[Any, ...], key: str) -> Returned:
        if (known := await self._begin(call, key)) is not None:
            return known
        _, user_id, *ids = call
        mine = [each for each in self.holdings.get(user_id, ()) if each.allocation in ids]
        if not mine:
            raise NotYours
        released = () if self.failures else tuple(each.allocation for each in mine)
        self.holdings[user_id] = [each for each in self.holdings[user_id] if each.allocation not in released]
        return self._settle(call, key, Returned(released, self.failures, self._receipt()))

    async def _begin(self, call: tuple[Any, ...], key: str) -> Any:
        await self.gate.wait()
        if self.refusals:
            raise self.refusals.pop(0)
        asked, answer = self.answers.get(key, (call, None))
        if asked != call:
            raise RequestConflict
        if answer is None or isinstance(answer, Held):
            return answer
        return replace(answer, receipt=replace(answer.receipt, repeated=True))

    def _settle(self, call: tuple[Any, ...], key: str, answer: Any) -> Any:
        self.calls.append(call)
        self.answers[key] = (call, answer)
        return answer

    def _receipt(self) -> Receipt:
        return Receipt(next(self._numbers), 1, 1, 1_800_000_000.0 - 3)


class NoStore:
    """People who are all there from the start."""

    async def load(self) -> Sequence[Person]:
        return [Person(user_id, name, name[1:], Role.USER) for user_id, name in NAMES.items()]

    async def put(self, *_: object) -> None: ...


@dataclass
class Told:
    """What was told to whom; a key is told once, as the outbox does."""

    notices: list[tuple[int, Kind, dict[str, Any]]] = field(default_factory=list)
    keys: set[str | None] = field(default_factory=set)

    async def tell(self, user_id, kind, data, key=None):
        if key is None or key not in self.keys:
            self.keys.add(key)
            self.notices.append((user_id, kind, dict(data)))

    async def tell_admins(self, kind, data, key=None):
        await self.tell(ADMIN, kind, data, None if key is None else f"{key}:{ADMIN}")


class HoldingChat(ChatDesk):
    """The chat desk with holdings, colleagues and notices."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = HoldingDesk()
        ids = (f"offer{number:03}" for number in itertools.count())
        self.offers = Offers(self.offer_store, self.clock, lambda: next(ids), self.desk.known)
        self.deps = replace(self.deps, desk=self.desk, offers=self.offers)
        self.roles.roles[ANNA] = Role.USER
        self.people, self.outbox = People([ADMIN], [], NoStore(), self.clock), Told()
        self.dispatcher = build_dispatcher(self.deps, people=self.people, outbox=self.outbox)

    @classmethod
    async def opened(cls) -> HoldingChat:
        """One whose people are known."""
        chat = cls()
        await chat.people.load()
        return chat

    def hold(self, *held: Held, user: int = USER) -> None:
        """Give these to somebody."""
        self.desk.holdings.setdefault(user, []).extend(held)

    def data_of(self, label: str) -> str:
        """What the button with that label carries, under the last message."""
        return dict(self.buttons)[label]

    async def tap(self, label: str, user: int = USER) -> None:
        """Press the button with that label under the last message."""
        await self.press(self.data_of(label), user)

    async def receive(self) -> None:
        """The last notice arrives, with its buttons."""
        user, kind, data = self.outbox.notices[-1]
        now = self.clock.time()
        await Outlet(self.bot, self.clock, self.offers, user).deliver(render(kind, data, now, now))

    @property
    def labels(self) -> list[str]:
        """The buttons under the last message."""
        return [label for label, _ in self.buttons]
