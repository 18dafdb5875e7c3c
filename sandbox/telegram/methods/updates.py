"""Receiving updates: by long polling, or through a webhook."""

from typing import Any

from sandbox.telegram import limits
from sandbox.telegram.errors import bad_request, conflict
from sandbox.telegram.records import JsonObject
from sandbox.telegram.requests import Parameters
from sandbox.telegram.webhook import ACTIVE, Webhook, requested_webhook
from sandbox.telegram.world import TelegramWorld


async def get_updates(world: TelegramWorld, parameters: Parameters) -> list[JsonObject]:
    """Confirm what lies below `offset`, then the next updates, waited for up to `timeout` seconds.

    409 while there is a webhook.
    """
    if world.webhook.url:
        raise conflict(ACTIVE)
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
    """From now on updates go to `url`; an empty one removes the webhook. What waits stays, unless dropped."""
    allowed = parameters.json("allowed_updates", "allowed updates")
    kinds = None if allowed is None else _kinds(allowed)
    webhook = requested_webhook(parameters)
    if kinds is not None:
        world.updates.allow(kinds)
    return _use(world, webhook, parameters)


def delete_webhook(world: TelegramWorld, parameters: Parameters) -> bool:
    """Back to getUpdates; True as well when there was no webhook."""
    return _use(world, Webhook(), parameters)


def _use(world: TelegramWorld, webhook: Webhook, parameters: Parameters) -> bool:
    if parameters.boolean("drop_pending_updates"):
        world.updates.drop()
    world.set_webhook(webhook)
    return True


def get_webhook_info(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """Where updates go, how many wait, and what went wrong last."""
    info = world.webhook.info() | {"pending_update_count": len(world.updates)}
    return info | ({"allowed_updates": world.updates.allowed} if world.updates.allowed else {})


def _kinds(source: Any) -> list[str]:
    if not isinstance(source, list) or not all(isinstance(kind, str) for kind in source):
        raise bad_request("can't parse allowed updates: expected an Array of String")
    return source
