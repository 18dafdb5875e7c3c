"""Paper accounts in the database: whole or not at all, to the last digit, and every client id for ever."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from storage_makers import NOW

from bot.errors import OrderRefused, StorageError
from bot.models.market import AccountType, Side
from bot.models.order import OrderKind, OrderStatus, VenueOrder
from bot.models.paper_book import PaperBook, PaperPosition, Resting, opened_with
from bot.models.paper_trading import Change, cancel
from bot.storage.database import Database
from bot.storage.paper import PaperStore

D = Decimal
ORDER = VenueOrder(
    id="v1",
    client_id="a1",
    symbol="BTCUSDT",
    account_type=AccountType.LINEAR,
    side=Side.SELL,
    kind=OrderKind.LIMIT,
    status=OrderStatus.OPEN,
    amount=D("0.10"),
    price=D(55_000),
    reduce_only=True,
    created_at=NOW,
    updated_at=NOW + 0.25,
)
FILLED = replace(
    ORDER, client_id="a2", status=OrderStatus.FILLED, filled=D("0.1"), average=D("1e-8"), fee=D("0.00000001")
)
FULL = PaperBook(
    {"USDT": D("9999.00000001"), "BTC": D("1e-7")},
    {"BTCUSDT": PaperPosition("BTCUSDT", "USDT", D("-0.3"), D(1) / 3, D(1), None)},
    (Resting(ORDER, "BTC", "USDT", D("1.5"), None), Resting(replace(ORDER, client_id="a3"), "BTC", "USDT")),
)
NEW = opened_with(D(10_000))


async def test_an_account_comes_back_as_it_was(db: Database) -> None:
    """Coins, positions, what rests; the orders that have ended, by their client ids."""
    store = PaperStore(db)
    assert await store.load(7) is None
    await store.change(7, NEW, "", lambda book, ended: Change(FULL, (FILLED,)), NOW)
    assert (FULL, FILLED, None) == (await store.load(7), await store.ended("a2"), await store.ended("a1"))


async def test_a_change_is_decided_on_what_is_there(db: Database) -> None:
    """Its beginning the first time, then the newest state, and the ended order of that id."""
    store = PaperStore(db)
    seen: list[tuple[PaperBook, VenueOrder | None]] = []

    def decide(book: PaperBook, ended: VenueOrder | None) -> Change:
        seen.append((book, ended))
        return Change(FULL, () if ended else (FILLED,))

    await store.change(7, NEW, "a2", decide, NOW)
    await store.change(7, NEW, "a2", decide, NOW + 1)
    assert [(NEW, None), (FULL, FILLED)] == seen


async def test_what_is_refused_changes_nothing(db: Database) -> None:
    """Nor does it keep others who ride in the same transaction from theirs."""
    store = PaperStore(db)
    with pytest.raises(OrderRefused):
        await store.change(7, NEW, "", lambda book, _: cancel(book, "a1", NOW), NOW)
    assert await store.load(7) is None


async def test_an_order_ends_once(db: Database) -> None:
    """A second end of the same client id, in whatever account, takes its whole change with it."""
    store = PaperStore(db)
    await store.change(7, NEW, "", lambda book, _: Change(FULL, (FILLED,)), NOW)
    with pytest.raises(StorageError):
        await store.change(8, NEW, "", lambda book, _: Change(FULL, (FILLED,)), NOW)
    assert await store.load(8) is None
