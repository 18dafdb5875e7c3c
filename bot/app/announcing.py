"""What admins hear of by themselves: Google away and back, and what has begun to need them."""

from __future__ import annotations

from contextlib import suppress

from bot.errors import StorageError
from bot.models.notice import Kind
from bot.resilience.clock import Clock
from bot.resilience.tasks import Supervisor
from bot.services.attention import Attention
from bot.services.outage import Outage
from bot.services.outbox import Outbox
from bot.services.proxy_service import ProxyService
from bot.services.reconciler import TOPIC as REMOVALS

HOUR = 3600.0
OUTAGE = "outage"  # what is remembered of it: since when


def announce_outages(
    outage: Outage, outbox: Outbox, service: ProxyService, supervisor: Supervisor, clock: Clock
) -> None:
    """Admins hear of each outage twice, over restarts: when it begins, and when it ends."""

    async def tell(since: float, *, began: bool) -> None:
        data: dict[str, object] = {"began": began, "waiting": (await service.get_stats()).pending}
        if not began:
            data["seconds"] = clock.time() - since
        notices = outbox.for_admins(Kind.OUTAGE, data, f"outage:{since}:{began}")
        await outbox.post(notices, {OUTAGE: since if began else None})

    def began(since: float) -> None:
        supervisor.start(tell(since, began=True), name="outage began")

    def ended(since: float) -> None:
        supervisor.start(tell(since, began=False), name="outage ended")

    outage.on_begin.append(began)
    outage.on_end.append(ended)


def announce_matters(attention: Attention, outbox: Outbox, supervisor: Supervisor, clock: Clock) -> None:
    """Admins hear of what has begun to need them, at most once an hour of each topic."""

    async def tell(topic: str, matter: str) -> None:
        with suppress(StorageError):  # it stands in /stats all the same
            key = f"attention:{topic}:{clock.time() // HOUR:.0f}"
            await outbox.tell_admins(Kind.ATTENTION, {"matter": f"{topic}: {matter}"}, key)

    def opened(topic: str, matter: str) -> None:
        if topic != REMOVALS:  # it is asked about in a message of its own
            supervisor.start(tell(topic, matter), name=f"attention {topic}")

    attention.on_open.append(opened)
