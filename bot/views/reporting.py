"""Reporting a proxy that does not work, and getting a fresh one for it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.models.held import Tag
from bot.models.offer import Action
from bot.models.results import BadReason, Held, Issued, Returned
from bot.views.giving import outcome, working
from bot.views.my import MAX_LABEL, phrase, screen, to_list
from bot.views.proxies import pending_line, proxy_line, receipt
from bot.views.reasons import failure_lines
from bot.views.reply import Button, Reply, pack
from bot.views.text import escaped

MOST_LISTED = 20
LABELS = {
    BadReason.DEAD: "It does not answer",
    BadReason.BANNED: "The site bans it",
    BadReason.SLOW: "It is too slow",
}
PREDICATES = {
    BadReason.DEAD: "does not answer",
    BadReason.BANNED: "is banned by the site",
    BadReason.SLOW: "is too slow",
    BadReason.OTHER: "does not work",
}


def why(tag: Tag) -> Reply:
    """Ask what is wrong before it is replaced."""
    text = f"What is wrong with {phrase(tag)}?\nNobody gets it any more, and you get a fresh one."
    reasons = [[_replace(label, tag, reason)] for reason, label in LABELS.items()]
    return screen((text,), *reasons, [Button("‹ Back", Action("give", tag.args))])


def what_is_wrong(tag: Tag) -> Reply:
    """Ask what is wrong with one that was named by its host."""
    return screen(
        (f"What is wrong with {phrase(tag)}?",),
        *([Button(label, _report(tag, reason))] for reason, label in LABELS.items()),
    )


def replace_or_report(tag: Tag, reason: BadReason) -> Reply:
    """Ask whether another one is wanted for it."""
    return screen(
        (f"{phrase(tag)} {PREDICATES[reason]}. Do you want another one for it?\nNothing was done yet.",),
        [_replace("Replace it", tag, reason)],
        [_only_report(tag, reason)],
    )


def which(held: Sequence[Held], reason: BadReason | None) -> Reply:
    """A host at which one holds several."""
    buttons = [[Button(_label(each), _report(Tag.of(each), reason))] for each in held[:MOST_LISTED]]
    return screen(("Several of yours fit. Which of them does not work?",), *buttons)


def replaced(issued: Issued, tag: Tag, reason: BadReason, now: float, form: str) -> Reply:
    """The fresh one with its credentials, and what became of the old one."""
    if not issued.proxies:
        return _no_luck(issued, tag, now)
    lines = [
        f"A fresh one for <b>{escaped(issued.resource)}</b>. Tap the line to copy it.",
        *(proxy_line(proxy, form) for proxy in issued.proxies),
        "",
        *([pending_line(len(issued.proxies))] if issued.pending else []),
        f"Reported: {phrase(tag)} {PREDICATES[reason]}. Nobody gets it any more.",
        f"\n<i>{receipt(issued.receipt, len(issued.proxies), '', now)}</i>",
    ]
    return screen(pack(lines), [to_list(tag.page)])


def no_replacement(tag: Tag, reason: BadReason, *, any_kind: bool) -> Reply:
    """None can be had for it now; nothing was marked. `any_kind`: nor would any other kind help."""
    kind = "" if any_kind else " of the same country and protocol"
    text = (
        f"No other one{kind} can be had for {escaped(tag.resource)} now.\n"
        f"<code>{escaped(tag.address)}</code> is still yours."
    )
    other = [] if any_kind else [_replace("Replace with any kind", tag, reason, any_kind=True)]
    return screen((text,), other, [_only_report(tag, reason)], [to_list(tag.page)])


def reported(returned: Returned, tag: Tag, reason: BadReason, now: float) -> Reply:
    """It was reported, and is off the list."""
    done = f"Reported: {phrase(tag)} {PREDICATES[reason]}. Nobody gets it any more; the admins know."
    return outcome(returned, now, done, tag)


def replacing(tag: Tag) -> str:
    """The progress message of a replacement."""
    return working(f"another one for {phrase(tag)}")


def _no_luck(issued: Issued, tag: Tag, now: float) -> Reply:
    lines = [
        f"No fresh one could be given, so {phrase(tag)} is still yours.",
        "",
        *failure_lines(issued.failures),
        f"\n<i>{receipt(issued.receipt, 0, '', now)}</i>",
    ]
    return screen(pack(lines), [to_list(tag.page)])


def _replace(label: str, tag: Tag, reason: BadReason, *, any_kind: bool = False) -> Button:
    return Button(label, Action("replace", (*tag.args, reason.value, int(any_kind))))


def _only_report(tag: Tag, reason: BadReason) -> Button:
    return Button("Only report it", Action("bad", (*tag.args, reason.value)))


def _report(tag: Tag, reason: BadReason | None) -> Action:
    return Action("report", (*tag.args, reason.value if reason else None))


def _label(held: Held) -> str:
    return f"{held.proxy.endpoint.address[:MAX_LABEL]} · {held.resource}"
