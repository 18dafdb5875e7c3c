"""Choosing proxies by buttons: the resources, and one resource under filters."""

from __future__ import annotations

from collections.abc import Sequence

from bot.models.line import Position
from bot.models.offer import Action
from bot.models.results import Choices, ResourceStock
from bot.models.role import Role
from bot.views.choosing import Row, Selection, filter_rows, filters_button, look_button
from bot.views.commands import ROLE_OF_VERB
from bot.views.line import leave_button, line_up_button, ordinal, people_before, short, take_turn_button
from bot.views.reply import EARLIER, FURTHER, Button, Reply, in_rows, one
from bot.views.text import MINUTE, ago, escaped

RESOURCES_A_PAGE = 10
COUNTS = (1, 2, 3, 5, 10, 20)
READING = "Reading the sheet. Google is slow just now; the answer follows."
AGAIN = Button("Choose again", Action("resources", (0,)))


def resources(stocks: Sequence[ResourceStock], page: int, role: Role, age: float | None = None) -> Reply:
    """Ten resources a page, with how many are free for each; `page` from 0, one that is not there is the nearest.

    `age`: seconds since the sheet was read.
    """
    if not stocks:
        begin = "Begin with any name, for example /take beboo." if may_take(role) else "Look again later."
        return one(f"Nothing has been handed out yet, so there is nothing to choose from.\n{begin}")
    last = (len(stocks) - 1) // RESOURCES_A_PAGE
    page = min(max(0, page), last)
    shown = stocks[page * RESOURCES_A_PAGE : (page + 1) * RESOURCES_A_PAGE]
    where = f" Page {page + 1} of {last + 1}." if last else ""
    text = f"What are the proxies for?\nThe number is how many are free{_as_of(age)}.{where}"
    return Reply((text,), in_rows(map(_resource_button, shown), 2)).with_buttons(_turning(page, last))


def filters(choices: Choices, position: Position, role: Role, *, frozen: bool = False) -> Reply:
    """One resource: how many are free under the filters, the filters, and how many to look at."""
    selection = Selection(choices.resource, choices.wish)
    rows = list(filter_rows(choices))
    if may_take(role) and not frozen:
        rows += _taking(choices, selection, position)
    advice = _advice(choices, position, role, frozen=frozen)
    every = Button("‹ All resources", Action("resources", (0,)))
    return Reply((f"{_headline(choices)}\n{advice}",)).with_buttons(*rows, (every,))


def may_take(role: Role) -> bool:
    """Whether the role may do more than look."""
    return role.covers(ROLE_OF_VERB["preview"])


def _resource_button(stock: ResourceStock) -> Button:
    figure = "frozen" if stock.frozen else str(stock.free)
    return filters_button(Selection(stock.name), f"{short(stock.name)} · {figure}")


def _turning(page: int, last: int) -> Row:
    """To the pages before and after."""
    back = (Button(EARLIER, Action("resources", (page - 1,))),) if page else ()
    more = (Button(FURTHER, Action("resources", (page + 1,))),) if page < last else ()
    return back + more


def _headline(choices: Choices) -> str:
    wish = choices.wish
    kind = (wish.country[:32], f"{wish.min_days} days or more" if wish.min_days else "", wish.scheme)
    name = " · ".join([f"<b>{escaped(choices.resource)}</b>", *(escaped(part) for part in kind if part)])
    return f"{name}: {choices.free or 'none'} free{_as_of(choices.age)}."


def _as_of(age: float | None) -> str:
    """Figures that are not quite fresh say so."""
    return "" if age is None or age < MINUTE else f" (sheet read {ago(age)})"


def _advice(choices: Choices, position: Position, role: Role, *, frozen: bool) -> str:
    """What to do now."""
    if frozen:
        return "It is frozen: an admin has stopped handing out for it."
    if not may_take(role):
        return "You may look; an admin can give you the right to take some."
    if position.place is not None:
        return _in_line(position)
    if choices.free > position.ahead:
        return "How many? You see them before you take them."
    if position.ahead:
        return f"{people_before(position.ahead)}. Stand in line too, and I tell you when it is your turn."
    return "I can tell you when one is." if choices.wish.is_open else "Try other filters."


def _in_line(position: Position) -> str:
    if position.place and position.place.turn is not None:
        return "It is your turn: one is reserved for you."
    return f"You are {ordinal(position.number)} in line: I write to you when it is your turn."


def _taking(choices: Choices, selection: Selection, position: Position) -> list[Row]:
    """How many to look at; or, where there is nothing to look at, the line."""
    left = choices.free - position.ahead
    counts = tuple(look_button(selection, count) for count in COUNTS if count <= left)
    if place := position.place:
        turn = (take_turn_button(place),) if place.turn is not None else ()
        return [counts, (*turn, leave_button(place))]
    if counts:
        return [counts]
    return [(line_up_button(selection.resource),)] if selection.wish.is_open or position.ahead else []
