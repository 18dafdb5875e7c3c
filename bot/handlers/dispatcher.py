"""The chat put together: topics in the order they are asked, and what surrounds them."""

from __future__ import annotations

from typing import Any

from aiogram import Dispatcher

from bot.handlers import (
    accounts,
    alerts,
    browsing,
    cancelling,
    charts,
    closing,
    connecting,
    doctor,
    drill,
    errors,
    fallback,
    formats,
    giving,
    holdings,
    lining,
    melting,
    my,
    notices,
    ordering,
    pausing,
    people,
    previewing,
    prices,
    proxies,
    removals,
    reporting,
    ruling,
    screening,
    sources,
    spot,
    start,
    stats,
    trades,
    transfers,
    who,
)
from bot.handlers.buttons import read_button
from bot.handlers.deps import ChatDeps
from bot.handlers.placing import Placing
from bot.handlers.strangers import turn_away
from bot.handlers.switchboard import Switchboard
from bot.middlewares.access import Access
from bot.middlewares.acquaintance import Acquaintance
from bot.middlewares.request_log import RequestLog
from bot.middlewares.throttling import Throttling
from bot.services.admission import Admission
from bot.views.commands import ROLE_OF_COMMAND, ROLE_OF_VERB
from bot.views.help import slow_down

TOPICS = (
    start,
    proxies,
    browsing,
    previewing,
    lining,
    cancelling,
    my,
    giving,
    reporting,
    transfers,
    holdings,
    prices,
    spot,
    melting,
    screening,
    alerts,
    charts,
    formats,
    notices,
    ordering,
    closing,
    pausing,
    trades,
    stats,
    sources,
    drill,
    doctor,
    removals,
    who,
    ruling,
    people,
    accounts,
    connecting,  # after every command: what is none is said in its dialogue
    fallback,
    errors,
)
REQUESTS_PER_MINUTE = 60


def build_dispatcher(
    deps: ChatDeps,
    *,
    admission: Admission | None = None,
    requests_per_minute: int = REQUESTS_PER_MINUTE,
    **services: Any,
) -> Dispatcher:
    """A fresh dispatcher. Feed it updates; everything that can go wrong in them is answered inside.

    `services`: what handlers ask for by name besides `deps`. A chat without `admission` knows no strangers.
    """
    dispatcher = Switchboard(deps=deps, admission=admission, **services)
    surround(dispatcher, deps, admission, requests_per_minute)
    for topic in TOPICS:
        topic.register(
            dispatcher
        )  # no routers of their own: aiogram would wrap an update anew for each that it passes
    return dispatcher


def surround(
    dispatcher: Dispatcher, deps: ChatDeps, admission: Admission | None, requests_per_minute: int
) -> None:
    """What each update passes before its handler: first how many, then who, then how it went."""
    dispatcher.update.outer_middleware(
        Throttling(deps.clock, requests_per_minute, slow_down(requests_per_minute))
    )
    access = Access(
        deps.roles, deps.offers, read_button, turn_away, commands=ROLE_OF_COMMAND, verbs=ROLE_OF_VERB
    )
    dispatcher.update.outer_middleware(access)
    if admission is not None:
        dispatcher.update.outer_middleware(Acquaintance(admission))
    request_log, placing = (
        RequestLog(deps.clock, deps.metrics),
        Placing(deps.clock, deps.offers, deps.pictures),
    )
    for observer in (dispatcher.message, dispatcher.callback_query):
        observer.middleware(request_log)
        observer.middleware(placing)
