"""Which handlers may want a message or a press, looked up by its command or verb instead of asking dozens."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from copy import copy
from typing import Any

from aiogram import Dispatcher, Router
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram.dispatcher.event.telegram import TelegramEventObserver
from aiogram.types import Message, TelegramObject

from bot.handlers.filters import Pressed, Typed
from bot.models.offer import Press

NONE_OF_OURS = ""


class HandlerTable(TelegramEventObserver):
    """Asks, in the order they were registered, the handlers that may want the event.

    Those with a filter for other commands or verbs are left out; what the others say is up to their filters.
    """

    def __init__(self, router: Router, event_name: str) -> None:
        super().__init__(router, event_name)
        self._fitting: dict[str | None, TelegramEventObserver] = {}

    async def trigger(self, event: TelegramObject, **kwargs: Any) -> Any:
        """As aiogram's, with fewer to ask."""
        if not self._fitting:
            self._fill()
        name = asked_for(event, kwargs)
        chosen = self._fitting.get(name) or self._fitting[NONE_OF_OURS]
        return await chosen.trigger(event, **kwargs)

    def _fill(self) -> None:
        keyed = [(handler, _keys_of(handler)) for handler in self.handlers]
        known = {name for _, keys in keyed for names in keys for name in names or ()}
        nobody = TelegramEventObserver(self.router, self.event_name)
        for name in (None, NONE_OF_OURS, *known):
            self._fitting[name] = copy(nobody)
            self._fitting[name].handlers = [handler for handler, keys in keyed if _may_want(name, keys)]


def asked_for(event: TelegramObject, data: Mapping[str, Any]) -> str | None:
    """The command of a message, lower case; the verb of a press; None for a message that is no command."""
    if not isinstance(event, Message):
        press = data.get("press")
        return press.action.verb if isinstance(press, Press) else NONE_OF_OURS
    word = next(iter((event.text or "").split(None, 1)), "")
    return word[1:].partition("@")[0].casefold() if word.startswith("/") else None


def use_tables(dispatcher: Dispatcher) -> None:
    """From now on messages and presses are looked up; to be called before anything is registered."""
    for name in ("message", "callback_query"):
        table = HandlerTable(dispatcher, name)
        setattr(dispatcher, name, table)
        dispatcher.observers[name] = table


def _keys_of(handler: HandlerObject) -> list[Collection[str] | None]:
    """The commands or verbs of each of its filters that is for some; None where it is for any."""
    filters = (each.callback for each in handler.filters or ())
    return [one.names for one in filters if isinstance(one, Typed | Pressed)]


def _may_want(name: str | None, keys: Iterable[Collection[str] | None]) -> bool:
    return all(name is not None and (names is None or name in names) for names in keys)
