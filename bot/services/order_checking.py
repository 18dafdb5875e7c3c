"""Finding out what has become of orders, by our own ids of them, until there is nothing left to know."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

from bot.errors import KeyRefused, NoAccount, OrderUnfit, PeerError, StorageError
from bot.models.account import Account
from bot.models.notice import Kind, Notice
from bot.models.order import IN_DOUBT, OrderState
from bot.models.order_doubt import SHOWN_AFTER, Search, Sight
from bot.models.order_record import Cause, Order, Outcome, advanced, because, outcome_of, told
from bot.resilience.clock import Clock
from bot.resilience.tasks import Supervisor
from bot.services.exchange import Exchanges
from bot.services.order_ports import Announcer, KeyRing, Matters, Outcomes, Shown

log = structlog.get_logger(__name__)

AT_A_TIME = 8
TOPIC = "orders"
PATIENCE = 10.0
# Seconds before each look while a person waits for the answer.
ACCEPTED = (0.0, 0.3, 0.7, 1.5, 2.5)
UNHEARD = (0.5, 1.0, 2.0, 4.0)


class OrderChecker:
    """Watches every unsettled order that nobody holds; each has a task of its own.

    Whoever answers the person themselves holds the order meanwhile; what is found out otherwise is told by a notice
    that is written in the transaction of the outcome.
    """

    def __init__(
        self,
        journal: Outcomes,
        accounts: KeyRing,
        exchanges: Exchanges,
        shown: Shown,
        outbox: Announcer,
        attention: Matters,
        supervisor: Supervisor,
        clock: Clock,
    ) -> None:
        self._journal = journal
        self._accounts = accounts
        self._exchanges = exchanges
        self._shown = shown
        self._outbox = outbox
        self._attention = attention
        self._supervisor = supervisor
        self._clock = clock
        self._held: Counter[int] = Counter()
        self._released: dict[int, float] = {}
        self._watched: set[int] = set()
        self._stuck: dict[int, str] = {}
        self._room = asyncio.Semaphore(AT_A_TIME)

    @property
    def stuck(self) -> tuple[int, ...]:
        """The numbers of the orders that a person should look for."""
        return tuple(sorted(self._stuck))

    async def resume(self) -> None:
        """Watch every unsettled order that nobody does: after a start, and whatever was lost since."""
        for order in await self._journal.unsettled():
            self.watch(order)

    def watch(self, order: Order) -> None:
        """Look for it until it is settled."""
        if order.state.is_final or order.number in self._watched or order.number in self._held:
            return
        self._watched.add(order.number)
        task = self._supervisor.start(self._watch(order), name=f"order-{order.number}")
        task.add_done_callback(lambda _: self._unwatched(order.number))

    @contextmanager
    def held(self, number: int) -> Iterator[None]:
        """While the body runs it is the caller who finds out, and tells."""
        self._held[number] += 1
        try:
            yield
        finally:
            self._held[number] -= 1
            self._held += Counter()  # drops those that nobody holds
            if number in self._watched:
                self._released[number] = self._clock.monotonic()

    async def note(self, order: Order, outcome: Outcome, *, tell: bool = False) -> Order:
        """Write down what was found out. Where that cannot be, whoever waits hears it all the same; what is to be
        told later is found out again.
        """
        now, telling = self._clock.time(), _notices if tell else None
        self._shown.drop(order.account_id)
        try:
            noted = await self._journal.note(order.number, outcome, now, telling)
        except StorageError as error:
            log.warning("an outcome cannot be written down", order=order.number, error=str(error))
            return order if tell else advanced(order, outcome, now)
        if noted.notices:
            self._outbox.posted()
        if noted.order.state.is_final:
            self._unstick(order.number)
        return noted.order

    async def look(self, order: Order) -> Sight:
        """Ask the venue once. A venue that does not answer has not said that it is not there."""
        began = self._clock.monotonic()
        try:
            account = await self._accounts.account(order.user_id, order.account_id)
            return await self._ask(order, account, began)
        except (PeerError, NoAccount, StorageError) as error:
            log.info("an order cannot be looked for", order=order.number, error=str(error))
            return Sight(began, answered=False)

    async def follow(self, order: Order, pauses: Sequence[float], *, until_final: bool) -> Order:
        """Look for an order that is held, while a person waits; returns what is known in the end.

        Without `until_final` it is enough to see that it is there. Nobody waits much longer than PATIENCE.
        """
        until = self._clock.monotonic() + PATIENCE
        for pause in pauses:
            await self._clock.sleep(pause)
            sight = await self.look(order)
            if sight.seen is not None:
                order = await self.note(order, outcome_of(sight.seen))
            is_enough = order.state.is_final or (sight.seen is not None and not until_final)
            if is_enough or self._clock.monotonic() > until:
                break
        return order

    async def settle_by_hand(self, order: Order) -> Order:
        """A person has looked, and it is not there: so it had no effect, unless one more look finds it.

        Raises OrderUnfit while it is too early, PeerUnavailable while the venue does not answer.
        """
        lost = order.state in IN_DOUBT and self._clock.time() - order.created_at > SHOWN_AFTER
        if not lost and order.number not in self._stuck:
            raise OrderUnfit("it is being looked for, or settled already")
        with self.held(order.number):
            return await self.note(order, await self._last_look(order))

    async def _last_look(self, order: Order) -> Outcome:
        try:
            account = await self._accounts.account(order.user_id, order.account_id)
            sight = await self._ask(order, account, self._clock.monotonic())
        except (KeyRefused, NoAccount):
            sight = None  # nobody but a person can look any more
        if sight is not None and sight.seen is not None:
            return outcome_of(sight.seen)
        state = OrderState.ABSENT if order.state in IN_DOUBT else OrderState.CANCELLED
        return Outcome(state, reason=because(Cause.BY_HAND))

    async def _ask(self, order: Order, account: Account, began: float) -> Sight:
        sent = order.order
        try:
            async with self._room, self._exchanges.use(account) as exchange:
                seen = await exchange.find(sent.account_type, sent.symbol, sent.client_id)
                return Sight(began, answered=True, seen=seen, arrives_within=exchange.arrives_within)
        except KeyRefused as error:
            if account.refused is None:
                await self._accounts.refuse(account, error.message)
            raise

    async def _watch(self, order: Order) -> None:
        search = Search(self._clock.monotonic())
        while not order.state.is_final:
            await self._clock.sleep(search.pause(order.state, self._clock.monotonic()))
            if order.number in self._held:
                continue
            sight = await self.look(order)
            if order.number in self._held:
                continue
            if released := self._released.pop(order.number, None):
                search = Search(released)  # it was held, perhaps by who has sent it
            search = search.after(sight)
            if outcome := search.outcome(order.state, sight):
                order = await self.note(order, outcome, tell=True)
            if search.is_stuck(order.state, sight, self._clock.monotonic()):
                await self._show(order)

    def _unwatched(self, number: int) -> None:
        self._watched.discard(number)
        self._released.pop(number, None)

    async def _show(self, order: Order) -> None:
        """Nothing was heard of it for long: its owner and the admins are to look."""
        if order.number in self._stuck:
            return
        self._stuck[order.number] = f"#{order.number} {order.order.symbol}"
        self._attention.raise_(TOPIC, ", ".join(self._stuck.values()))
        data, key = told(order), f"order:{order.number}:stuck"
        try:
            await self._outbox.tell(order.user_id, Kind.ORDER_STUCK, data, key)
            await self._outbox.tell_admins(Kind.ORDER_STUCK, data, f"{key}:admins")
        except StorageError as error:
            del self._stuck[order.number]
            log.warning("an order cannot be shown", order=order.number, error=str(error))

    def _unstick(self, number: int) -> None:
        if self._stuck.pop(number, None) is None:
            return
        if self._stuck:
            self._attention.raise_(TOPIC, ", ".join(self._stuck.values()))
        else:
            self._attention.clear(TOPIC)


def _notices(order: Order) -> list[Notice]:
    key = f"order:{order.number}:{order.state.value}"
    return [Notice(order.user_id, Kind.ORDER, told(order), key)]
