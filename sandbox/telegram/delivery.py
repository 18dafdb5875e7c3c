"""Delivering updates to a webhook: each until it is answered with 2xx, in order where the real service keeps one."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp

from sandbox.telegram.answered import asked_in
from sandbox.telegram.records import JsonObject
from sandbox.telegram.requests import Parameters
from sandbox.telegram.webhook import Webhook, WebhookError
from sandbox.telegram.world import TelegramWorld

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]
Carry = Callable[[str, Parameters], Awaitable[object]]

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
ANSWER_SECONDS = 60.0
LONGEST_PAUSE = 60.0
LONGEST_RETRY_AFTER = 3600.0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an update has to come again, and how many seconds the receiver wants to be left alone."""

    reason: str
    retry_after: float = 0.0


class Delivery:
    """Brings the world's updates to its webhook while `run` does.

    Updates of one kind in one chat come one after the other, the next when the one before was taken; others at
    the same time, as many as `max_connections`. `sleep` waits, for pauses and for answers; `carry` does what an
    answer's body asks for.
    """

    def __init__(self, world: TelegramWorld, carry: Carry, sleep: Sleep = asyncio.sleep) -> None:
        self._world = world
        self._carry = carry
        self._sleep = sleep
        self._lanes: dict[Hashable, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Deliver until cancelled."""
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), cookie_jar=jar) as client:
            while True:
                hook = self._world.webhook
                places = asyncio.Semaphore(hook.max_connections)
                try:
                    while self._world.webhook is hook:
                        if hook.url:
                            self._open_lanes(client, hook, places)
                        await self._world.updates.arrived.wait(None)
                finally:
                    await self._close_lanes()

    def _open_lanes(self, client: aiohttp.ClientSession, hook: Webhook, places: asyncio.Semaphore) -> None:
        for update in self._world.updates.waiting():
            lane = lane_of(update)
            if lane not in self._lanes:
                self._lanes[lane] = asyncio.create_task(self._serve(lane, client, hook, places))

    async def _close_lanes(self) -> None:
        """What is on its way is given up, and comes again: nobody has taken it."""
        tasks = list(self._lanes.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(
        self, lane: Hashable, client: aiohttp.ClientSession, hook: Webhook, places: asyncio.Semaphore
    ) -> None:
        """Deliver what waits in the lane; after a failure at once, then after 2, 4, 8 … seconds."""
        failures: dict[int, int] = {}
        try:
            while (update := self._next(lane)) is not None:
                async with places:
                    self._world.updates.sending(update["update_id"])
                    failure = await self._attempt(client, hook, update)
                if failure is None:
                    self._world.delivered(update["update_id"])
                    continue
                hook.error = WebhookError(self._world.now(), failure.reason)
                failed = failures.get(update["update_id"], 0)
                failures[update["update_id"]] = failed + 1
                await self._sleep(failure.retry_after or (min(2.0**failed, LONGEST_PAUSE) if failed else 0))
        finally:
            del self._lanes[lane]

    def _next(self, lane: Hashable) -> JsonObject | None:
        return next((update for update in self._world.updates.waiting() if lane_of(update) == lane), None)

    async def _attempt(
        self, client: aiohttp.ClientSession, hook: Webhook, update: JsonObject
    ) -> Failure | None:
        headers = {SECRET_HEADER: hook.secret} if hook.secret else {}
        try:
            return await self._within(ANSWER_SECONDS, self._post(client, hook.url, headers, update))
        except TimeoutError:
            return Failure("Read timeout expired")
        except aiohttp.ClientConnectorError:
            return Failure("Connection refused")
        except (aiohttp.ClientError, ValueError):  # gone half-way, or a body that is not what it says
            return Failure("Webhook connection closed")

    async def _post(
        self, client: aiohttp.ClientSession, url: str, headers: dict[str, str], update: JsonObject
    ) -> Failure | None:
        timeout = aiohttp.ClientTimeout(total=None)
        async with client.post(
            url, json=update, headers=headers, timeout=timeout, allow_redirects=False
        ) as answer:
            if not 200 <= answer.status <= 299:
                reason = f"Wrong response from the webhook: {answer.status} {answer.reason}"
                return Failure(reason, retry_after(answer.headers.get("Retry-After", "")))
            asked = await asked_in(answer)
        if asked is not None:
            await self._carry(*asked)  # nobody hears what came of it
        return None

    async def _within(self, seconds: float, work: Coroutine[Any, Any, T]) -> T:
        doing = asyncio.create_task(work)
        alarm = asyncio.ensure_future(self._sleep(seconds))
        try:
            await asyncio.wait({doing, alarm}, return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                raise TimeoutError
            return doing.result()
        finally:
            doing.cancel()
            alarm.cancel()
            await asyncio.gather(doing, alarm, return_exceptions=True)


def lane_of(update: JsonObject) -> Hashable:
    """What an update has to wait behind: its own kind in its chat, presses those of their person."""
    kind = next((key for key in update if key != "update_id"), "")
    event = update.get(kind)
    if isinstance(event, dict):
        for holder in ("from",) if kind == "callback_query" else ("chat", "from"):
            part = event.get(holder)
            if isinstance(part, dict) and "id" in part:
                return (kind, str(part["id"]))
    return update["update_id"]  # type: ignore[no-any-return]  # the world has numbered it


def retry_after(text: str) -> float:
    """The seconds a receiver asks for, an hour at most; 0 for what is no number."""
    return min(float(text), LONGEST_RETRY_AFTER) if text.isascii() and text.isdigit() else 0.0
