"""Proxies for people: what was given, what is held, and why nothing was given."""

from __future__ import annotations

from collections.abc import Sequence

from bot.models.offer import Action
from bot.models.proxy import DEFAULT_SCHEME, Proxy
from bot.models.results import Issued, Receipt
from bot.views.formats import LINE, spelled
from bot.views.line import line_up_button
from bot.views.reasons import failure_lines
from bot.views.reply import Attachment, Button, Reply, one, pack, utf16
from bot.views.text import ago, count_of, escaped, listed, proxies_of, ranges

MAX_LINE = 1000
MAX_NAME = 64
MOST_WITHOUT_FILE = 10


def issued(outcome: Issued, now: float, form: str = LINE) -> Reply:
    """The proxies, one tap-to-copy line each, what failed and why, and the receipt.

    `form` is how the person wants them written. More than 10 come as a file as well.
    """
    lines = [_headline(outcome), *(proxy_line(proxy, form) for proxy in outcome.proxies)]
    if outcome.pending and outcome.proxies:
        lines += ["", pending_line(len(outcome.proxies))]
    if outcome.failures:
        lines += ["", "Not given:", *failure_lines(outcome.failures)]
    rows = ranges(proxy.row for proxy in outcome.proxies)
    texts = pack([*lines, f"\n<i>{receipt(outcome.receipt, len(outcome.proxies), rows, now)}</i>"])
    wants_file = len(outcome.proxies) > MOST_WITHOUT_FILE
    return Reply(texts, file=as_file(outcome.resource, outcome.proxies, form) if wants_file else None)


def as_file(name: str, proxies: Sequence[Proxy], form: str) -> Attachment:
    """The proxies as a text file, one a line: `beboo-12.txt`."""
    lines = [spelled(proxy.endpoint, form) for proxy in proxies]
    return Attachment(f"{name[:MAX_NAME]}-{len(lines)}.txt", "\n".join([*lines, ""]))


def pending_line(count: int) -> str:
    """They are the person's already, by our journal alone."""
    return f"Sheet pending: {'it is' if count == 1 else 'they are'} yours; the sheet follows by itself."


def proxy_line(proxy: Proxy, form: str = LINE) -> str:
    """`host:port:user:pass · DE · 12 days`, the first part tap-to-copy, written in one of the `forms`."""
    endpoint = proxy.endpoint
    scheme = endpoint.scheme if form == LINE and endpoint.scheme != DEFAULT_SCHEME else ""
    details = [part for part in (scheme, proxy.country[:32], days(proxy.days_left)) if part]
    to_copy = escaped(spelled(endpoint, form))
    line = f"<code>{to_copy}</code> · {escaped(' · '.join(details))}"
    if utf16(line) > MAX_LINE:
        return f"Row {proxy.row} is too long to be shown here: copy it from the sheet."
    return line


def days(left: int | None) -> str:
    """How long a proxy still works: `12 days`, `today is the last day`, `expiry unknown`, `expired`."""
    if left is None:
        return "expiry unknown"
    if left <= 0:
        return "today is the last day" if left == 0 else "expired"
    return count_of(left, "day")


def receipt(settled: Receipt, count: int, rows: str, now: float) -> str:
    """`5 proxies · rows 2, 7–9 · request #1042 · sheet read 3 s ago`; what there is none of is left out."""
    parts = [
        proxies_of(count) if count else "",
        f"{'row' if rows.isdigit() else 'rows'} {rows}" if rows else "",
        f"request #{settled.request}",
        f"sheet read {ago(now - settled.read_at)}" if settled.reads and settled.read_at else "",
        "repeated" if settled.repeated else "",
    ]
    return " · ".join(part for part in parts if part)


def not_enough(resource: str, asked: int, available: int, *, new: bool = False) -> Reply:
    """Fewer are free than asked for; nothing was taken. Offers those that are there, or a place in the line."""
    if available:
        verb = "is" if available == 1 else "are"
        text = f"Only {available} of {asked} {verb} free for {escaped(resource)}. Nothing was taken."
        return one(text, take_button(resource, available, new=new, label=f"Take {available}"))
    return one(
        f"None is free for {escaped(resource)}. Nothing was taken; try again later.", line_up_button(resource)
    )


def unknown_resource(resource: str, count: int, nearest: Sequence[str]) -> Reply:
    """Nobody has used that name; the nearest known ones are named and offered, and so is to begin it."""
    names = [f"<b>{escaped(name[:MAX_NAME])}</b>" for name in nearest]
    question = f" Did you mean {listed(names)}?" if names else ""
    return one(
        f"“{escaped(resource)}” is not in use yet, so nothing was taken.{question}",
        *(take_button(name, count) for name in nearest),
        take_button(resource, count, new=True, label=f"Take {count} for {resource}"),
    )


def take_button(resource: str, count: int, *, new: bool = False, label: str = "") -> Button:
    """A button that takes the best ones at once: `Take 5 for beboo`."""
    return Button(
        label or f"Take {count} for {resource[:MAX_NAME]}", Action("take", (resource, count, int(new)))
    )


def being_checked(resource: str, count: int) -> str:
    """The progress message while the sheet has not confirmed."""
    return (
        f"Being checked: {proxies_of(count)} for {escaped(resource)}. "
        "Google is slow just now; the answer follows."
    )


def _headline(outcome: Issued) -> str:
    resource = f"<b>{escaped(outcome.resource)}</b>"
    if not outcome.proxies:
        return f"Nothing could be given for {resource}."
    return f"{proxies_of(len(outcome.proxies))} for {resource}. Tap a line to copy it."


OLD_REQUEST = "That was asked a while ago: please ask again."
