"""The demo accounts: four made-up keys, each with an account of its own."""

from decimal import Decimal
from time import time
from typing import NamedTuple

from sandbox.exchange.records import WITHDRAWING, ApiKey
from sandbox.exchange.world import Clock, ExchangeWorld

COINS = {"USDT": Decimal(10_000), "BTC": Decimal("0.1"), "ETH": Decimal(2)}
DAY = 86_400.0


class DemoKey(NamedTuple):
    """A made-up key and its secret."""

    key: str
    secret: str


TRADER = DemoKey("SandboxTrader00001", "SandboxTraderSecret00000000000000001")
READER = DemoKey("SandboxReader00001", "SandboxReaderSecret00000000000000001")
WITHDRAWER = DemoKey("SandboxWithdraw001", "SandboxWithdrawSecret000000000000001")
EXPIRED = DemoKey("SandboxExpired0001", "SandboxExpiredSecret0000000000000001")


def demo_exchange(seed: int = 0, clock: Clock = time) -> ExchangeWorld:
    """An exchange where one key may trade, one only reads, one may withdraw, and one has expired."""
    world, now = ExchangeWorld(seed=seed, clock=clock), clock()
    for demo in (TRADER, READER, WITHDRAWER, EXPIRED):
        uid = world.add_account(COINS).uid
        world.add_key(ApiKey(demo.key, demo.secret, uid, created_at=now - 90 * DAY))
    world.keys[READER.key].read_only = True
    world.keys[WITHDRAWER.key].permissions = dict(WITHDRAWING)
    world.keys[EXPIRED.key].expires_at = now - DAY
    return world
