"""The filters of a resource as buttons; each carries the whole state of the screen it leads to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.models.offer import Action, Argument
from bot.models.results import Choices
from bot.models.wish import ANY, Wish
from bot.views.line import short
from bot.views.reply import Button, in_rows

TOP_COUNTRIES = 5
FILTERS_A_ROW = 3

Row = tuple[Button, ...]
Counted = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Selection:
    """What a screen is about."""

    resource: str
    wish: Wish = ANY

    @property
    def args(self) -> tuple[Argument, ...]:
        """As arguments of an action."""
        return (self.resource, self.wish.country, self.wish.min_days, self.wish.scheme)


def filters_button(selection: Selection, text: str) -> Button:
    """Shows a resource under filters."""
    return Button(text, Action("filters", selection.args))


def look_button(selection: Selection, count: int, text: str = "") -> Button:
    """Shows the best so many, and keeps them for the user."""
    return Button(text or str(count), Action("preview", (*selection.args, count)))


def filter_rows(choices: Choices) -> tuple[Row, ...]:
    """Countries, days and protocols, each where there is something to choose."""
    wish = choices.wish
    countries = [(name, free) for name, free in choices.countries if name.strip()]
    top = _with_chosen(countries, wish.country, TOP_COUNTRIES)
    schemes = _with_chosen(choices.schemes, wish.scheme, len(choices.schemes) + 1)
    filters = (
        _names(choices, top, "Anywhere", wish.country, lambda name: wish._replace(country=name)),
        _days(choices),
        _names(choices, schemes, "Any type", wish.scheme, lambda name: wish._replace(scheme=name)),
    )
    return tuple(row for buttons in filters for row in in_rows(buttons, FILTERS_A_ROW))


def _names(
    choices: Choices, named: Counted, anything: str, chosen: str, wish_for: Callable[[str], Wish]
) -> Row:
    """One that asks for nothing, and the names with how many are free."""
    if len(named) < 2 and not chosen:
        return ()
    options = [("", anything), *((name, f"{short(name)} · {free}") for name, free in named)]
    return tuple(
        _filter(choices, text, wish_for(name), chosen=_alike(name, chosen)) for name, text in options
    )


def _days(choices: Choices) -> Row:
    """At least so many days; numbers that nothing has are left out."""
    chosen = choices.wish.min_days
    numbers = sorted({0, chosen} | {number for number, free in choices.days if free})
    if not any(numbers):
        return ()
    return tuple(
        _filter(
            choices,
            f"{number}+ days" if number else "Any days",
            choices.wish._replace(min_days=number),
            chosen=number == chosen,
        )
        for number in numbers
    )


def _filter(choices: Choices, text: str, wish: Wish, *, chosen: bool) -> Button:
    """Shows the same resource with one filter changed."""
    return filters_button(Selection(choices.resource, wish), f"✓ {text}" if chosen else text)


def _with_chosen(found: Counted, chosen: str, most: int) -> Counted:
    """The first `most`; the chosen one takes the last place where it is not among them."""
    top = found[:most]
    if not chosen or any(_alike(name, chosen) for name, _ in top):
        return top
    free = next((free for name, free in found if _alike(name, chosen)), 0)
    return [*top[: most - 1], (chosen, free)]


def _alike(name: str, chosen: str) -> bool:
    return name.casefold() == chosen.casefold()
