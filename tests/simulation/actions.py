"""What may happen in the world, one function each; `pick` chooses, be it hypothesis or a seeded generator."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

import clients
from history import Operation
from memory_client import Fault
from world import CLIENTS, World, proxy_row

from bot.errors import PeerError, StorageError

T = TypeVar("T")

RESOURCES = ("beboo", "lentik")
WAITS = (0.003, 0.02, 0.08, 0.3, 2.0, 25.0, 130.0, 310.0)
MOST_ROWS = 12
FEWEST_ROWS = 5
WIDEST = 8
UNKEYED = {Operation.RESERVE, Operation.CANCEL}  # these happen again when they are asked again


class Pick(Protocol):
    """Chooses one of several."""

    def __call__(self, options: Sequence[T], /) -> T: ...


Action = Callable[[World, Pick], Coroutine[Any, Any, None]]


async def issue(world: World, pick: Pick) -> None:
    """A client takes the best few."""
    client, resource, count, key = pick(CLIENTS), pick(RESOURCES), pick((1, 2, 4)), world.new_key()
    world.act(f"{key}: client {client} takes {count} for {resource}")
    world.ask(
        client,
        Operation.TAKE,
        resource,
        clients.issue(client, resource, count, key),
        key=key,
        wanted=count,
        conflicting=clients.issue(client, resource, count + 1, key),
    )


async def take(world: World, pick: Pick) -> None:
    """A client takes certain rows, perhaps reserved before."""
    client, resource, rows, key = pick(CLIENTS), pick(RESOURCES), _rows(world, pick), world.new_key()
    world.act(f"{key}: client {client} takes rows {rows} for {resource}")
    world.ask(
        client,
        Operation.TAKE,
        resource,
        clients.take(client, resource, rows, key),
        key=key,
        wanted=len(rows),
        conflicting=clients.take(client, resource, [*rows, 99], key),
    )


async def reserve(world: World, pick: Pick) -> None:
    """A client has certain rows kept."""
    client, resource, rows, key = pick(CLIENTS), pick(RESOURCES), _rows(world, pick), world.new_key()
    world.act(f"{key}: client {client} reserves rows {rows} for {resource}")
    work = clients.reserve(client, resource, rows)
    world.ask(client, Operation.RESERVE, resource, work, key=key, wanted=len(rows))


async def give_back(world: World, pick: Pick) -> None:
    """A client gives back one or two of what they see to be theirs."""
    client = pick(CLIENTS)
    held = (await world.look())[client]
    if not held:
        return
    ids = sorted({pick(sorted(held)) for _ in range(pick((1, 2)))})
    giving, key = {each: held[each] for each in ids}, world.new_key()
    world.act(f"{key}: client {client} gives back {giving}")
    world.ask(
        client,
        Operation.RELEASE,
        "",
        clients.give_back(client, giving, key),
        key=key,
        wanted=len(giving),
        targets=tuple(giving.values()),
    )


async def cancel(world: World, pick: Pick) -> None:
    """A client drops their reservations."""
    client, key = pick(CLIENTS), world.new_key()
    world.act(f"{key}: client {client} cancels")
    world.ask(client, Operation.CANCEL, "", clients.cancel(client), key=key)


async def repeat(world: World, pick: Pick) -> None:
    """A request comes again, as Telegram delivers at least once and people tap twice."""
    if again := [op for op in world.record.ops if op.operation not in UNKEYED]:
        op = pick(again[-4:])
        world.act(f"{op.key} comes again")
        world.send(op)


async def conflict(world: World, pick: Pick) -> None:
    """A key that was answered comes with other parameters."""
    known = [op for op in world.record.ops if op.conflicting and op.answer and not op.under_way]
    if not known:
        return
    op = pick(known[-4:])
    assert op.conflicting is not None
    world.act(f"{op.key} comes with other parameters")
    try:
        answer = await world.wait(clients.refused_as_conflict(op.conflicting)(world.desk.service))
    except (PeerError, StorageError):
        return
    if answer.refusal != "conflict":
        world.record.broken.append(f"{op.key} was accepted with other parameters")


async def clean_up(world: World, pick: Pick) -> None:
    """The scheduled job ends reservations."""
    world.act("clean up")
    await world.attempt(world.desk.service.cleanup_expired_reservations())


async def refresh(world: World, pick: Pick) -> None:
    """An inventory is read, meeting whatever else is under way."""
    world.act("refresh")
    world.spawn(lambda: world.desk.service.refresh(force=True))


async def wait(world: World, pick: Pick) -> None:
    """Time passes."""
    seconds = pick(WAITS)
    world.act(f"{seconds} s pass")
    await world.tick(seconds)


async def crash(world: World, pick: Pick) -> None:
    """The process is killed and started again; what was without an answer comes again, or never."""
    replayed = pick((True, True, False))
    world.act(f"crash, requests {'come again' if replayed else 'are forgotten'}")
    await world.kill()
    world.hands.crashed(world.read_at, world.has_entry)
    await world.start()
    open_ops = [op for op in world.record.ops if op.lost and op.answer is None]
    world.replay([op for op in open_ops if op.operation is not Operation.RESERVE] if replayed else [])


async def read_fault(world: World, pick: Pick) -> None:
    """The next read fails."""
    fault = pick((Fault.UNAVAILABLE, Fault.BUSY))
    world.act(f"the next read: {fault}")
    world.wire.read_faults.append(fault)


async def answered_fault(world: World, pick: Pick) -> None:
    """The next write fails, and we are told."""
    await _write_fault(world, pick((Fault.UNAVAILABLE, Fault.BUSY, Fault.REFUSED)))


async def unanswered_fault(world: World, pick: Pick) -> None:
    """The next write gets no answer."""
    await _write_fault(world, pick((Fault.LOST, Fault.DONE, Fault.LATE)))


async def _write_fault(world: World, fault: Fault) -> None:
    world.act(f"the next write: {fault}")
    world.wire.write_faults.append(fault)


async def disk_fault(world: World, pick: Pick) -> None:
    """The next transaction fails."""
    world.act("the disk is full for one transaction")
    world.database.fail_next = 1


async def edit_cell(world: World, pick: Pick) -> None:
    """A person edits a cell."""
    pick(CELLS)(world, pick)


async def edit_rows(world: World, pick: Pick) -> None:
    """A person sorts, inserts, deletes or moves rows."""
    if world.wire.is_steady():
        pick(ROWS)(world, pick)
        world.wire.rows_moved()


async def edit_between(world: World, pick: Pick) -> None:
    """A person edits the sheet just before the next write lands, after whatever it was decided upon."""
    if not world.wire.is_steady():
        return
    change, dice = pick(ROWS), [pick(range(60)) for _ in range(2)]
    world.act(f"before the next write: {change.__name__}")

    def later(options: Sequence[T]) -> T:
        dice.append(dice.pop(0))
        return options[dice[-1] % len(options)]

    world.wire.before_write.append(lambda: change(world, later))


def mark(world: World, pick: Pick) -> None:
    """Write a resource into `used_for`."""
    row, resource = _row(world, pick), pick(RESOURCES)
    used = str(world.sheet.cell(row, "used_for"))
    if resource not in used:
        world.act(f"row {row} is marked for {resource}")
        world.sheet.put(row, "used_for", ", ".join(filter(None, [used, resource])))


def unmark(world: World, pick: Pick) -> None:
    """Empty a cell of `used_for`."""
    row = _row(world, pick)
    world.act(f"row {row} is not marked any more")
    world.sheet.put(row, "used_for", "")


def type_issued(world: World, pick: Pick) -> None:
    """Type something into `issued` by hand."""
    row, word = _row(world, pick), pick((*RESOURCES, "office"))
    entry = f"{word} by hand {world.serial()}"
    if world.sheet.is_spoilt(row, world.ids):
        return
    world.act(f"`{entry}` is typed into row {row}")
    world.sheet.append_issued(row, entry)


def note(world: World, pick: Pick) -> None:
    """Change a note, which is what sorting goes by."""
    row, text = _row(world, pick), pick(("a", "m", "z"))
    world.act(f"row {row} has note {text}")
    world.sheet.put(row, "note", text)


async def protect(world: World, pick: Pick) -> None:
    """Protect a row, or end that."""
    row = _row(world, pick)
    protected = not world.sheet.lines[row - 1].protected
    world.act(f"row {row} is {'protected' if protected else 'open'}")
    world.sheet.protect(row, protected=protected)


def sort(world: World, pick: Pick) -> None:
    """Sort the rows."""
    header, descending = pick(("note", "expires", "proxy")), pick((False, True))
    world.act(f"sorted by {header}, {'descending' if descending else 'ascending'}")
    world.sheet.sort(header, descending=descending)


def insert(world: World, pick: Pick) -> None:
    """Insert a row, empty or with a new proxy."""
    row, number = _row(world, pick), 20 + world.serial() % 200
    if len(world.sheet.lines) < MOST_ROWS:
        cells = proxy_row(number) if pick((True, False)) else []
        world.act(f"row {row} is inserted {'with proxy ' + str(number) if cells else 'empty'}")
        world.sheet.insert(row, cells)


def delete(world: World, pick: Pick) -> None:
    """Delete a row."""
    row = _row(world, pick)
    if len(world.sheet.lines) > FEWEST_ROWS:
        world.act(f"row {row} is deleted")
        world.takes_away(row)
        world.sheet.delete(row)


def move(world: World, pick: Pick) -> None:
    """Drag a row to another place."""
    row, to = _row(world, pick), _row(world, pick)
    world.act(f"row {row} is moved to {to}")
    world.sheet.move(row, to)


async def insert_column(world: World, pick: Pick) -> None:
    """Insert a column somewhere."""
    if world.sheet.width < WIDEST and world.wire.is_unread():
        at = pick(range(world.sheet.width))
        world.act(f"column {at} is inserted")
        world.sheet.insert_column(at, f"more {world.sheet.width}")


CELLS = (mark, unmark, type_issued, note)
ROWS = (sort, insert, delete, move)


def _row(world: World, pick: Pick) -> int:
    return pick(range(2, len(world.sheet.lines) + 1))


def _rows(world: World, pick: Pick) -> list[int]:
    return sorted({_row(world, pick) for _ in range(pick((1, 2)))})
