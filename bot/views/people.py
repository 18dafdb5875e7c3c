"""People for admins: who may do what, what was changed, who asks for access."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from bot.models.offer import Action
from bot.models.person import Change, Person, Standing
from bot.models.role import Role
from bot.views.reply import EARLIER, FURTHER, Button, Reply
from bot.views.text import ago, escaped

PAGE = 10

_HEADINGS = {
    Role.ADMIN: "Admins",
    Role.TRADER: "Traders",
    Role.USER: "Users",
    Role.VIEWER: "Viewers",
    Standing.ASKED: "Ask for access",
    Standing.DENIED: "Not let in",
}


def users(everybody: Sequence[Person], page: int, now: float) -> Reply:
    """One page of everybody by role, those who wait for an answer first and with the answers as buttons.

    `page` counts from 0; one that is not there any more is the last.
    """
    ordered = sorted(everybody, key=lambda person: person.standing is not Standing.ASKED)
    pages = max(1, -(-len(ordered) // PAGE))
    page = min(max(page, 0), pages - 1)
    shown = ordered[page * PAGE : (page + 1) * PAGE]
    heading = f"<b>People</b> · {len(ordered)}" + (f" · page {page + 1} of {pages}" if pages > 1 else "")
    text = "\n".join([heading, *_blocks(shown, now), "", "/allow ID · /role @USER ROLE · /deny @USER"])
    answers = [answer_buttons(person) for person in shown if person.standing is Standing.ASKED]
    return Reply((text,)).with_buttons(*answers, _turning(page, pages))


def answer_buttons(person: Person) -> tuple[Button, ...]:
    """The answers to a request for access that are given most; /allow gives the others."""
    return (
        Button(f"Let in {person.name[:32]}", Action("approve", (person.user_id, Role.USER))),
        Button("Refuse", Action("refuse", (person.user_id,))),
    )


def changed(change: Change) -> str:
    """What somebody could do before, and what they can do now."""
    name, before, now = escaped(change.person.name), change.before, change.person.role
    if not change.effective:
        return f"{name} {_has(now)} already. Nothing was changed."
    if now is None and before is None:
        return f"{name}: not let in. They are told."
    if now is None:
        return f"{name}: {before} → no access. They are told.\nWhat they hold stays theirs: see /release_for."
    return f"{name}: {before or 'no access'} → {now}. They are told."


def settled(person: Person) -> str:
    """How a request for access was answered."""
    name = f"{escaped(person.name)} (id {person.user_id})"
    return f"{name} has access now, as {person.role}." if person.role else f"{name} was not let in."


def settled_before(person: Person) -> str:
    """A second admin, or a second thought: the first answer counts."""
    remedy = (
        f"/role {person.user_id} ROLE or /deny {person.user_id}"
        if person.role
        else f"/allow {person.user_id}"
    )
    return f"That was settled before: {settled(person)}\nTo change it: {remedy}"


def nobody_asks(user_id: int) -> str:
    """The request is not there any more."""
    return f"Nobody with the id {user_id} asks for access.\nTo let them in: /allow {user_id}"


def _blocks(people: Sequence[Person], now: float) -> Iterator[str]:
    for kind, group in groupby(people, key=lambda person: person.role or person.standing):
        yield f"\n<b>{_HEADINGS[kind]}</b>"
        yield from (_line(person, now) for person in group)


def _line(person: Person, now: float) -> str:
    parts = [escaped(person.name), f"<code>{person.user_id}</code>"]
    if person.standing is Standing.ASKED and person.asked_at is not None:
        parts.append(f"asked {ago(now - person.asked_at)}")
    if person.blocked_at is not None:
        parts.append("has blocked me")
    return " · ".join(parts if person.name != str(person.user_id) else parts[1:])


def _turning(page: int, pages: int) -> tuple[Button, ...]:
    back = [Button(EARLIER, Action("users", (page - 1,)))] if page > 0 else []
    on = [Button(FURTHER, Action("users", (page + 1,)))] if page + 1 < pages else []
    return (*back, *on)


def _has(role: Role | None) -> str:
    return f"has access as {role}" if role else "has no access"
