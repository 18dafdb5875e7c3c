"""Who did what when, newest first, and whether the record is whole: /audit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.models.audit import THE_BOT, Link
from bot.models.history import Subject
from bot.models.offer import Action
from bot.views.reply import Button, Reply, pack
from bot.views.text import escaped
from bot.views.who import subject_args

MAX_VALUE = 60


def audit(
    links: Sequence[Link],
    *,
    older: bool,
    newer: bool,
    checked: int,
    broken: int | None,
    subject: Subject | None = None,
) -> Reply:
    """One line an act; the last line tells of the whole chain, however little of it is shown."""
    about = f" about <b>{escaped(subject.name or subject.word)}</b>" if subject else ""
    head = f"Who did what{about}, times in UTC:" if links else f"Nothing is written down{about} yet."
    lines = [head, *map(_line, links), f"<i>{_state(checked, broken)}</i>"]
    return Reply(pack(lines)).with_buttons(_paging(links, older=older, newer=newer, subject=subject))


def _line(link: Link) -> str:
    act = link.act
    name = "the bot" if act.actor == THE_BOT and not act.name else act.name or str(act.actor)
    what = " · ".join(escaped(part[:MAX_VALUE]) for part in (name, act.act, act.subject) if part)
    change = _change(act.before, act.after)
    return f"#{link.number} {_moment(link.at)} · {what}{change}"


def _change(before: str, after: str) -> str:
    if before and after:
        return f": {_value(before)} → {_value(after)}"
    if before:
        return f": was {_value(before)}"
    return f": {_value(after)}" if after else ""


def _value(text: str) -> str:
    return escaped(text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…")


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")


def _state(checked: int, broken: int | None) -> str:
    if broken is None:
        return f"checked: {checked:,} {'act' if checked == 1 else 'acts'}, unbroken"
    return (
        f"BROKEN at #{broken:,}: it, or one before it, was changed or taken out. "
        f"The {checked:,} before it are in order; compare the rest with a backup."
    )


def _paging(
    links: Sequence[Link], *, older: bool, newer: bool, subject: Subject | None
) -> tuple[Button, ...]:
    about = subject_args(subject) if subject else ()
    buttons = []
    if newer and links:
        buttons.append(Button("‹ Newer", Action("audit", ("newer", links[0].number, *about))))
    if older and links:
        buttons.append(Button("Older ›", Action("audit", ("older", links[-1].number, *about))))
    return tuple(buttons)
