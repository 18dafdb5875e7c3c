"""What holders do with what is theirs: used up, reported, replaced, handed over; and an admin's second word."""

from __future__ import annotations

from actions import Pick
from clients import Answer, Work, address, shown
from history import Operation, Thing
from world import CLIENTS, World

from bot.errors import NotEnough, OverLimit
from bot.models.allocation import ENDED_USE
from bot.models.proxy import address_of
from bot.models.results import BadReason
from bot.services.proxy_service import ProxyService

ADMIN = 1


async def spend(world: World, pick: Pick) -> None:
    """A client has used one or two of theirs up."""
    await _mark(world, pick, Operation.SPEND)


async def report(world: World, pick: Pick) -> None:
    """A client says that one or two of theirs do not work."""
    await _mark(world, pick, Operation.REPORT)


async def replace(world: World, pick: Pick) -> None:
    """A client wants another in place of one that does not work."""
    client = pick(CLIENTS)
    if held := (await world.look())[client]:
        allocation, key = pick(sorted(held)), world.new_key()
        thing = held[allocation]
        world.act(f"{key}: client {client} wants another in place of {thing}")
        work = replacing(client, allocation, thing, key)
        world.ask(client, Operation.REPLACE, thing[1], work, key=key, wanted=1, targets=(thing,))


async def transfer(world: World, pick: Pick) -> None:
    """A client hands one over to a colleague."""
    client = pick(CLIENTS)
    if held := (await world.look())[client]:
        allocation, key = pick(sorted(held)), world.new_key()
        to, thing = pick([each for each in CLIENTS if each != client]), held[allocation]
        world.act(f"{key}: client {client} hands {thing} over to {to}")
        work = handing_over(client, allocation, to, key)
        op = world.ask(client, Operation.TRANSFER, thing[1], work, key=key, wanted=1, targets=(thing,))
        op.to = to


async def revive(world: World, pick: Pick) -> None:
    """An admin says that one which nobody gets may be handed out again."""
    if marked := ended(world):
        allocation, key = pick(sorted(marked)), world.new_key()
        thing = marked[allocation]
        world.act(f"{key}: {thing} may be handed out again")
        work = reviving(allocation, thing, key)
        world.ask(ADMIN, Operation.REVIVE, thing[1], work, key=key, wanted=1, targets=(thing,))


def ended(world: World) -> dict[str, Thing]:
    """What is used up or does not work, by allocation id."""
    live = world.desk.pool.ledger.live.values()
    return {each.id: (address_of(each.key), each.resource) for each in live if each.state in ENDED_USE}


def marking(operation: Operation, client: int, holdings: dict[str, Thing], key: str) -> Work:
    """Mark these allocations (by id)."""

    async def work(service: ProxyService) -> Answer:
        ids = list(holdings)
        if operation is Operation.SPEND:
            returned = await service.spend(ids, client, request_key=key)
        else:
            returned = await service.mark_bad(ids, client, BadReason.DEAD, request_key=key)
        things = tuple(sorted(holdings[each] for each in returned.released))
        return Answer(things, number=returned.receipt.request)

    return work


def replacing(client: int, allocation: str, thing: Thing, key: str) -> Work:
    """Mark one as not working, and take another."""

    async def work(service: ProxyService) -> Answer:
        try:
            issued = await service.replace(
                allocation, client, BadReason.DEAD, name=shown(client), request_key=key
            )
        except (NotEnough, OverLimit) as refused:
            return Answer(refusal=str(refused))
        things = tuple((address(proxy), thing[1]) for proxy in issued.proxies)
        return Answer(things, number=issued.receipt.request, pending=issued.pending)

    return work


def handing_over(client: int, allocation: str, to: int, key: str) -> Work:
    """Hand this allocation over."""

    async def work(service: ProxyService) -> Answer:
        held = await service.transfer(allocation, client, to, shown(to), request_key=key)
        return Answer(((address(held.proxy), held.resource),))

    return work


def reviving(allocation: str, thing: Thing, key: str) -> Work:
    """Have this allocation's proxy handed out again."""

    async def work(service: ProxyService) -> Answer:
        returned = await service.revive(allocation, ADMIN, request_key=key)
        return Answer((thing,) if returned.released else (), number=returned.receipt.request)

    return work


async def _mark(world: World, pick: Pick, operation: Operation) -> None:
    client = pick(CLIENTS)
    held = (await world.look())[client]
    if not held:
        return
    ids = sorted({pick(sorted(held)) for _ in range(pick((1, 2)))})
    marked, key = {each: held[each] for each in ids}, world.new_key()
    world.act(f"{key}: client {client}: {operation} {marked}")
    work = marking(operation, client, marked, key)
    targets = tuple(marked.values())
    world.ask(client, operation, "", work, key=key, wanted=len(marked), targets=targets)
