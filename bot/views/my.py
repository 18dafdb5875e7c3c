"""What one holds: the list, page by page, and one of them with its credentials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.models.held import Tag, in_order
from bot.models.offer import Action
from bot.models.results import Held
from bot.views.formats import LABELS, LINE
from bot.views.proxies import MAX_NAME, as_file, days, pending_line, proxy_line
from bot.views.reply import EARLIER, FURTHER, Button, Reply, in_rows, one
from bot.views.text import escaped, proxies_of

A_PAGE = 8
MAX_LABEL = 32
MOST_RESOURCES = 40
MAX_NOTE = 500
GOOD_FOR = 6 * 3600.0

NOTHING = one(
    "You hold no proxies.\nChoose some with /proxies, or send for example /take beboo 5.",
    Button("Choose proxies", Action("resources")),
)


def mine(held: Sequence[Held], page: int = 0) -> Reply:
    """One page of what a person holds, numbered; a button each opens it. No credentials here."""
    if not held:
        return NOTHING
    ordered = in_order(held)
    pages = -(-len(ordered) // A_PAGE)
    page = min(max(page, 0), pages - 1)
    heading = f"You hold {proxies_of(len(ordered))}." + (f" Page {page + 1} of {pages}." if pages > 1 else "")
    text = "\n".join([heading, *_listed(ordered, page)])
    return screen((text,), *in_rows(_openers(ordered, page), 2), _turners(page, pages), _file_row(ordered))


def one_held(held: Held, form: str, page: int = 0, heading: str = "") -> Reply:
    """One of them with its credentials, written in `form`, and what can be done with it.

    `heading` stands before it. What is not settled shows no credentials: it may not be theirs.
    """
    tag, back = Tag.of(held, page), Button("‹ Back", Action("held", (page,)))
    if not held.settled:
        return screen(
            (_unsettled(held),), [Button("Look again", Action("show", (held.allocation, page))), back]
        )
    parts = (heading, _about(held), proxy_line(held.proxy, form), _row(held), _note(held), _state(held))
    return screen(
        ("\n".join(part for part in parts if part),),
        [
            Button("Give back", Action("give", tag.args)),
            Button("Transfer", Action("transfer", (*tag.args, 0))),
        ],
        [Button("Does not answer: replace it", Action("replace", (*tag.args, "dead", 0)))],
        [back],
    )


def file_of(held: Sequence[Held], name: str, form: str) -> Reply:
    """Their credentials as a file, one a line; `name` is the resource, or empty for all."""
    purpose = f" for {escaped(name)}" if name else ""
    text = (
        f"{proxies_of(len(held))}{purpose}, one a line, written as {escaped(LABELS.get(form, LABELS[LINE]))}."
    )
    return replace(one(text), file=as_file(name or "proxies", [each.proxy for each in held], form))


def which_file(counts: Sequence[tuple[str, int]]) -> Reply:
    """Several resources: which of them shall be in the file?"""
    every = Button(f"All ({sum(count for _, count in counts)})", Action("file", ("",)))
    buttons = [
        Button(f"{name[:MAX_NAME]} ({count})", Action("file", (name,)))
        for name, count in counts[:MOST_RESOURCES]
    ]
    return screen(("Which of them shall be in the file?",), *in_rows([*buttons, every], 2))


def screen(texts: tuple[str, ...], *rows: Sequence[Button]) -> Reply:
    """An answer whose buttons stay good for hours: whether they still make sense is checked when they are pressed."""
    return Reply(texts, good_for=GOOD_FOR).with_buttons(*rows)


def phrase(tag: Tag) -> str:
    """How one is named in a sentence: `192.0.2.7:8080 (beboo)`."""
    return f"<code>{escaped(tag.address)}</code> ({escaped(tag.resource)})"


def to_list(page: int = 0) -> Button:
    """Leads back to the list."""
    return Button("My proxies", Action("held", (page,)))


def summary(held: Held) -> str:
    """`192.0.2.7:8080 · beboo · 12 days`."""
    address = escaped(held.proxy.endpoint.address)
    return f"<code>{address}</code> · {escaped(held.resource)} · {days(held.proxy.days_left)}"


def _listed(ordered: Sequence[Held], page: int) -> Iterable[str]:
    resource = None
    for number, held in _shown(ordered, page):
        if held.resource != resource:
            resource = held.resource
            count = sum(each.resource == resource for each in ordered)
            yield f"\n<b>{escaped(resource)}</b> ({count})"
        yield f"{number} · {_line(held)}"


def _shown(ordered: Sequence[Held], page: int) -> Iterable[tuple[int, Held]]:
    start = page * A_PAGE
    return enumerate(ordered[start : start + A_PAGE], start + 1)


def _line(held: Held) -> str:
    proxy = held.proxy
    parts = [proxy.country[:MAX_LABEL], days(proxy.days_left), _standing(held)]
    return " · ".join(
        [f"<code>{escaped(proxy.endpoint.address)}</code>", *(escaped(part) for part in parts if part)]
    )


def _standing(held: Held) -> str:
    if not held.settled:
        return "being checked"
    if held.missing:
        return "entry deleted in the sheet"
    if held.gone:
        return "no longer in the sheet"
    return "sheet pending" if held.pending else ""


def _openers(ordered: Sequence[Held], page: int) -> Iterable[Button]:
    for number, held in _shown(ordered, page):
        label = f"{number} · {held.proxy.endpoint.host}"
        yield Button(label[:MAX_LABEL], Action("show", (held.allocation, page)))


def _turners(page: int, pages: int) -> list[Button]:
    back = [Button(EARLIER, Action("held", (page - 1,)))] if page > 0 else []
    return back + ([Button(FURTHER, Action("held", (page + 1,)))] if page < pages - 1 else [])


def _file_row(ordered: Sequence[Held]) -> list[Button]:
    return (
        [Button("Get all as a file", Action("file", (None,)))]
        if any(each.settled for each in ordered)
        else []
    )


def _about(held: Held) -> str:
    return f"<b>{escaped(held.resource)}</b>, yours since {escaped(held.issued_on)}. Tap the line to copy it."


def _unsettled(held: Held) -> str:
    return (
        f"{phrase(Tag.of(held))} is being checked: Google has not confirmed it yet.\nLook again in a minute."
    )


def _row(held: Held) -> str:
    return "" if held.gone else f"Row {held.proxy.row} of the sheet."


def _note(held: Held) -> str:
    return f"Note: {escaped(held.proxy.note[:MAX_NOTE])}" if held.proxy.note else ""


def _state(held: Held) -> str:
    if held.missing:
        return "Its entry was deleted in the sheet: unless it comes back, it is freed in a few minutes."
    if held.gone:
        return "It is no longer in the sheet; it stays yours."
    return pending_line(1) if held.pending else ""
