"""Who did what when, newest first, and whether the record is whole: /audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.models.allocation import State
from bot.models.audit import THE_BOT, Act, Deed, Link
from bot.models.history import Subject
from bot.models.offer import Action
from bot.views.notices import BAD_REASONS
from bot.views.reasons import REASONS
from bot.views.reply import Button, Reply, pack
from bot.views.states import STATES
from bot.views.text import cut, escaped
from bot.views.who import subject_args

MAX_VALUE = 60
NOBODY_NAMED = {"": "the bot", "the sheet": "somebody in the sheet"}
WORDS = {
    Deed.TAKE: "took for {subject}{change}",
    Deed.GIVE_BACK: "gave back {subject}{change}",
    Deed.SPENT: "marked {subject}{change}",
    Deed.BAD: "reported {subject}{change}",
    Deed.REVIVE: "brought back {subject}{change}",
    Deed.TRANSFER: "handed over {subject}{change}",
    Deed.NOT_FREED: "could not free {subject} ({before}): {after}",
    Deed.FREED_BY_HAND: "freed {subject}, whose entry was deleted{change}",
    Deed.RESTORE: "wrote back the entry of {subject}{change}",
    Deed.ROTATE: "changed the password of {subject}{change}",
    Deed.FREEZE: "froze {subject}{change}",
    Deed.THAW: "thawed {subject}{change}",
    Deed.ASK: "asked for access",
    Deed.ALLOW: "let in {subject}{change}",
    Deed.ROLE: "changed the role of {subject}{change}",
    Deed.DENY: "denied {subject} access{change}",
    Deed.EXPORT: "exported who holds what{change}",
    Deed.ADD_COLUMN: "added the column “{subject}” to the sheet",
    Deed.PROTECT_COLUMN: "protected the column “{subject}” of the sheet",
    Deed.PAUSE: "paused trading for everybody",
    Deed.RESUME: "let everybody trade again",
    Deed.CONNECT: "connected {subject}{change}",
    Deed.DISCONNECT: "disconnected {subject}{change}",
    Deed.DRILL: "drilled {subject}{change}",
}
_STATES = {state.value: words for state, words in STATES.items()}
_REPORTS = {
    f"{State.BAD} ({reason})": f"{STATES[State.BAD]} ({words})" for reason, words in BAD_REASONS.items()
}
_VALUES: Mapping[str, Mapping[str, str]] = {
    Deed.SPENT: _STATES,
    Deed.BAD: _REPORTS,
    Deed.REVIVE: _STATES,
    Deed.NOT_FREED: {reason.value: words for reason, words in REASONS.items()},
}


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
    return f"#{link.number} {_moment(link.at)} · {_actor(link.act)} {_deed(link.act)}"


def _actor(act: Act) -> str:
    name = act.name or str(act.actor)
    return _value(NOBODY_NAMED.get(act.name, name) if act.actor == THE_BOT else name)


def _deed(act: Act) -> str:
    """In words; a deed that another version knew stands as it was written down."""
    values = _VALUES.get(act.act, {})
    before, after = values.get(act.before, act.before), values.get(act.after, act.after)
    words = WORDS.get(act.act, "· {deed} · {subject}{change}")
    return words.format(
        deed=escaped(act.act),
        subject=_value(act.subject),
        before=_value(before),
        after=_value(after),
        change=_change(before, after),
    )


def _change(before: str, after: str) -> str:
    if before and after:
        return f": {_value(before)} → {_value(after)}"
    if before:
        return f": was {_value(before)}"
    return f": {_value(after)}" if after else ""


def _value(text: str) -> str:
    return escaped(cut(text, MAX_VALUE))


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
