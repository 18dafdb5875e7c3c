"""One request for proxies, from a command or a button: ask the desk, show that it works, answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import NotEnough, UnknownResource
from bot.handlers.deps import ChatDeps
from bot.handlers.outlet import Outlet
from bot.handlers.ports import ProxyDesk
from bot.handlers.waiting import Step, meanwhile
from bot.views import proxies
from bot.views.reply import Button, Reply

TYPING_AGAIN = 5.0
PROGRESS_AFTER = 10.0


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for and by whom; `key` makes it the same request when it comes again."""

    resource: str
    count: int
    user_id: int
    name: str
    key: str
    new_resource: bool = False


async def serve(ask: Ask, outlet: Outlet, deps: ChatDeps, *steps: Step) -> None:
    """Deliver the outcome of `ask`; further signs of life for another place go into `steps`."""
    signs: list[Step] = [
        (0.0, outlet.typing),
        (TYPING_AGAIN, outlet.typing),
        (PROGRESS_AFTER, lambda: outlet.progress(proxies.being_checked(ask.resource, ask.count))),
        *steps,
    ]
    try:
        async with meanwhile(deps.clock, *sorted(signs, key=lambda step: step[0])):
            reply = await _outcome(ask, deps)
    except Exception:
        await outlet.withdraw()
        raise
    await outlet.deliver(reply)


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
        return await _not_enough(ask, error, deps.desk)
    except UnknownResource as error:
        return await _unknown(ask, error.nearest, deps.desk)
    return proxies.issued(issued, deps.clock.time())


async def _not_enough(ask: Ask, error: NotEnough, desk: ProxyDesk) -> Reply:
    buttons = []
    if error.available:
        offer = await desk.make_offer(
            ask.user_id, ask.resource, error.available, new_resource=ask.new_resource
        )
        buttons = [Button(proxies.take_label(error.available), offer)]
    return proxies.not_enough(ask.resource, ask.count, error.available, *buttons)


async def _unknown(ask: Ask, nearest: Sequence[str], desk: ProxyDesk) -> Reply:
    buttons = [
        Button(proxies.take_label(ask.count, name), await desk.make_offer(ask.user_id, name, ask.count))
        for name in nearest
    ]
    begin = await desk.make_offer(ask.user_id, ask.resource, ask.count, new_resource=True)
    buttons.append(Button(proxies.start_label(ask.count, ask.resource), begin))
    return proxies.unknown_resource(ask.resource, nearest, *buttons)
