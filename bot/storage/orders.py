"""The journal of orders: each is written down before it is sent, and every outcome once, with its fills."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import Connection, select

from bot.errors import OrderTooLarge, RequestConflict, TradingPaused
from bot.models.audit import Act
from bot.models.notice import Notice
from bot.models.order_draft import Draft
from bot.models.order_record import Accepted, Intent, Noted, Order, Outcome, advanced, fill_between
from bot.models.order_rules import Limits
from bot.models.trade import Fill
from bot.storage import audit, order_rows, outbox
from bot.storage.database import Database
from bot.storage.outbox import OutboxStore
from bot.storage.tables import meta
from bot.storage.trading_tables import user_settings

PAUSED = "trading_paused"

Record = Callable[[Connection, Sequence[Fill]], None]


def _records_nothing(_: Connection, __: Sequence[Fill]) -> None:
    """For who keeps no trades."""


class OrderStore:
    """Orders by number; a call that raises StorageError had no effect. `record` keeps what was filled."""

    def __init__(
        self, database: Database, letters: OutboxStore, *, record: Record = _records_nothing
    ) -> None:
        self._database = database
        self._letters = letters
        self._record = record

    async def accept(self, intent: Intent, limits: Limits) -> Accepted:
        """Write orders down as being sent, all or none, in the one transaction that decides whether they may be.

        What was promised before under the same ids or key is returned instead. Raises TradingPaused, OrderTooLarge,
        RequestConflict.
        """

        def unit(connection: Connection) -> Accepted:
            if known := _promised(connection, intent):
                return Accepted(known, is_new=False)
            _check(connection, intent, limits)
            added = [
                order_rows.add(connection, draft, intent.user_id, key, intent.at)
                for draft, key in zip(intent.drafts, intent.keys, strict=True)
            ]
            return Accepted(tuple(added), is_new=True)

        return await self._database.write(unit)

    async def promised(self, intent: Intent) -> tuple[Order, ...]:
        """What was written down under these ids or this key. Raises RequestConflict."""
        return await self._database.read(lambda connection: _promised(connection, intent))

    async def known(self, request_key: str) -> bool:
        """Whether a request with that key has been accepted."""
        found = await self._database.read(
            lambda connection: order_rows.promised(connection, [], [request_key])
        )
        return bool(found)

    async def note(
        self,
        number: int,
        outcome: Outcome,
        now: float,
        telling: Callable[[Order], Sequence[Notice]] | None = None,
    ) -> Noted:
        """What was found out about an order, with what was filled of it, and what is to be said where it has ended.

        An outcome that changes nothing writes nothing.
        """

        def unit(connection: Connection) -> Noted:
            before = order_rows.get(connection, number)
            if before is None:
                raise LookupError(f"order {number}")
            after = advanced(before, outcome, now)
            if after is before:
                return Noted(before)
            order_rows.change(connection, after)
            if fill := fill_between(before, after, now):
                self._record(connection, [fill])
            notices = telling(after) if telling and after.state.is_final else ()
            return Noted(after, outbox.add(connection, self._letters.prepare(notices), now))

        return await self._database.write(unit)

    async def get(self, which: int | str) -> Order | None:
        """The order of that number, or of that id of ours."""
        return await self._database.read(lambda connection: order_rows.get(connection, which))

    async def unsettled(self) -> list[Order]:
        """Every order with something left to be found out, the oldest first."""
        found: list[Order] = []
        while page := await self._unsettled_after(found[-1].number if found else 0):
            found += page
        return found

    async def unsettled_of(self, user_id: int) -> list[Order]:
        """Those of one person, newest first."""
        return await self._database.read(lambda connection: order_rows.unsettled_of(connection, user_id))

    async def pause_all(self, paused: bool, acts: Sequence[Act], now: float) -> bool:
        """Take no new orders from anybody, or take them again; returns whether that is a change."""

        def unit(connection: Connection) -> bool:
            if _paused_for_all(connection) is paused:
                return False
            outbox.remember(connection, PAUSED, paused)
            audit.append(connection, acts, now)
            return True

        return await self._database.write(unit)

    async def paused_for_all(self) -> bool:
        """Whether no new orders are taken from anybody."""
        return await self._database.read(_paused_for_all)

    async def _unsettled_after(self, number: int) -> list[Order]:
        return await self._database.read(
            lambda connection: order_rows.unsettled(connection, number, order_rows.PAGE)
        )


def _promised(connection: Connection, intent: Intent) -> tuple[Order, ...]:
    drafts = {draft.order.client_id: draft for draft in intent.drafts}
    found = order_rows.promised(connection, list(drafts), intent.keys)
    if not all(_is_same(order, drafts.get(order.order.client_id), intent.user_id) for order in found):
        raise RequestConflict
    return tuple(found)


def _is_same(order: Order, draft: Draft | None, user_id: int) -> bool:
    """Whether what was promised is what is asked for: its price may have been quoted anew meanwhile."""
    if draft is None:
        return False
    ours, asked = order.order, draft.order
    return (order.user_id, ours.symbol, ours.side) == (user_id, asked.symbol, asked.side)


def _check(connection: Connection, intent: Intent, limits: Limits) -> None:
    """What only ends what there is may always be done."""
    opening = [draft for draft in intent.drafts if not draft.closes]
    if not opening:
        return
    own = connection.execute(
        select(user_settings.c.paused, user_settings.c.order_limit, user_settings.c.day_limit).where(
            user_settings.c.user_id == intent.user_id
        )
    ).one_or_none()
    if _paused_for_all(connection):
        raise TradingPaused(everybody=True)
    if own is not None and own.paused:
        raise TradingPaused(everybody=False)
    if own is not None:
        limits = replace(
            limits, order=_first(own.order_limit, limits.order), day=_first(own.day_limit, limits.day)
        )
    _check_worth(connection, intent, [draft.worth for draft in opening], limits)


def _check_worth(connection: Connection, intent: Intent, worths: Sequence[Decimal], limits: Limits) -> None:
    if (largest := max(worths)) > limits.order:
        raise OrderTooLarge("an order", limits.order, largest)
    today = order_rows.worth_since(connection, intent.user_id, intent.day_began) + sum(worths)
    if today > limits.day:
        raise OrderTooLarge("a day", limits.day, today)


def _first(own: Decimal | None, usual: Decimal) -> Decimal:
    return usual if own is None else own


def _paused_for_all(connection: Connection) -> bool:
    stored = connection.scalar(select(meta.c.value).where(meta.c.name == PAUSED))
    return bool(json.loads(stored)) if stored else False
