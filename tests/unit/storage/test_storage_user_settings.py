"""The user_settings table: what was chosen stays, and who was active is known."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import update
from storage_makers import NOW

from bot.models.account import TradingChoices
from bot.models.market import AccountType
from bot.storage.database import Database
from bot.storage.trading_tables import user_settings
from bot.storage.user_settings import UserSettingsStore


async def test_who_has_chosen_nothing_has_the_defaults(db: Database) -> None:
    """Before and after the first activity."""
    store = UserSettingsStore(db)
    assert TradingChoices() == await store.choices(7)
    await store.change(7, NOW)
    assert TradingChoices() == await store.choices(7)


async def test_each_choice_leaves_the_others_alone(db: Database) -> None:
    """Account, type and pause are set one by one; limits are decimals to the last digit."""
    store, limit = UserSettingsStore(db), Decimal("0.1")
    await store.change(7, NOW, account_id=3)
    await store.change(7, NOW, account_type=AccountType.LINEAR)
    await store.change(7, NOW, paused=True)
    await db.write(
        lambda connection: connection.execute(update(user_settings).values(day_limit=limit)).rowcount
    )
    assert TradingChoices(3, AccountType.LINEAR, True, None, limit) == await store.choices(7)
    await store.change(7, NOW, paused=False)
    assert TradingChoices(3, AccountType.LINEAR, False, None, limit) == await store.choices(7)


async def test_who_was_active_since(db: Database) -> None:
    """The latest first; a choice counts as activity."""
    store = UserSettingsStore(db)
    for user_id, when in ((7, NOW), (8, NOW + 1), (9, NOW + 2)):
        await store.change(user_id, when)
    await store.change(7, NOW + 3, paused=True)
    assert [7, 9] == list(await store.active_since(NOW + 2))
