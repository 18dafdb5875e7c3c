"""The end of a run: every fault heals, time passes, and then clients, journal and sheet must say the same."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from clients import address, shown
from history import Thing, mismarked, unexplained, violations
from holders import ended
from memory_sheet import ISSUED, Line, entries
from world import CLIENTS, SETTLED_AFTER, SETTLED_BY, World

from bot.models.entries import format_entry
from bot.models.results import Held

STEP = 50.0
APART = 61.0
READINGS = 10
ASKED = 4 * APART
LIVE = "SELECT id, state FROM allocations WHERE state NOT IN ('released', 'expired', 'failed')"
_ID = re.compile(r"#([a-z2-7]{8})$")
_ADDRESS = re.compile(r"^10\.0\.0\.\d+:\d+")


@dataclass(frozen=True, slots=True)
class Holding:
    """One allocation as its holder sees it, its state in the journal, and the entry that the sheet must show."""

    id: str
    thing: Thing
    entry: str
    line: str
    settled: bool
    state: str = "taken"


async def settle(world: World, *, sheet: bool = True) -> list[str]:
    """Let everything come to its end; returns what is wrong then, a line each (the sheet's texts with `sheet`)."""
    world.act("settle")
    await _heal(world)
    await _pass_horizon(world)
    await _let_people_win(world)
    if stuck := [f"{op.key} is still without an answer" for op in world.record.ops if op.under_way]:
        return stuck
    await _look_closely(world)
    holdings = {client: await _holdings(world, client) for client in CLIENTS}
    owned = {(client, each.thing) for client, mine in holdings.items() for each in mine}
    held, marked = [each for mine in holdings.values() for each in mine], _marked(world)
    every, history = [*held, *marked], world.record.history()
    told = [*unexplained(history, owned), *mismarked(history, [each.thing for each in marked])]
    return [
        *problems(world),
        *world.over_pace(),
        *(wrong for wrong in told if not _is_forgotten(world, wrong)),
        *_against_journal(world, every),
        *_logins_wrong(world, held),
        *(texts_wrong(world, every) if sheet else ()),
    ]


def problems(world: World) -> list[str]:
    """What is wrong already, whatever is still under way."""
    told = [*world.record.broken, *violations(world.record.history())]
    return [wrong for wrong in told if not _is_forgotten(world, wrong)]


def texts_wrong(world: World, holdings: list[Holding]) -> list[str]:
    """Entries that do not stand where they should, and cells that are not as people left them."""
    wronged = [wrong for line in world.sheet.lines for wrong in _line_wronged(world, line)]
    return [*_against_sheet(world, holdings), *wronged]


async def _heal(world: World) -> None:
    world.wire.heal()
    world.database.fail_next = 0
    for line in world.sheet.lines:
        line.protected = False


async def _pass_horizon(world: World) -> None:
    passed = 0.0
    while passed < SETTLED_AFTER or (passed < SETTLED_BY and any(op.under_way for op in world.record.ops)):
        await world.tick(STEP)
        passed += STEP


async def _let_people_win(world: World) -> None:
    """Readings, a while apart, until whatever was deleted is free or back; an admin wants many of them back."""
    for _ in range(READINGS):
        await world.attempt(world.desk.service.refresh(force=True))
        await world.attempt(world.desk.reconciler.restore_missing(world.clock.time() - ASKED, 1, "@root"))
        await world.tick(APART)


async def _look_closely(world: World) -> None:
    service = world.desk.service
    for work in (
        service.settle_orphans(),
        service.cleanup_expired_reservations(),
        service.refresh(force=True),
    ):
        await world.wait(work)
    await world.tick(STEP)
    await world.look()


async def _holdings(world: World, client: int) -> list[Holding]:
    return [_holding(client, held) for held in await world.desk.service.held_by(client)]


def _holding(client: int, held: Held) -> Holding:
    entry = f"{held.resource} {shown(client)} {held.issued_on} #{held.allocation}"
    settled, line = held.settled and not held.missing, held.proxy.endpoint.line
    return Holding(held.allocation, (address(held.proxy), held.resource), entry, line, settled)


def _marked(world: World) -> list[Holding]:
    """What is used up or does not work, and the entry that says so."""
    live = world.desk.pool.ledger.live
    things = ended(world)
    return [
        Holding(each, things[each], format_entry(live[each]), "", True, str(live[each].state))
        for each in things
    ]


def _against_journal(world: World, holdings: list[Holding]) -> Iterator[str]:
    with closing(sqlite3.connect(world.database.path)) as connection:
        live = dict(connection.execute(LIVE).fetchall())
    for holding in holdings:
        if not holding.settled or live.get(holding.id) != holding.state:
            yield f"#{holding.id} should be settled, the journal says {live.get(holding.id)}"
    for strange in live.keys() - {holding.id for holding in holdings}:
        yield f"#{strange} is {live[strange]} in the journal, and nobody's"


def _logins_wrong(world: World, holdings: list[Holding]) -> Iterator[str]:
    """Nobody has what another one has, nor a login that the sheet has not."""
    for thing, count in Counter(holding.thing for holding in holdings).items():
        if count > 1 and thing[0] not in world.hands.forgotten:
            yield f"{thing} is held {count} times"
    column = world.sheet.column("proxy")
    lines = {_address(world, line): str(line.people[column]) for line in world.sheet.lines[1:]}
    for holding in holdings:
        known = holding.thing[0] not in world.hands.forgotten
        if known and holding.line != lines.get(holding.thing[0], holding.line):
            yield f"{holding.line} is held, the sheet has {lines[holding.thing[0]]}"


def _against_sheet(world: World, holdings: list[Holding]) -> Iterator[str]:
    shown_at: dict[str, list[Thing]] = {}
    for where, entry in _own_entries(world):
        shown_at.setdefault(entry, []).append(where)
    present = {_address(world, line) for line in world.sheet.lines} - world.hands.forgotten
    for holding in holdings:
        places = shown_at.pop(holding.entry, [])
        expected = [holding.thing[0]] if holding.thing[0] in present else []
        if [place[0] for place in places] != expected and holding.thing[0] not in world.hands.forgotten:
            yield f"`{holding.entry}` should stand at {expected}, stands at {places}"
    for entry, places in shown_at.items():
        if entry not in world.hands.loose:
            yield f"`{entry}` stands at {places}, though it is nobody's"


def _own_entries(world: World) -> Iterator[tuple[Thing, str]]:
    column = world.sheet.column(ISSUED)
    for number, line in enumerate(world.sheet.lines[1:], start=2):
        for entry in entries(line.cells[column]):
            if _is_ours(world, entry):
                yield (_address(world, line), f"row {number}"), entry


def _is_forgotten(world: World, wrong: str) -> bool:
    """Whether it is about a proxy that changed its password when nobody could see it: one has gone, one is new."""
    return any(address in wrong for address in world.hands.forgotten)


def _line_wronged(world: World, line: Line) -> Iterator[str]:
    issued = world.sheet.column(ISSUED)
    for column, (cell, filled) in enumerate(zip(line.cells, line.people, strict=True)):
        if column != issued and cell != filled:
            yield f"a person's cell {filled!r} of {_address(world, line)} holds {cell!r}"
    left = [entry for entry in entries(line.people[issued]) if entry not in line.forgiven]
    kept = [entry for entry in entries(line.cells[issued]) if not _is_ours(world, entry)]
    if [entry for entry in kept if entry not in line.forgiven] != left:
        yield f"people's entries {left} of {_address(world, line)} are {kept}"


def _is_ours(world: World, entry: str) -> bool:
    found = _ID.search(entry)
    return found is not None and found[1] in world.ids


def _address(world: World, line: Line) -> str:
    found = _ADDRESS.match(str(line.people[world.sheet.column("proxy")]))
    return found[0] if found else ""
