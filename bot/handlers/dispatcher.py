"""The chat put together: routers in the order they are asked, and what surrounds them."""

from __future__ import annotations

from typing import Any

from aiogram import Dispatcher

from bot.errors import OfferLapsed
from bot.handlers import errors, fallback, my, proxies, start, stats
from bot.handlers.deps import ChatDeps
from bot.handlers.filters import ButtonData
from bot.handlers.placing import Placing
from bot.handlers.strangers import turn_away
from bot.middlewares.access import Access
from bot.middlewares.request_log import RequestLog
from bot.views.commands import ROLE_OF_COMMAND, ROLE_OF_VERB

TOPICS = (start, proxies, my, stats, fallback, errors)


def build_dispatcher(deps: ChatDeps, **services: Any) -> Dispatcher:
    """A fresh dispatcher. Feed it updates; everything that can go wrong in them is answered inside.

    `services`: what handlers ask for by name besides `deps`.
    """
    dispatcher = Dispatcher(disable_fsm=True, deps=deps, **services)
    access = Access(
        deps.roles, deps.offers, read_button, turn_away, commands=ROLE_OF_COMMAND, verbs=ROLE_OF_VERB
    )
    dispatcher.update.outer_middleware(access)
    request_log, placing = RequestLog(deps.clock, deps.metrics), Placing(deps.clock, deps.offers)
    for observer in (dispatcher.message, dispatcher.callback_query):
        observer.middleware(request_log)
        observer.middleware(placing)
    for topic in TOPICS:
        dispatcher.include_router(topic.make_router())
    return dispatcher


def read_button(data: str) -> tuple[str, int]:
    """An offer's id and a position; raises OfferLapsed for what we never wrote."""
    try:
        button = ButtonData.unpack(data)
    except (TypeError, ValueError) as error:
        raise OfferLapsed("the button is not ours") from error
    return button.offer, button.button
