"""Sending an order, once, in a task that nobody can cancel; what it comes to is written down before it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog

from bot.errors import (
    KeyRefused,
    NoAccount,
    OrderRefused,
    OutcomeUnknown,
    PeerRefused,
    PeerUnavailable,
    StorageError,
)
from bot.models.account import Account
from bot.models.order import OrderKind, OrderState, Refusal
from bot.models.order_record import Cause, Order, Outcome, because
from bot.resilience.slots import resting
from bot.resilience.tasks import Supervisor
from bot.services.exchange import Exchanges
from bot.services.order_checking import ACCEPTED, UNHEARD, OrderChecker
from bot.services.order_ports import Journal, KeyRing

log = structlog.get_logger(__name__)

UNHEARD_OF = Outcome(OrderState.UNKNOWN)


class OrderSender:
    """Sends what the journal has; every order is sent by whoever has just written it down, and by nobody else."""

    def __init__(
        self,
        journal: Journal,
        accounts: KeyRing,
        exchanges: Exchanges,
        checker: OrderChecker,
        supervisor: Supervisor,
    ) -> None:
        self._journal = journal
        self._accounts = accounts
        self._exchanges = exchanges
        self._checker = checker
        self._supervisor = supervisor
        self._sending: dict[int, asyncio.Task[Order]] = {}

    def begin(self, order: Order, account: Account) -> None:
        """Send an order that was written down just now."""
        task = self._supervisor.start(self._send(order, account), name=f"sending-{order.number}")
        self._sending[order.number] = task
        task.add_done_callback(lambda _: self._sending.pop(order.number, None))

    async def outcomes(self, orders: Sequence[Order]) -> tuple[Order, ...]:
        """What is known of orders, once those that are being sent are sent."""
        tasks = [self._sending.get(order.number) for order in orders]
        async with resting():
            return tuple([await self._outcome(*each) for each in zip(orders, tasks, strict=True)])

    async def _outcome(self, order: Order, task: asyncio.Task[Order] | None) -> Order:
        if task is not None:
            return await asyncio.shield(task)
        return order if order.state.is_final else await self._journal.get(order.number) or order

    async def _send(self, order: Order, account: Account) -> Order:
        with self._checker.held(order.number):
            outcome = await self._place(order, account)
            order = await self._checker.note(order, outcome)
            is_market = order.order.kind is OrderKind.MARKET
            if not order.state.is_final:
                pauses = ACCEPTED if order.state is OrderState.OPEN else UNHEARD
                order = await self._checker.follow(order, pauses, until_final=is_market)
        self._checker.watch(order)
        return order

    async def _place(self, order: Order, account: Account) -> Outcome:
        """What sending it came to, as far as the answer tells."""
        try:
            async with self._exchanges.use(account) as exchange:
                venue_id = await exchange.place(order.order)
        except PeerUnavailable as error:
            return _refused(Cause.UNREACHED, error.detail)
        except OutcomeUnknown:
            return UNHEARD_OF
        except KeyRefused as error:
            with suppress(StorageError):  # it is refused again when it is used again
                await self._accounts.refuse(account, error.message)
            return _refused(Refusal.KEY, error.message)
        except OrderRefused as error:
            return (
                UNHEARD_OF
                if error.reason == Refusal.DUPLICATE
                else _refused(Refusal(error.reason), error.message)
            )
        except PeerRefused as error:
            return _refused(Refusal.OTHER, error.message)
        except NoAccount:
            return _refused(Refusal.KEY)
        except Exception:  # whatever it was, the order may have gone out
            log.exception("an order was perhaps sent", order=order.number)
            return UNHEARD_OF
        return Outcome(OrderState.OPEN, venue_id)


def _refused(cause: str, words: str = "") -> Outcome:
    return Outcome(OrderState.REFUSED, reason=because(cause, words))
