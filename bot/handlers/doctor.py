"""For admins: /doctor checks the sheet, and its buttons mend it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from aiogram import Router
from aiogram.types import CallbackQuery, Message, User

from bot.errors import PeerError
from bot.handlers.asking import answer_when_done
from bot.handlers.buttons import carried
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import Pressed, Typed
from bot.handlers.outlet import Outlet
from bot.handlers.requests import name_of
from bot.models.audit import Act, Deed
from bot.models.checkup import Mended, SheetCheckup
from bot.models.offer import Press
from bot.views import doctor as views
from bot.views.reply import Reply


class Examiner(Protocol):
    """The doctor as the chat sees it; `address` is whom the sheet is to be shared with. Raises PeerError."""

    address: str

    async def check(self) -> SheetCheckup: ...
    async def add_issued(self) -> Mended: ...
    async def protect_issued(self) -> Mended: ...


class Auditor(Protocol):
    """Where acts are written down."""

    async def note(self, act: Act) -> None: ...


def register(router: Router) -> None:
    """/doctor and the buttons under its answer."""
    router.message.register(check, Typed("doctor"))
    router.callback_query.register(press_button, Pressed("doctor"))


async def check(_: Message, outlet: Outlet, deps: ChatDeps, doctor: Examiner) -> None:
    """Check the sheet and say what was found."""
    await _answer(lambda: _checked(doctor), outlet, deps, doctor)


async def press_button(
    _: CallbackQuery,
    press: Press,
    sender: User,
    outlet: Outlet,
    deps: ChatDeps,
    doctor: Examiner,
    audit: Auditor,
) -> None:
    """Check again, add the column, or protect it."""

    async def mended(mend: Callable[[], Awaitable[Mended]], deed: Deed) -> Reply:
        outcome = await mend()
        if outcome.done:
            await audit.note(Act(sender.id, name_of(sender), deed, "issued"))
        return views.mended_in_chat(outcome)

    work: dict[str, Callable[[], Awaitable[Reply]]] = {
        "check": lambda: _checked(doctor),
        "add": lambda: mended(doctor.add_issued, Deed.ADD_COLUMN),
        "protect": lambda: mended(doctor.protect_issued, Deed.PROTECT_COLUMN),
    }
    [what] = carried(press.action.args, frozenset(work))
    await _answer(work[what], outlet, deps, doctor)


async def _answer(
    work: Callable[[], Awaitable[Reply]], outlet: Outlet, deps: ChatDeps, doctor: Examiner
) -> None:
    async def reply() -> Reply:
        try:
            return await work()
        except PeerError as error:
            return views.failed(error, doctor.address)

    await answer_when_done(reply, outlet, deps, views.CHECKING)


async def _checked(doctor: Examiner) -> Reply:
    return views.checked(await doctor.check(), doctor.address)
