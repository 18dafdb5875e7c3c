"""Ten thousand orders over an exchange that loses answers: none is doubled, none forgotten, each is told truly."""

from __future__ import annotations

import os

import order_world
import pytest
from order_bench import OrderBench

from bot.models.account import Account
from bot.models.order import OrderState
from bot.models.order_record import Order, Outcome
from bot.services.order_sending import OrderSender

ORDERS = int(os.environ.get("SIMULATION_ORDERS", "10000"))


def test_ten_thousand_orders() -> None:
    """One in ten gets no answer; the process is killed fifty times; the disk is full now and then."""
    done = order_world.run(seed=1, orders=ORDERS)
    assert [] == done.problems()
    assert {} == done.refusals
    ambiguous = sum(done.venue.fates[fate] for fate in ("lost", "never", "late", "slow", "bug", "duplicate"))
    assert ambiguous > ORDERS * 0.08
    assert done.kills > ORDERS * 0.003


@pytest.mark.parametrize("seed", range(2, 6))
def test_other_seeds(seed: int) -> None:
    """Fewer orders, other luck."""
    assert [] == (order_world.run(seed, orders=300)).problems()


class InsistentSender(OrderSender):
    """Sends again what got no answer, as many a bot does."""

    async def _place(self, order: Order, account: Account) -> Outcome:
        outcome = await super()._place(order, account)
        return outcome if outcome.state is not OrderState.UNKNOWN else await super()._place(order, account)


class InsistentBench(OrderBench):
    """A desk with such a sender."""

    def start(self):
        orders = super().start()
        orders._sender.__class__ = InsistentSender
        return orders


def test_who_sends_again_doubles() -> None:
    """The judge finds what the naive way does: the same run is not innocent by itself."""
    done = order_world.run(seed=1, orders=300, bench_type=InsistentBench)
    assert any("was placed 2 times" in problem for problem in done.problems())
