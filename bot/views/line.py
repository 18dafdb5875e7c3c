"""The waiting line for people: where one stands, and that one has left."""

from __future__ import annotations

from collections.abc import Sequence

from bot.models.line import Place, Position
from bot.models.offer import Action
from bot.views.reply import Button, Reply, one
from bot.views.text import count_of, cut, escaped, proxies_of

MAX_NAME = 24
TURN_KEPT = "10 min"
TAKING_TURN = "Being checked: 1 proxy. Google is slow just now; the answer follows."


def line_up_button(resource: str) -> Button:
    """Stands in line for the resource."""
    return Button("Tell me when one is free", Action("line up", (resource,)))


def leave_button(place: Place) -> Button:
    """Gives the place up."""
    return Button(f"Leave the line for {short(place.resource)}", Action("leave line", (place.number,)))


def take_turn_button(place: Place) -> Button:
    """Takes what is kept for the place."""
    return Button("Take it", Action("take turn", (place.number, place.turn)))


def joined(position: Position) -> Reply:
    """The answer to whoever stands in line, now or before."""
    place = position.place
    if place is None:
        return LEFT
    if place.turn is not None:
        text = (
            f"It is your turn: one for <b>{escaped(place.resource)}</b> is reserved for you.\n"
            "Take it, or the next in line gets it."
        )
        return one(text, take_turn_button(place), leave_button(place))
    text = (
        f"You are {ordinal(position.number)} in line for <b>{escaped(place.resource)}</b>.\n"
        f"When it is your turn, I write to you and reserve one for {TURN_KEPT}."
    )
    return one(text, leave_button(place))


LEFT = one("You are not in that line any more.\nSend /proxies to see what is free.")


def cancelled(reserved: int, staying: Sequence[Position], *, stopped: bool = False) -> Reply:
    """The answer to /cancel: what was dropped, and what was not; `stopped`: an account was being connected."""
    dropped = f"{proxies_of(reserved)} {'is' if reserved == 1 else 'are'} not reserved for you any more."
    lines = [
        dropped if reserved else "Nothing was reserved for you.",
        *(["No account is connected, and I keep nothing of what you sent."] if stopped else []),
        "Older buttons for choosing do nothing now.",
    ]
    if staying:
        places = ", ".join(_place(position) for position in staying)
        lines.append(f"You are still in line: {places}.")
    return one("\n".join(lines), *(leave_button(each.place) for each in staying if each.place))


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `4th`, `11th`."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def people_before(ahead: int) -> str:
    """`1 person stands in line before you`."""
    return f"{count_of(ahead, 'person', 'people')} {'stands' if ahead == 1 else 'stand'} in line before you"


def short(name: str) -> str:
    """A resource's name as it fits a button."""
    return cut(name, MAX_NAME)


def _place(position: Position) -> str:
    return f"{escaped(position.place.resource if position.place else '')} ({ordinal(position.number)})"
