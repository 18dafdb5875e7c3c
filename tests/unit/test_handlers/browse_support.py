"""A chat with proxies to choose from: a desk that keeps previews, the line, and what was told to whom."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chat_support import USER, ChatDesk, MemoryDesk, a_proxy
from new_schema import upgrade

from bot.errors import NotEnough, OthersWait, PreviewLapsed, ResourceFrozen, UnknownResource
from bot.handlers.dispatcher import build_dispatcher
from bot.handlers.outlet import Outlet
from bot.models.line import Line
from bot.models.notice import Kind
from bot.models.person import Preferences
from bot.models.proxy import Proxy
from bot.models.results import Choices, Glimpse, Issued, Preview, Receipt, ResourceStock
from bot.models.role import Role
from bot.models.wish import ANY, Wish
from bot.resilience.clock import Clock
from bot.services.line import WaitingLine
from bot.services.offers import Offers
from bot.services.previews import Previews
from bot.storage.database import Database
from bot.storage.line import LineStore
from bot.storage.previews import PreviewStore
from bot.views.notices import render

ANNA, VIEWER = 1003, 1005
TTL = 300.0


@dataclass
class Kept:
    """A preview, and what it keeps."""

    preview: Preview
    user_id: int
    proxies: list[Proxy]


class BrowseDesk(MemoryDesk):
    """Free proxies by resource, best first. A preview takes them out until it ends; a known key is answered again.

    `taking` is set when a take has begun; it waits for `gate`.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.stock: dict[str, list[Proxy]] = {}
        self.frozen: set[str] = set()
        self.line: Line = Line()
        self.kept: dict[int, Kept] = {}
        self.answers: dict[str, Any] = {}
        self.taking = asyncio.Event()
        self.take_refusals: list[Exception] = []
        self._numbers = itertools.count(1042)

    def fill(self, resource: str, *proxies: Proxy) -> None:
        self.stock.setdefault(resource, []).extend(proxies)

    def free(self, resource: str) -> int:
        return len(self._free(resource, ANY))

    async def known(self, request_key):
        return request_key in self.answers or await super().known(request_key)

    async def resources(self):
        stocks = [ResourceStock(name, self.free(name), name in self.frozen, 0) for name in self.stock]
        return sorted(stocks, key=lambda stock: -stock.free)

    async def choices(self, resource, wish):
        if resource not in self.stock:
            raise UnknownResource(resource, ("beboo",))
        without = {name: self._free(resource, wish._replace(**{name: value})) for name, value in _NOTHING}
        return Choices(
            resource,
            wish,
            len(self._free(resource, wish)),
            tuple(Counter(proxy.country for proxy in without["country"]).most_common()),
            tuple(Counter(proxy.endpoint.scheme for proxy in without["scheme"]).most_common()),
            tuple((days, _lasting(without["min_days"], days)) for days in (3, 7, 14, 30)),
        )

    async def preview(
        self, resource, count, user_id, *, name, request_key, wish=ANY, new_resource=False, ttl=None
    ):
        if self.refusals:
            raise self.refusals.pop(0)
        if request_key in self.answers:
            return self.answers[request_key]
        if resource in self.frozen:
            raise ResourceFrozen(resource)
        if ttl is None and (ahead := self.line.ahead_of(resource, user_id)):
            raise OthersWait(resource, ahead)
        if ttl is None:
            self._drop(request for request, kept in self.kept.items() if kept.user_id == user_id)
        chosen = self._free(resource, wish)[:count]
        if len(chosen) < count:
            raise NotEnough(resource, count, len(chosen))
        self.stock[resource] = [proxy for proxy in self.stock[resource] if proxy not in chosen]
        glimpses = tuple(Glimpse(each.country, each.endpoint.scheme, each.days_left) for each in chosen)
        until = self.clock.time() + (ttl or TTL)
        preview = Preview(next(self._numbers), resource, wish, glimpses, until)
        self.kept[preview.request] = Kept(preview, user_id, chosen)
        return self.answers.setdefault(request_key, preview)

    async def take_preview(self, request, user_id, *, name, request_key):
        if request_key in self.answers:
            known = self.answers[request_key]
            return replace(known, receipt=replace(known.receipt, repeated=True))
        kept = self._mine(request, user_id)
        if self.take_refusals:
            raise self.take_refusals.pop(0)
        del self.kept[request]
        self.taking.set()
        await self.gate.wait()
        receipt = Receipt(next(self._numbers), 1, 1, self.clock.time() - 3)
        issued = Issued(kept.preview.resource, tuple(kept.proxies), (), receipt)
        return self.answers.setdefault(request_key, issued)

    async def extend_preview(self, request, user_id):
        kept = self._mine(request, user_id)
        if not kept.preview.extended:
            until = self.clock.time() + TTL
            kept.preview = replace(kept.preview, expires_at=until, extended=True)
        return kept.preview

    async def cancel_preview(self, request, user_id):
        mine = [request] if request in self.kept and self.kept[request].user_id == user_id else []
        return self._drop(mine)

    async def cancel_all_reservations(self, user_id):
        return self._drop([request for request, kept in self.kept.items() if kept.user_id == user_id])

    def _mine(self, request: int, user_id: int) -> Kept:
        kept = self.kept.get(request)
        if kept is None or kept.user_id != user_id or kept.preview.expires_at <= self.clock.time():
            raise PreviewLapsed
        return kept

    def _drop(self, requests: Iterable[int]) -> int:
        dropped = [self.kept.pop(request) for request in list(requests)]
        for kept in dropped:
            self.stock[kept.preview.resource] = kept.proxies + self.stock[kept.preview.resource]
        return sum(len(kept.proxies) for kept in dropped)

    def _free(self, resource: str, wish: Wish) -> list[Proxy]:
        self._drop([r for r, kept in self.kept.items() if kept.preview.expires_at <= self.clock.time()])
        return [proxy for proxy in self.stock.get(resource, ()) if _fits(proxy, wish)]


_NOTHING: tuple[tuple[str, Any], ...] = (("country", ""), ("scheme", ""), ("min_days", 0))


def _fits(proxy: Proxy, wish: Wish) -> bool:
    return (
        wish.country.casefold() in ("", proxy.country.casefold())
        and wish.scheme in ("", proxy.endpoint.scheme)
        and _lasting([proxy], wish.min_days) == 1
    )


def _lasting(proxies: list[Proxy], days: int) -> int:
    return sum(not days or (proxy.days_left or 0) >= days for proxy in proxies)


class Told:
    """What was told to whom; a key is told once, as the outbox does."""

    def __init__(self) -> None:
        self.notices: list[tuple[int, Kind, dict[str, Any]]] = []
        self._keys: set[str | None] = set()

    async def tell(self, user_id, kind, data, key=None):
        if key not in self._keys:
            self._keys.add(key)
            self.notices.append((user_id, kind, dict(data)))


class AnyPeople:
    """Everybody likes the same."""

    def preferences_of(self, user_id):
        return Preferences()


class BrowseChat(ChatDesk):
    """The chat desk with previews and a line; 55 HTTP proxies of DE and NL are free for beboo, two for tinder."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.desk = BrowseDesk(self.clock)
        ids = (f"offer{number:03}" for number in itertools.count())
        self.offers = Offers(self.offer_store, self.clock, lambda: next(ids), self.desk.known)
        self.deps = replace(self.deps, desk=self.desk, offers=self.offers)
        self.roles.roles |= {ANNA: Role.USER, VIEWER: Role.VIEWER}
        self.outbox, line = Told(), self.desk.line
        self.previews = Previews(PreviewStore(database), self.outbox, self.clock)
        self.line = WaitingLine(line, LineStore(database), self.desk, self.outbox, self.clock, lambda _: True)
        self.dispatcher = build_dispatcher(
            self.deps, previews=self.previews, line=self.line, people=AnyPeople()
        )
        self.desk.fill("beboo", *(a_proxy(row, country="DE" if row % 2 else "NL") for row in range(2, 57)))
        self.desk.fill("tinder", a_proxy(80), a_proxy(81))

    async def tap(self, label: str, user: int = USER) -> str:
        """Press the button with that label under the last message; returns what it carries."""
        data = self.data_of(label)
        await self.press(data, user)
        return data

    def data_of(self, label: str) -> str:
        """What the button with that label carries, under the last message."""
        return dict(self.buttons)[label]

    async def receive(self) -> None:
        """The last notice arrives, with its buttons."""
        user, kind, data = self.outbox.notices[-1]
        now = self.clock.time()
        await Outlet(self.bot, self.clock, self.offers, user).deliver(render(kind, data, now, now))

    async def look(self, count: int = 3, resource: str = "beboo", user: int = USER) -> str:
        """Go from /proxies to a preview; returns what the last button carries."""
        await self.write("/proxies", user)
        await self.tap(next(label for label, _ in self.buttons if label.startswith(resource)), user)
        return await self.tap(str(count), user)

    @property
    def labels(self) -> list[str]:
        """The buttons under the last message."""
        return [label for label, _ in self.buttons]


@asynccontextmanager
async def browse_chat(directory: Path) -> AsyncIterator[BrowseChat]:
    """A chat whose line and previews are in a database of its own."""
    database = Database(f"sqlite:///{directory / 'bot.db'}")
    await database.start()
    await database.migrate(upgrade)
    yield BrowseChat(database)
    await database.close()
