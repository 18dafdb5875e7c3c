"""Proxies for people: what was given, what is held, and why nothing was given."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.models.offer import Action
from bot.models.proxy import DEFAULT_SCHEME, Proxy
from bot.models.results import Held, Issued, Receipt
from bot.views.reasons import failure_lines
from bot.views.reply import Button, Reply, one, pack, utf16
from bot.views.text import ago, count_of, escaped, listed, proxies_of, ranges

MAX_LINE = 1000
MAX_NAME = 64


def issued(outcome: Issued, now: float) -> Reply:
    """The proxies, one tap-to-copy line each, what failed and why, and the receipt."""
    lines = [_headline(outcome), *(proxy_line(proxy) for proxy in outcome.proxies)]
    if outcome.failures:
        lines += ["", "Not given:", *failure_lines(outcome.failures)]
    rows = ranges(proxy.row for proxy in outcome.proxies)
    return Reply(pack([*lines, f"\n<i>{receipt(outcome.receipt, len(outcome.proxies), rows, now)}</i>"]))


def proxy_line(proxy: Proxy) -> str:
    """`host:port:user:pass · DE · 12 days`, the first part tap-to-copy."""
    endpoint = proxy.endpoint
    scheme = endpoint.scheme if endpoint.scheme != DEFAULT_SCHEME else ""
    details = [part for part in (scheme, proxy.country[:32], days(proxy.days_left)) if part]
    line = f"<code>{escaped(endpoint.line)}</code> · {escaped(' · '.join(details))}"
    if utf16(line) > MAX_LINE:
        return f"Row {proxy.row} is too long to be shown here: copy it from the sheet."
    return line


def days(left: int | None) -> str:
    """How long a proxy still works: `12 days`, `last day`, `expiry unknown`, `expired`."""
    if left is None:
        return "expiry unknown"
    if left <= 0:
        return "last day" if left == 0 else "expired"
    return count_of(left, "day")


def receipt(settled: Receipt, count: int, rows: str, now: float) -> str:
    """`5 proxies · rows 2, 7–9 · 1 read + 1 write · request #1042 · sheet read 3 s ago`."""
    parts = [
        proxies_of(count),
        f"{'row' if rows.isdigit() else 'rows'} {rows}" if rows else "",
        f"{count_of(settled.reads, 'read')} + {count_of(settled.writes, 'write')}",
        f"request #{settled.request}",
        f"sheet read {ago(now - settled.read_at)}" if settled.reads else "",
        "repeated" if settled.repeated else "",
    ]
    return " · ".join(part for part in parts if part)


def not_enough(resource: str, asked: int, available: int, *, new: bool = False) -> Reply:
    """Fewer are free than asked for; nothing was taken. Offers those that are there."""
    if available:
        verb = "is" if available == 1 else "are"
        text = f"Only {available} of {asked} {verb} free for {escaped(resource)}. Nothing was taken."
        return one(text, take_button(resource, available, new=new, label=f"Take {available}"))
    return one(f"None is free for {escaped(resource)}. Nothing was taken; try again later.")


def unknown_resource(resource: str, count: int, nearest: Sequence[str]) -> Reply:
    """Nobody has used that name; the nearest known ones are named and offered, and so is to begin it."""
    names = [f"<b>{escaped(name[:MAX_NAME])}</b>" for name in nearest]
    question = f" Did you mean {listed(names)}?" if names else ""
    return one(
        f"“{escaped(resource)}” is not in use yet, so nothing was taken.{question}",
        *(take_button(name, count) for name in nearest),
        take_button(resource, count, new=True, label=f"Start “{resource}” ({count})"),
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


def mine(held: Sequence[Held]) -> Reply:
    """What a user holds, by resource. What is not settled shows its row only: it may not be theirs yet."""
    if not held:
        return one("You hold no proxies. Ask for some: /take beboo 5")
    ordered = sorted(held, key=lambda one_held: one_held.resource)
    blocks = [f"You hold {proxies_of(len(ordered))}."]
    for resource, group in groupby(ordered, key=lambda one_held: one_held.resource):
        lines = [_held_line(one_held) for one_held in group]
        blocks += [f"\n<b>{escaped(resource)}</b> ({len(lines)})", *lines]
    return Reply(pack(blocks))


def _held_line(held: Held) -> str:
    return proxy_line(held.proxy) if held.settled else f"row {held.proxy.row} · being checked"


def _headline(outcome: Issued) -> str:
    resource = f"<b>{escaped(outcome.resource)}</b>"
    if not outcome.proxies:
        return f"Nothing could be given for {resource}."
    return f"{proxies_of(len(outcome.proxies))} for {resource}. Tap a line to copy it."


OLD_REQUEST = "That was asked a while ago: please ask again."
