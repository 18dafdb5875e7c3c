"""For admins: /who, /audit and /export."""

from __future__ import annotations

from typing import Protocol

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import CallbackQuery, Message, User

from bot.errors import NotYours
from bot.handlers.asking import answer_when_done
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.handlers.requests import name_of
from bot.handlers.subjects import parse_subject, recalled
from bot.models.history import About, Place, Subject
from bot.models.offer import Press
from bot.models.resource import nearest
from bot.models.results import Returned
from bot.services.audit import Audit, AuditPage
from bot.services.history import History
from bot.views import audit as audit_views
from bot.views import export as export_views
from bot.views import who as views
from bot.views.reply import Reply


class Reviver(Protocol):
    """The desk, as far as it forgives."""

    async def revive(self, allocation: str, admin_id: int, *, request_key: str) -> Returned:
        """A bad one works again: it is freed, in the sheet too. Raises NotYours where it is not bad (any more)."""


def register(router: Router) -> None:
    """/who and /audit with their buttons, and /export."""
    router.message.register(who, Typed("who"))
    router.message.register(audit, Typed("audit"))
    router.message.register(export, Typed("export"))
    router.callback_query.register(who_further, Pressed("who"))
    router.callback_query.register(revive, Pressed("revive"))
    router.callback_query.register(audit_further, Pressed("audit"))


async def who(_: Message, command: CommandObject, outlet: Outlet, deps: ChatDeps, history: History) -> None:
    """Who holds what is asked about, and who held it."""
    subject = await history.resolve(parse_subject(command.args, "who"))
    await outlet.deliver(await _page(subject, None, deps, history))


async def who_further(
    _: CallbackQuery, press: Press, outlet: Outlet, deps: ChatDeps, history: History
) -> None:
    """Another page, or another resource."""
    about, where = press.action.args[:3], press.action.args[3:]
    subject = Subject(*carried(about, About, str, str))
    before = Place(*carried(where, int, str)) if where else None
    await outlet.deliver(await _page(subject, before, deps, history))


async def revive(
    _: CallbackQuery, press: Press, sender: User, outlet: Outlet, deps: ChatDeps, rulings: Reviver
) -> None:
    """A proxy that was reported as bad works again."""
    allocation, address = carried(press.action.args[:2], str, str)
    subject = recalled(press.action.args[2:]) or Subject(About.HOST, address)

    async def work() -> Reply:
        try:
            outcome = await rulings.revive(allocation, sender.id, request_key=press.key)
        except NotYours:
            return views.not_bad(address, subject)
        return views.revived(address, outcome, subject)

    await answer_when_done(work, outlet, deps, views.REVIVING)


async def audit(_: Message, command: CommandObject, outlet: Outlet, history: History, audit: Audit) -> None:
    """Who did what when."""
    await outlet.typing()
    subject = await history.resolve(parse_subject(command.args, "audit")) if command.args else None
    await outlet.deliver(await _acts(await audit.page(subject=subject), subject, audit))


async def audit_further(_: CallbackQuery, press: Press, outlet: Outlet, audit: Audit) -> None:
    """Older or newer acts."""
    way, number = carried(press.action.args[:2], frozenset({"older", "newer"}), int)
    subject = recalled(press.action.args[2:])
    turn = audit.page if way == "older" else audit.page_after
    await outlet.deliver(await _acts(await turn(number, subject=subject), subject, audit))


async def export(_: Message, sender: User, outlet: Outlet, deps: ChatDeps, history: History) -> None:
    """Everything that is out, as a file."""
    await outlet.typing()
    records = await history.export(sender.id, name_of(sender))
    await outlet.deliver(export_views.export(records, deps.clock.time()))


async def _page(subject: Subject, before: Place | None, deps: ChatDeps, history: History) -> Reply:
    page = await history.page(subject, before)
    if before is None and not page.records and subject.about is About.RESOURCE:
        known = [stock.name for stock in await deps.desk.resources()]
        if subject.word not in known:
            return views.unknown_resource(subject.word, nearest(subject.word, known), "who", "Who has")
    return views.who(page, deps.clock.time())


async def _acts(page: AuditPage, subject: Subject | None, audit: Audit) -> Reply:
    """The page, under it what a check of the whole chain has come to (2 s for 100,000 acts)."""
    check = await audit.verify()
    return audit_views.audit(
        page.links,
        older=page.older,
        newer=page.newer,
        checked=check.checked,
        broken=check.broken,
        subject=subject,
    )
