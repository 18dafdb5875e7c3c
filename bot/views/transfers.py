"""Handing a proxy over to a colleague, who is asked first."""

from __future__ import annotations

from collections.abc import Sequence

from bot.models.held import Tag
from bot.models.offer import Action
from bot.models.results import Held
from bot.views.giving import working
from bot.views.my import one_held, phrase, screen, to_list
from bot.views.reply import EARLIER, FURTHER, Button, Reply, in_rows, one
from bot.views.text import escaped

A_PAGE = 8
MAX_LABEL = 32

OVER = one("That offer is over: the proxy was given back or handed to somebody else.")
DECLINED = one("Declined; they are told. It stays with them.")


def colleagues(tag: Tag, people: Sequence[tuple[int, str]], page: int) -> Reply:
    """Who shall get it? `people`: user id and name of everybody it can be offered to."""
    back = Button("‹ Back", Action("show", (tag.allocation, tag.page)))
    if not people:
        return screen((f"There is nobody else who could take {phrase(tag)}.",), [back])
    last = (len(people) - 1) // A_PAGE
    page = min(max(page, 0), last)
    chosen = (_colleague(tag, *each) for each in people[page * A_PAGE : (page + 1) * A_PAGE])
    turners = [(EARLIER, page - 1)] * (page > 0) + [(FURTHER, page + 1)] * (page < last)
    return screen(
        (f"Who gets {phrase(tag)}?\nThey are asked first; it stays yours until they accept.",),
        *in_rows(chosen, 2),
        [Button(sign, Action("transfer", (*tag.args, to))) for sign, to in turners],
        [back],
    )


def asked(tag: Tag, name: str) -> Reply:
    """The colleague has been asked."""
    text = (
        f"{escaped(name)} is asked whether they take {phrase(tag)}.\n"
        "It stays yours until they accept; I will tell you."
    )
    return screen((text,), [to_list(tag.page)])


def received(held: Held, form: str) -> Reply:
    """It is the receiver's now: its credentials, and what can be done with it."""
    return one_held(held, form, heading="Accepted: it is yours now.")


def accepting() -> str:
    """The progress message while the sheet has not confirmed."""
    return working("the proxy that is handed to you")


def _colleague(tag: Tag, user_id: int, name: str) -> Button:
    return Button(name[:MAX_LABEL], Action("hand over", (*tag.args, user_id, name)))
