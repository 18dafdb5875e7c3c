"""What people do to our entries and to whole rows: deleted, put back, cut and pasted, sorted alone; new passwords."""

from __future__ import annotations

import re

from actions import MOST_ROWS, Pick
from memory_client import REPAIRED
from memory_sheet import ISSUED, entries
from world import World

MOST_DELETED = 8
OURS = re.compile(r"#([a-z2-7]{8})$")


async def delete_entry(world: World, pick: Pick) -> None:
    """A person deletes one of our entries; its holder may lose the proxy, or not."""
    if ours := _standing(world):
        row, entry = pick(ours)
        world.act(f"`{entry}` is deleted from row {row}")
        _delete(world, row, entry)


async def delete_many(world: World, pick: Pick) -> None:
    """A person deletes most of our entries at once."""
    ours = _standing(world)[:MOST_DELETED]
    world.act(f"{len(ours)} entries are deleted: {ours}")
    for row, entry in ours:
        _delete(world, row, entry)


async def put_back(world: World, pick: Pick) -> None:
    """Whoever has deleted an entry undoes it, if its row is still there; perhaps too late."""
    kept = [(line, entry) for line, entry in world.hands.deleted if line in world.sheet.lines]
    if kept:
        line, entry = pick(kept)
        world.act(f"`{entry}` is put back into row {world.sheet.lines.index(line) + 1}")
        world.hands.deleted.remove((line, entry))
        world.hands.loose.add(entry)
        if entry not in entries(line.cells[world.sheet.column(ISSUED)]):
            world.sheet.write_issued(line, entry)


async def cut_row(world: World, pick: Pick) -> None:
    """A person cuts out a row."""
    if world.wire.is_steady() and not world.sheet.cut_out and len(world.sheet.lines) > 2:
        row = pick(range(2, len(world.sheet.lines) + 1))
        world.act(f"row {row} is cut out")
        world.takes_away(row)
        world.sheet.cut(row)
        world.wire.rows_moved()


async def paste_row(world: World, pick: Pick) -> None:
    """A person pastes what was cut out, with the text it had then."""
    if world.wire.is_steady() and world.sheet.cut_out and len(world.sheet.lines) < MOST_ROWS:
        row, line = pick(range(2, len(world.sheet.lines) + 2)), world.sheet.cut_out[0]
        world.sheet.paste(row, line)
        world.act(f"the row that was cut out is pasted before {row}")
        world.hands.loose |= {
            each for each in entries(line.cells[world.sheet.column(ISSUED)]) if _is_ours(world, each)
        }
        world.wire.rows_moved()


async def sort_issued(world: World, pick: Pick) -> None:
    """A person sorts the `issued` column alone."""
    if world.wire.is_unread():
        world.act("the issued column is sorted alone")
        world.sheet.sort_issued(descending=pick((True, False)))
        world.wire.rows_moved()


async def rotate(world: World, pick: Pick) -> None:
    """A person changes a password."""
    rows = [
        row
        for row in range(2, len(world.sheet.lines) + 1)
        if str(world.sheet.cell(row, "proxy")).count(":") == 3
    ]
    if rows:
        row, serial = pick(rows), world.serial()
        login = str(world.sheet.cell(row, "proxy")).rpartition(":")[0]
        world.act(f"row {row} has another password: {login}:fresh{serial}")
        address = ":".join(login.split(":")[:2])
        world.hands.rotates(address, world.clock.time(), known=world.knows(address))
        if not world.read_at:  # the process has seen nothing yet
            world.hands.crashed(world.read_at, world.has_entry)
        world.sheet.put(row, "proxy", f"{login}:fresh{serial}")


async def say_word(world: World, pick: Pick) -> None:
    """An admin says what many deletions at once were meant as."""
    reconciler, word = world.desk.reconciler, pick(("free", "restore"))
    world.act(f"an admin says: {word}")
    work = reconciler.free_missing if word == "free" else reconciler.restore_missing
    await world.attempt(work(world.clock.time(), 1, "@root"))


def _standing(world: World) -> list[tuple[int, str]]:
    """Our entries with their rows; none while something may be put right in the very cells."""
    if world.clock.monotonic() - world.wire.moved_at <= REPAIRED:
        return []
    return [
        (row, entry)
        for row in range(2, len(world.sheet.lines) + 1)
        for entry in entries(world.sheet.cell(row, ISSUED))
        if _is_ours(world, entry) and not world.sheet.is_spoilt(row, world.ids)
    ]


def _delete(world: World, row: int, entry: str) -> None:
    world.hands.deleted.append((world.sheet.lines[row - 1], entry))
    world.sheet.remove_issued(row, entry)
    world.hands.loses_proof(world.read_at, world.has_entry)
    found = OURS.search(entry)
    assert found is not None
    if owner := world.owner_of(found[1]):
        world.freed(*owner)


def _is_ours(world: World, entry: str) -> bool:
    found = OURS.search(entry)
    return found is not None and found[1] in world.ids
