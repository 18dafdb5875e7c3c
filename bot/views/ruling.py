"""What admins decide for others: freeing what somebody holds, and stopping a resource."""

from __future__ import annotations

from collections.abc import Sequence

from bot.models.history import Named
from bot.models.offer import Action
from bot.models.results import Held, Returned
from bot.views.proxies import days
from bot.views.reasons import failure_lines
from bot.views.reply import Button, Reply, one, pack
from bot.views.text import count_of, escaped, proxies_of

MAX_SHOWN = 40
FREEING = "Being freed. Google is slow just now; the answer follows."
NOTHING_FREED = "Nothing was freed."


def propose(person: Named, chosen: Sequence[Held], unsettled: int) -> Reply:
    """What would be freed; nothing is, until the button is pressed. `unsettled`: being checked, and left alone."""
    name = escaped(person.name)
    if not chosen:
        return one(f"{name} holds nothing of that kind, so there is nothing to free.{_left(unsettled)}")
    shown = [_line(held) for held in chosen[:MAX_SHOWN]]
    more = [f"and {len(chosen) - MAX_SHOWN} more"] if len(chosen) > MAX_SHOWN else []
    lines = [f"Free {proxies_of(len(chosen))} of {name}?{_left(unsettled)}", *shown, *more]
    ids = (held.allocation for held in chosen)
    free = Action("release for", (person.user_id, person.name, *ids))
    buttons = (Button(f"Free {len(chosen)}", free), Button("Leave", Action("release for")))
    return Reply(pack(lines)).with_buttons(buttons)


def freed(name: str, outcome: Returned) -> Reply:
    """What became of it; the holder has been told."""
    count = len(outcome.released)
    text = f"Freed {proxies_of(count)} of {escaped(name)}, who is told." if count else NOTHING_FREED
    lines = [text, *(["Still held:", *failure_lines(outcome.failures)] if outcome.failures else [])]
    return Reply(pack(lines))


def none_theirs(name: str) -> Reply:
    """All of it was given back meanwhile."""
    return one(f"{escaped(name)} does not hold any of these any more; nothing was changed.")


def frozen(resource: str, *, changed: bool) -> Reply:
    """Nothing is handed out for the resource."""
    state = "is frozen" if changed else "was frozen already"
    text = f"<b>{escaped(resource)}</b> {state}: nothing is handed out for it. Who holds something keeps it."
    return one(text, Button(f"Thaw {resource[:40]}", Action("thaw", (resource,))))


def thawed(resource: str, *, changed: bool) -> Reply:
    """It is handed out for again."""
    text = "is handed out again" if changed else "was not frozen; it is handed out as before"
    return one(
        f"<b>{escaped(resource)}</b> {text}.",
        Button(f"Freeze {resource[:40]}", Action("freeze", (resource,))),
    )


def _line(held: Held) -> str:
    address, left = escaped(held.proxy.endpoint.address), days(held.proxy.days_left)
    return f"• <b>{escaped(held.resource)}</b> · {address} · {left} · since {escaped(held.issued_on)}"


def _left(unsettled: int) -> str:
    return (
        f" {count_of(unsettled, 'other is', 'others are')} being checked and left alone." if unsettled else ""
    )
