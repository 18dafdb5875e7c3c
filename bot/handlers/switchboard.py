"""How an update finds its handler: looked up by its command or verb, on a way that is laid once.

aiogram wraps every middleware anew around each update, and asks one handler after the other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any

from aiogram import Bot, Dispatcher, Router
from aiogram.dispatcher.event.bases import UNHANDLED, SkipHandler
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram.dispatcher.event.telegram import TelegramEventObserver
from aiogram.dispatcher.middlewares.manager import MiddlewareManager
from aiogram.types import Message, TelegramObject, Update

from bot.handlers.filters import Pressed, Typed
from bot.models.offer import Press

NONE_OF_OURS = ""

Way = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
wrap = MiddlewareManager.wrap_middlewares


class Switchboard(Dispatcher):
    """A dispatcher whose middlewares and handlers are known before its first update: it asks no later ones.

    It has no routers below it. Messages and presses have a table instead of outer middlewares and filters for all.
    """

    def __init__(self, **services: Any) -> None:
        super().__init__(disable_fsm=True, **services)
        for name in ("message", "callback_query"):
            table = HandlerTable(self, name)
            setattr(self, name, table)
            self.observers[name] = table
        self._way: Way | None = None

    async def feed_update(self, bot: Bot, update: Update, **kwargs: Any) -> Any:
        """As aiogram's; the update is the bot's already."""
        if self._way is None:
            self._way = wrap(self.update.outer_middleware, self._pass_on)
        return await self._way(update, {"dispatcher": self, **self.workflow_data, **kwargs, "bot": bot})

    async def _pass_on(self, update: Update, **data: Any) -> Any:
        data["event_update"] = update
        kind = update.event_type
        event, table = getattr(update, kind), self.observers[kind]
        if isinstance(table, HandlerTable):
            return await table.trigger(event, **data, event_router=self)
        return await self.propagate_event(kind, event, **data)


class HandlerTable(TelegramEventObserver):
    """Asks, in the order they were registered, the handlers that may want the event.

    Those with a filter for other commands or verbs are left out; what the others say is up to their filters.
    """

    def __init__(self, router: Router, event_name: str) -> None:
        super().__init__(router, event_name)
        self._ways: dict[str | None, list[tuple[HandlerObject, Way]]] = {}

    async def trigger(self, event: TelegramObject, **kwargs: Any) -> Any:
        """As aiogram's, with fewer to ask."""
        if not self._ways:
            self._lay()
        for handler, way in self._ways.get(asked_for(event, kwargs)) or self._ways[NONE_OF_OURS]:
            kwargs["handler"] = handler
            is_wanted, data = await handler.check(event, **kwargs)
            if is_wanted:
                try:
                    return await way(event, data)
                except SkipHandler:
                    continue
        return UNHANDLED

    def _lay(self) -> None:
        ways = [(handler, wrap(self.middleware, handler.call)) for handler in self.handlers]
        keyed = [(way, _keys_of(way[0])) for way in ways]
        known = {name for _, keys in keyed for names in keys for name in names or ()}
        for name in (None, NONE_OF_OURS, *known):
            self._ways[name] = [way for way, keys in keyed if _may_want(name, keys)]


def asked_for(event: TelegramObject, data: Mapping[str, Any]) -> str | None:
    """The command of a message, lower case; the verb of a press; None for a message that is no command."""
    if not isinstance(event, Message):
        press = data.get("press")
        return press.action.verb if isinstance(press, Press) else NONE_OF_OURS
    word = next(iter((event.text or "").split(None, 1)), "")
    return word[1:].partition("@")[0].casefold() if word.startswith("/") else None


def _keys_of(handler: HandlerObject) -> list[Collection[str] | None]:
    """The commands or verbs of each of its filters that is for some; None where it is for any."""
    filters = (each.callback for each in handler.filters or ())
    return [one.names for one in filters if isinstance(one, Typed | Pressed)]


def _may_want(name: str | None, keys: Iterable[Collection[str] | None]) -> bool:
    return all(name is not None and (names is None or name in names) for names in keys)
