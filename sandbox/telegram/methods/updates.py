"""Receiving updates: long polling; webhooks are refused."""

from typing import Any

from sandbox.telegram import limits
from sandbox.telegram.errors import bad_request
from sandbox.telegram.records import JsonObject
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld


async def get_updates(world: TelegramWorld, parameters: Parameters) -> list[JsonObject]:
    """Confirm what lies below `offset`, then the next updates, waited for up to `timeout` seconds."""
    allowed = parameters.json("allowed_updates", "allowed updates")
    if allowed is not None:
        world.updates.allow(_kinds(allowed))
    if world.updates.confirm(parameters.integer("offset")):
        world.touch()
    limit = parameters.integer("limit", limits.UPDATES_IN_AN_ANSWER)
    if not 1 <= limit <= limits.UPDATES_IN_AN_ANSWER:
        limit = limits.UPDATES_IN_AN_ANSWER
    timeout = min(max(parameters.integer("timeout"), 0), limits.POLL_SECONDS)
    return await world.poller.poll(limit, timeout, parameters.connected)


def set_webhook(world: TelegramWorld, parameters: Parameters) -> bool:
    """Refused, but for the empty URL that removes a webhook."""
    if parameters.text("url"):
        raise bad_request("webhooks are not built in this sandbox yet; use getUpdates")
    return delete_webhook(world, parameters)


def delete_webhook(world: TelegramWorld, parameters: Parameters) -> bool:
    """True: there never is a webhook. Updates are dropped if asked for."""
    if parameters.boolean("drop_pending_updates"):
        world.updates.drop()
        world.touch()
    return True


def get_webhook_info(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """No URL, and how many updates wait."""
    info = {"url": "", "has_custom_certificate": False, "pending_update_count": len(world.updates)}
    return info | ({"allowed_updates": world.updates.allowed} if world.updates.allowed else {})


def _kinds(source: Any) -> list[str]:
    if not isinstance(source, list) or not all(isinstance(kind, str) for kind in source):
        raise bad_request("can't parse allowed updates: expected an Array of String")
    return source
