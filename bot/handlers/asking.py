"""Requests that wait for the sheet: show that something is done, answer, or say why not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.errors import NotEnough, UnknownResource
from bot.handlers.deps import ChatDeps
from bot.handlers.outlet import Outlet
from bot.handlers.waiting import meanwhile
from bot.views import proxies
from bot.views.reply import Reply

TYPING_AGAIN = 5.0
PROGRESS_AFTER = 10.0


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for and by whom; `key` makes it the same request when it comes again. `form`: how they are
    written in the answer."""

    resource: str
    count: int
    user_id: int
    name: str
    key: str
    new_resource: bool = False
    form: str = "line"


async def answer_when_done(
    work: Callable[[], Awaitable[Reply]], outlet: Outlet, deps: ChatDeps, progress: str
) -> None:
    """Deliver what `work` comes to; until then signs of life, and after 10 s the text `progress`."""
    signs = (
        (0.0, outlet.typing),
        (TYPING_AGAIN, outlet.typing),
        (PROGRESS_AFTER, lambda: outlet.progress(progress)),
    )
    try:
        async with meanwhile(deps.clock, *signs):
            reply = await work()
    except Exception:
        await outlet.withdraw()
        raise
    await outlet.deliver(reply)


async def serve(ask: Ask, outlet: Outlet, deps: ChatDeps) -> None:
    """Take what is asked for."""
    progress = proxies.being_checked(ask.resource, ask.count)
    await answer_when_done(lambda: _outcome(ask, deps), outlet, deps, progress)


async def _outcome(ask: Ask, deps: ChatDeps) -> Reply:
    try:
        issued = await deps.desk.issue(
            ask.resource,
            ask.count,
            ask.user_id,
            name=ask.name,
            request_key=ask.key,
            new_resource=ask.new_resource,
        )
    except NotEnough as error:
        return proxies.not_enough(ask.resource, ask.count, error.available, new=ask.new_resource)
    except UnknownResource as error:
        return proxies.unknown_resource(ask.resource, ask.count, error.nearest)
    return proxies.issued(issued, deps.clock.time(), ask.form)
