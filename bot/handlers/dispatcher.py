"""The chat put together: routers in the order they are asked, and what surrounds them."""

from __future__ import annotations

from aiogram import Dispatcher

from bot.handlers import errors, fallback, proxies, start, stats
from bot.handlers.deps import ChatDeps
from bot.handlers.strangers import turn_away
from bot.middlewares.access import Access
from bot.middlewares.request_log import RequestLog


def build_dispatcher(deps: ChatDeps) -> Dispatcher:
    """A fresh dispatcher. Feed it updates; everything that can go wrong in them is answered inside."""
    dispatcher = Dispatcher(disable_fsm=True, deps=deps)
    dispatcher.update.outer_middleware(Access(deps.admin_ids, deps.allowed_ids, turn_away))
    request_log = RequestLog(deps.clock, deps.metrics)
    dispatcher.message.middleware(request_log)
    dispatcher.callback_query.middleware(request_log)
    for topic in (start, proxies, stats, fallback, errors):
        dispatcher.include_router(topic.make_router())
    return dispatcher
