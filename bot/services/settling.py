"""The end of asks: journalled in one transaction, taken over by the pool, told to whoever waits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import structlog

from bot.errors import StorageError
from bot.models.allocation import State
from bot.models.audit import THE_BOT, Act, Deed
from bot.models.commit import Ask, Verdict
from bot.models.notice import Kind, Notice
from bot.models.outcome import Outcome
from bot.models.pool import Pool
from bot.models.proxy import address_of
from bot.models.results import Reason
from bot.resilience.clock import Clock
from bot.services.attention import Attention
from bot.services.commit_job import Job

log = structlog.get_logger(__name__)

JOURNAL_RETRY = 1.0


class OutcomeJournal(Protocol):
    """Where it is written down what became of them."""

    async def settle(self, outcome: Outcome) -> None: ...


class Settling:
    """Ends asks. `sent`: ids that a write has carried, and whose end is not known yet."""

    def __init__(self, journal: OutcomeJournal, pool: Pool, clock: Clock, attention: Attention) -> None:
        self._journal = journal
        self._pool = pool
        self._clock = clock
        self._attention = attention
        self.sent: set[str] = set()

    async def settle(self, job: Job, verdict: Verdict) -> None:
        """Journal what was proved and answer whoever is complete."""
        outcome, changed = Outcome(), []
        for ask, row in verdict.taken:
            outcome.taken.append(ask.allocation.id)
            if row.number != ask.allocation.row:
                outcome.moved[ask.allocation.id] = row.number
            changed.append(ask.allocation.moved_to(State.TAKEN, row.number))
            ticket = job.tickets[ask.allocation.request]
            ticket.take(ask)
            if ticket.promised and ask.instead_of:
                outcome.notices.append(_replaced(ask))
        for ask in verdict.left:
            self._leave(job, ask, outcome)
            changed.append(ask.allocation.moved_to(State.RELEASED))
        for ask in (*verdict.again, *verdict.held):
            job.ticket_of(ask).add([ask])
        await self._journalled(job, outcome)
        for allocation in changed:
            self._pool.put(allocation)
            self.sent.discard(allocation.id)

    def _leave(self, job: Job, ask: Ask, outcome: Outcome) -> None:
        if ask.allocation.state is State.RELEASING:
            outcome.released.append(ask.allocation.id)
            job.ticket_of(ask).release(ask)
        else:
            outcome.failed.append(ask.allocation.id)
            ticket = job.ticket_of(ask)
            ticket.fail(ask, None if ask.replaced else ask.lost)
            if ticket.promised and not ask.replaced:
                outcome.notices.append(_lost(ask, ask.lost))

    async def _journalled(self, job: Job, outcome: Outcome) -> None:
        """The sheet has it already, so the journal must: try for as long as it takes."""
        complete = [ticket for ticket in job.tickets.values() if ticket.is_complete and not ticket.withdrawn]
        outcome.settlements = {ticket.request: ticket.settlement() for ticket in complete}
        outcome.acts += [act for ticket in complete if (act := ticket.act()) is not None]
        while not outcome.is_empty:
            try:
                await self._journal.settle(outcome)
                break
            except StorageError as error:
                log.warning("the journal cannot be written", error=str(error))
                self._attention.raise_("storage", str(error))
                await self._clock.sleep(JOURNAL_RETRY)
        for ticket in complete:
            if not ticket.settled.done():
                ticket.settled.set_result(outcome.settlements[ticket.request])

    async def fail(self, job: Job, asks: Iterable[Ask], reason: Reason) -> None:
        """These are proven absent from the sheet; what was on its way out stays the user's."""
        outcome, changed = Outcome(), []
        for ask in asks:
            ticket = job.ticket_of(ask)
            if ask.allocation.state is State.RELEASING:
                outcome.kept.append(ask.allocation.id)
                outcome.acts.append(_not_freed(ask, reason))
                changed.append(ask.allocation.moved_to(ask.allocation.before_leaving))
            else:
                outcome.failed.append(ask.allocation.id)
                changed.append(ask.allocation.moved_to(State.FAILED))
                if ticket.promised and not ask.replaced:
                    outcome.notices.append(_lost(ask, reason))
            ticket.fail(ask, None if ask.replaced else reason)
        await self._journalled(job, outcome)
        for allocation in changed:
            self._pool.put(allocation)


def _replaced(ask: Ask) -> Notice:
    one = ask.allocation
    data = {
        "resource": one.resource,
        "old": address_of(ask.instead_of),
        "new": address_of(one.key),
        "allocation": one.id,
    }
    return Notice(one.user_id, Kind.REPLACED, data, f"replaced:{one.id}")


def _lost(ask: Ask, reason: Reason | None) -> Notice:
    one = ask.allocation
    data = {
        "resource": one.resource,
        "address": address_of(ask.instead_of or one.key),
        "reason": reason.value if reason else None,
    }
    return Notice(one.user_id, Kind.LOST, data, f"lost:{one.id}")


def _not_freed(ask: Ask, reason: Reason) -> Act:
    one = ask.allocation
    return Act(
        THE_BOT, "", Deed.NOT_FREED, address_of(one.key), f"{one.resource} of {one.name}", reason.value
    )
