"""Handing out as Quartermaster does it: requests that arrive together share one read and one write."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from bench.classic import host_of
from bot.app import Desk

ISSUED = 6


class Quartermaster:
    """The bot's own service, with its journal on the disk; `told` holds what each user was given."""

    name = "quartermaster"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._waited_before = self._waited()
        self.told: dict[int, list[str]] = {}

    @property
    def waited(self) -> float:
        """Seconds spent waiting for the pace; a commit waits for its read and its write at the same time."""
        return self._waited() - self._waited_before

    async def take(self, user: int, resource: str, count: int) -> None:
        """Hand out so many to the user."""
        issued = await self._desk.service.issue(resource, count, user, name=_name(user), new_resource=True)
        self.told[user] = [proxy.endpoint.host for proxy in issued.proxies]

    async def catch_up(self, users: Sequence[int]) -> None:
        """What users hear of later: who was told that it is being checked sees it among what they hold."""
        for user in users:
            if user not in self.told:
                held = await self._desk.service.held_by(user)
                self.told[user] = [one.proxy.endpoint.host for one in held]

    async def settled(self, patience: float) -> None:
        """Return when nothing is being checked any more; TimeoutError after so many seconds."""
        async with asyncio.timeout(patience):
            while (await self._desk.service.get_stats()).being_checked:  # noqa: ASYNC110  # as people would look
                await asyncio.sleep(0.05)

    def _waited(self) -> float:
        pace = self._desk.pace
        return pace.waited + max(pace.reads.waited, pace.writes.waited)


def marked(rows: Sequence[Sequence[Any]], resource: str) -> list[tuple[str, str]]:
    """User and host of each entry for the resource that the sheet shows."""
    return [
        (entry.split()[1], host_of(row))
        for row in rows
        for entry in "".join(row[ISSUED : ISSUED + 1]).split("; ")
        if entry.startswith(f"{resource} ")
    ]


def promised(told: dict[int, list[str]]) -> list[tuple[str, str]]:
    """User and host of each proxy that users were told is theirs, as `marked` names them."""
    return [(_name(user), host) for user, hosts in told.items() for host in hosts]


def _name(user: int) -> str:
    return f"@user{user}"
