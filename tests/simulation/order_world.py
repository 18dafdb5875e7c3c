"""A run of many orders from a seed: answers get lost, the process is killed, the disk is full, taps come twice.

Time is virtual. The judge looks at the exchange's ledger, the journal, and what people have read.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from order_bench import D, MemoryVenue, OrderBench
from structlog.testing import capture_logs
from warped_time import WarpClock, WarpLoop

from bot.errors import OutcomeUnknown, PeerUnavailable, QuartermasterError, StorageError
from bot.models.market import Side
from bot.models.order import NewOrder, OrderState, OrderStatus
from bot.models.order_draft import Draft, OrderWish
from bot.models.order_record import Order
from bot.resilience.clock import Clock
from bot.resilience.tasks import Supervisor

PEOPLE = 400
FIRST_PERSON = 50_000
TIMEOUT = 10.0
ARRIVES_WITHIN = 8.0
WITHOUT_EFFECT = (OrderState.REFUSED, OrderState.ABSENT)
HAD_EFFECT = (OrderState.OPEN, OrderState.FILLED, OrderState.CANCELLED)

# What becomes of what is sent, and how often in a hundred: ten of them leave whoever asks without an answer.
FATES = {
    "answered": 84,
    "funds": 2,
    "unavailable": 2,
    "busy": 1,
    "key": 0,
    "duplicate": 1,
    "lost": 4,
    "never": 2,
    "late": 2,
    "slow": 1,
    "bug": 1,
}


class MoodyVenue(MemoryVenue):
    """An exchange with a fate for each order; `calm` it has none. What is under way arrives whoever has been killed."""

    def __init__(self, clock: Clock, chance: random.Random) -> None:
        super().__init__(clock)
        self.chance, self.calm = chance, False
        self.network = Supervisor()
        self.fates: Counter[str] = Counter()
        self.arrives_within = ARRIVES_WITHIN

    async def place(self, order: NewOrder) -> str:
        fate = "answered" if self.calm else self.fate_of(order)
        self.fates[fate] += 1
        await self._clock.sleep(self.chance.uniform(0.01, 0.3))
        match fate:
            case "late":
                self.network.start(
                    self._arrive(order, self.chance.uniform(0, ARRIVES_WITHIN - 1)), name="late"
                )
                raise OutcomeUnknown("bybit", "connection reset")
            case "slow":
                self.network.start(self._arrive(order, self.chance.uniform(0, 3)), name="slow")
                await self._clock.sleep(TIMEOUT)
                raise OutcomeUnknown("bybit", "no answer in time")
        self.place_faults = [None if fate == "answered" else fate]
        if fate == "duplicate":
            self._take(order)
        placed = await super().place(order)
        await self._clock.sleep(self.chance.uniform(0.01, 0.3))  # the answer is on its way
        return placed

    def fate_of(self, order: NewOrder) -> str:
        """What becomes of it this time."""
        return self.chance.choices(list(FATES), list(FATES.values()))[0]

    async def find(self, *args: Any) -> Any:
        if not self.calm and self.chance.random() < 0.1:
            await self._clock.sleep(self.chance.uniform(0, 5))
            raise PeerUnavailable("bybit", "away")
        return await super().find(*args)

    def _take(self, order: NewOrder) -> None:
        super()._take(order)
        self.taken[order.client_id].at += self.chance.choice((0, 0, 0, 0.5, ARRIVES_WITHIN - 7.5))
        if self.taken[order.client_id].status is OrderStatus.OPEN:
            self.network.start(self._end(order.client_id), name="ending")

    async def _arrive(self, order: NewOrder, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._take(order)

    async def _end(self, client_id: str) -> None:
        await self._clock.sleep(self.chance.uniform(1, 40))
        ended = self.chance.choice((OrderStatus.FILLED, OrderStatus.CANCELLED))
        if self.taken[client_id].status is OrderStatus.OPEN:
            self.settle(client_id, ended)


@dataclass
class OrderRun:
    """How it went."""

    bench: OrderBench
    venue: MoodyVenue
    kills: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    read: dict[int, set[OrderState]] = field(default_factory=dict)
    taps: dict[str, tuple[int, tuple[Draft, ...]]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    _filled: Counter[int] = field(default_factory=Counter)

    def untruths(self) -> list[str]:
        """Whatever must not be at any moment: doubles, orders from nowhere, answers that are not true."""
        ids = {order.order.client_id for order in self._orders()}
        return [
            *(f"{each} was placed {times} times" for each, times in self.venue.ledger.items() if times > 1),
            *(f"{each} was never promised" for each in self.venue.ledger if each not in ids),
            *(problem for order in self._orders() for problem in self._untruths(order)),
        ]

    def problems(self) -> list[str]:
        """Whatever must not be when all has come to rest: that, and orders that are forgotten."""
        self._filled = Counter()
        for fill in self.bench.journal.fills:
            self._filled[fill.order_number] += fill.amount
        return [
            *(f"a task failed: {error}" for error in self.failed),
            *self.untruths(),
            *(problem for order in self._orders() for problem in self._problems(order)),
        ]

    def _orders(self) -> list[Order]:
        return list(self.bench.journal.rows.values())

    def _told(self, order: Order) -> set[OrderState]:
        """The ends of the order that its owner has read or will read."""
        noticed = {
            each for each in OrderState if f"order:{order.number}:{each.value}" in self.bench.journal.notices
        }
        return {each for each in self.read.get(order.number, set()) | noticed if each.is_final}

    def _untruths(self, order: Order) -> Iterator[str]:
        known, told = order.order.client_id in self.venue.ledger, self._told(order)
        if any((each in WITHOUT_EFFECT) is known for each in told):
            yield f"#{order.number} was told as {sorted(told)}, and at the exchange: {known}"

    def _problems(self, order: Order) -> Iterator[str]:
        number, state, known = order.number, order.state, order.order.client_id in self.venue.ledger
        if not state.is_final:
            yield f"#{number} is forgotten as {state}"
        if known is not (state in HAD_EFFECT):
            yield f"#{number} is {state}, and at the exchange: {known}"
        if not self._told(order):
            yield f"nobody was told of #{number}"
        if self._filled[number] != order.filled:
            yield f"#{number}: {self._filled[number]} of {order.filled} was recorded"


def run(seed: int, orders: int, *, bench_type: type[OrderBench] = OrderBench) -> OrderRun:
    """Let people place so many orders, with a kill now and then; then heal everything and let it come to rest."""
    with capture_logs() as logged, asyncio.Runner(loop_factory=WarpLoop) as runner:
        done = runner.run(_run(seed, orders, bench_type))
    done.failed = [str(entry["exc_info"]) for entry in logged if entry["event"] == "task failed"]
    return done


async def _run(seed: int, orders: int, bench_type: type[OrderBench]) -> OrderRun:
    chance, clock = random.Random(seed), WarpClock()
    bench = bench_type(clock)
    venue = MoodyVenue(clock, chance)
    bench.exchanges._venue = bench.venue = venue
    done = OrderRun(bench, venue)
    people: set[asyncio.Task[None]] = set()
    for number in range(orders):
        task = asyncio.create_task(_person(done, chance, number))
        people.add(task)
        task.add_done_callback(people.discard)
        await clock.sleep(chance.uniform(0, 0.15))
        if chance.random() < 0.02:
            bench.journal.failures.append(StorageError("disk full"))
        if chance.random() < 0.005:
            await killed(done)
        if number % 400 == 0:
            await bench.orders.resume()
    await heal(done)
    await asyncio.gather(*people)
    return done


async def killed(done: OrderRun) -> None:
    """The process ends where it stands, and another begins."""
    done.kills += 1
    await done.bench.kill()
    done.bench.start()
    await done.bench.orders.resume()


async def heal(done: OrderRun) -> None:
    """Nothing goes wrong any more, for three minutes."""
    done.venue.calm = True
    for _ in range(6):
        await done.bench.clock.sleep(30)
        done.bench.journal.failures.clear()
        await done.bench.orders.resume()


async def _person(done: OrderRun, chance: random.Random, number: int) -> None:
    """Somebody orders something, and now and then taps twice."""
    user_id, name = FIRST_PERSON + number % PEOPLE, f"tap{number}"
    price = D(9800) if chance.random() < 0.3 else None
    wish = OrderWish(Side.BUY, "btc", D("0.001"), price=price)
    drafts = (await done.bench.orders.draft(user_id, wish, f"message{number}")).drafts
    done.taps[name] = (user_id, drafts)
    double = chance.random() < 0.1
    await asyncio.gather(tap(done, name), *([tap(done, name)] if double else []))


async def tap(done: OrderRun, name: str) -> None:
    """Somebody confirms what they were shown; who is cut off by a kill has their tap delivered again."""
    user_id, drafts = done.taps[name]
    for _ in range(20):
        begun = done.kills
        try:
            orders = await done.bench.orders.confirm(user_id, drafts, name)
        except asyncio.CancelledError:
            if done.kills == begun:
                raise
        except StorageError:
            await done.bench.clock.sleep(1)
        except QuartermasterError as error:
            done.refusals[type(error).__name__] += 1
            return
        else:
            for order in orders:
                done.read.setdefault(order.number, set()).add(order.state)
            return
