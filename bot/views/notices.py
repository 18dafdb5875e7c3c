"""What the bot says on its own, by kind. Each gets JSON values:

expires         proxies: [{resource, address, days}], more: how many are not listed
freed           proxies: [{resource, address}], more?, by?: who freed them (nobody: it was done in the sheet)
replaced        resource, old, new: addresses, allocation?: the id of the new one
lost            resource, address, reason?: a Reason
rotated         proxies: [{resource, address}], more?, allocation?: the id, where it is one
turn            number: of the place in line, request, resource, until: when the turn is over
transfer        allocation, resource, address, from_id, from_name, until?: when the offer is over
answered        name: the colleague, resource, address, accepted: bool
role            role: the new one or None, before?: the old one or None
preview lapsed  chat_id, message_id, request, resource?
low stock       resources: [{name, free}], limit: what counts as low, more
renewals        due: [{days, count, rows}], within: days
rows            unreadable: [{row, reason}], duplicates: [[row, …], …], more
access          user_id, name, username?
bad             name: who says so, address, resource, reason: a BadReason
outage          began: bool, waiting: handed out and not in the sheet yet, seconds?: how long it took
attention       matter: the topic and what is known of it
order           what `bot.models.order_record.told` tells of one; order stuck: the same
key refused     account: its label, account_id, reason: the exchange's words
position closed, liquidation near: see `bot.views.notices_trading`
price alert     see `bot.views.notices_alerts`
removals        count: entries that were deleted at once, people: how many hold them, latest: when the last was noted

An address is `host:port`; no notice holds credentials. Where there is an `until`, it is in epoch seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.models.notice import ANSWERS, Kind
from bot.models.offer import Action
from bot.models.results import BadReason, Reason
from bot.models.role import Role
from bot.views import accounts, orders
from bot.views.attention import sentence
from bot.views.line import line_up_button
from bot.views.notices_alerts import price_alert
from bot.views.notices_trading import VIEWS as TRADING
from bot.views.reasons import REASONS
from bot.views.reply import Button, Reply, in_rows, one, pack
from bot.views.text import DAY, MINUTE, ago, count_of, duration, escaped, proxies_of, ranges

Data = Mapping[str, Any]

WEEK = 7.0 * DAY
LATE = 10 * MINUTE
MAX_NAME = 64


def render(kind: Kind, data: Data, now: float, created_at: float) -> Reply:
    """The message; what has waited for long says for how long. Times are in epoch seconds."""
    reply = _VIEWS[kind](data, now)
    age = now - created_at
    if age < LATE or kind in ANSWERS:
        return reply
    *first, last = reply.texts
    return replace(reply, texts=(*first, f"{last}\n\n<i>{ago(age)}</i>"))


def _expires(data: Data, _: float) -> Reply:
    proxies = data["proxies"]
    count = len(proxies) + data.get("more", 0)
    lines = [f"{_line(each)} · {_days(each['days'])}" for each in proxies]
    head = f"{proxies_of(count)} of yours {_verb(count, 'expires', 'expire')} soon."
    return _message(head, [*lines, *_more(data)], "Take fresh ones in time: /proxies")


def _freed(data: Data, _: float) -> Reply:
    proxies, by = data["proxies"], data.get("by", "")
    count = len(proxies) + data.get("more", 0)
    who = f"{_name(by)} has freed" if by else "Somebody deleted the sheet's entries of"
    if not by and count == 1:
        who = "Somebody deleted the sheet's entry of"
    head = f"{who} {proxies_of(count)} of yours. {_verb(count, 'It is', 'They are')} not yours any more."
    return _message(
        head,
        [*map(_line, proxies), *_more(data)],
        f"Stop using {_verb(count, 'it', 'them')}. New ones: /proxies",
    )


def _replaced(data: Data, _: float) -> Reply:
    text = (
        f"{escaped(data['old'])} for {_bold(data['resource'])} is not yours after all: stop using it.\n"
        f"Use {escaped(data['new'])} instead: it is yours now, see /my."
    )
    return replace(one(text, *_show(data)), good_for=DAY)


def _lost(data: Data, _: float) -> Reply:
    reason = f" ({REASONS[Reason(data['reason'])]})" if data.get("reason") else ""
    return one(
        f"{_line(data)} is not yours after all{reason}: stop using it.\n"
        "No other was free. To be told when one is: /proxies"
    )


def _rotated(data: Data, _: float) -> Reply:
    proxies = data["proxies"]
    count = len(proxies) + data.get("more", 0)
    if count == 1:
        head, foot = "The password of 1 proxy of yours was changed.", "The old one does not work any more"
    else:
        head, foot = (
            f"The passwords of {count} proxies of yours were changed.",
            "The old ones do not work any more",
        )
    lines = [*map(_line, proxies), *_more(data)]
    return _message(head, lines, f"{foot}; the new {_verb(count, 'one is', 'ones are')} in /my", *_show(data))


def _turn(data: Data, now: float) -> Reply:
    left = max(0.0, data["until"] - now)
    reply = one(
        f"It is your turn: one proxy for {_bold(data['resource'])} is reserved for you for {duration(left)}.\n"
        "Take it, or the next in line gets it.",
        Button("Take", Action("take turn", (data["number"], data["request"]))),
        Button("No thanks", Action("leave line", (data["number"],))),
    )
    return replace(reply, good_for=max(1.0, left))


def _turn_lapsed(data: Data, _: float) -> Reply:
    resource = data["resource"]
    text = f"Your turn for {_bold(resource)} is over: what was reserved for you goes to the next in line."
    return replace(one(text, line_up_button(resource)), good_for=DAY)


def _transfer(data: Data, now: float) -> Reply:
    args = (data["allocation"], data["from_id"])
    reply = one(
        f"{_name(data['from_name'])} wants to hand over {_line(data)} to you.\nAccept it, and it is yours.",
        Button("Accept", Action("accept", args)),
        Button("Decline", Action("decline", args)),
    )
    left = data["until"] - now if "until" in data else DAY
    return replace(reply, good_for=max(1.0, left))


def _answered(data: Data, _: float) -> Reply:
    if data["accepted"]:
        return one(
            f"{_name(data['name'])} has accepted {_line(data)}.\nIt is not yours any more: stop using it."
        )
    return one(f"{_name(data['name'])} does not want {_line(data)}.\nIt is still yours: /my")


def _role(data: Data, _: float) -> Reply:
    role, before = data["role"], data.get("before")
    if role is None:
        gone = "You are not let in any more. Ask an admin if you think you should be."
        return one(gone if before else "An admin has said no: you are not let in.")
    welcome = "" if before else "You are let in. "
    return one(f"{welcome}You are {_article(role)} now.\nSee what you can do: /help")


def _preview_lapsed(_: Data, __: float) -> Reply:
    reply = one(
        "These are not reserved for you any more. Nothing was taken.",
        Button("Choose again", Action("resources")),
    )
    return replace(reply, good_for=DAY)


def _low_stock(data: Data, _: float) -> Reply:
    lines = [f"{_bold(each['name'])} · {each['free'] or 'none'} free" for each in data["resources"]]
    count = len(lines) + data.get("more", 0)
    head = f"Few proxies are left for {count_of(count, 'resource')}: fewer than {data['limit']} free."
    return _message(head, [*lines, *_more(data)], "Add new ones to the sheet.")


def _renewals(data: Data, _: float) -> Reply:
    due = data["due"]
    count = sum(each["count"] for each in due)
    head = (
        f"{proxies_of(count)} {_verb(count, 'expires', 'expire')} within {count_of(data['within'], 'day')}."
    )
    return _message(head, map(_due, due), "Renew them, and write the new dates into the sheet.")


def _due(each: Data) -> str:
    rows, count = each["rows"], each["count"]
    rest = f" and {count - len(rows)} more" if count > len(rows) else ""
    return f"{_days(each['days'])} · {'row' if count == 1 else 'rows'} {ranges(rows)}{rest}"


def _rows(data: Data, _: float) -> Reply:
    unreadable, duplicates = data["unreadable"], data["duplicates"]
    lines = [f"row {each['row']}: {escaped(each['reason'])}" for each in unreadable]
    lines += [f"rows {ranges(rows)}: the same proxy" for rows in duplicates]
    count = len(unreadable) + len(duplicates) + data.get("more", 0)
    head = f"The sheet has {count_of(count, 'new problem')}."
    return _message(head, [*lines, *_more(data)], "Mend them in the sheet; the other rows are not affected.")


def _access(data: Data, _: float) -> Reply:
    user_id = data["user_id"]
    name = _name(data["name"])
    username = data.get("username")
    shown = f"{name} (@{escaped(username)})" if username and f"@{username}" != data["name"] else name
    roles = [Button(f"Let in as {role.value}", Action("approve", (user_id, role.value))) for role in Role]
    reply = Reply((f"{shown} asks for access. Their id is {user_id}.\nLet them in?",), in_rows(roles, 2))
    refusal = Button("Refuse", Action("refuse", (user_id,)))
    return replace(reply.with_buttons([refusal]), good_for=WEEK)


BAD_REASONS = {
    BadReason.DEAD: "it does not answer",
    BadReason.BANNED: "the site does not let it in",
    BadReason.SLOW: "it is too slow",
    BadReason.OTHER: "it does not work",
}


def _bad(data: Data, _: float) -> Reply:
    reason = BAD_REASONS[BadReason(data["reason"])]
    what = f"{_name(data['name'])} reports {_line(data)}: {reason}."
    return one(f"{what}\nNobody gets it now. To see its history: /who {_host(data)}")


def _outage(data: Data, _: float) -> Reply:
    waiting = data["waiting"]
    rest = f" {_backlog(waiting)}" if waiting else ""
    if data["began"]:
        return one(
            f"Google does not answer: the sheet cannot be read or written just now.{rest}\n"
            "I go on with what I read last, and tell you when it is back."
        )
    away = f", after {duration(data['seconds'])}" if "seconds" in data else ""
    return one(f"Google answers again{away}.{rest}\nYou need not do anything.")


def _backlog(waiting: int) -> str:
    return f"{proxies_of(waiting)} handed out {_verb(waiting, 'waits', 'wait')} to be written into the sheet."


def _attention(data: Data, _: float) -> Reply:
    return one(f"Please look at this: {sentence(data['matter'])}")


def _removals(data: Data, _: float) -> Reply:
    count, people = data["count"], data.get("people", 0)
    held = f", of {count_of(people, 'person', 'people')}," if people else ""
    reply = one(
        f"{count_of(count, 'entry', 'entries')}{held} were deleted in the sheet at once, so I have freed nothing yet.\n"
        "Was that meant?",
        Button("Yes, free them", Action("removals", ("free", data["latest"]))),
        Button("No, write them back", Action("removals", ("restore", data["latest"]))),
    )
    return replace(reply, good_for=WEEK)


def _message(head: str, lines: Iterable[str], foot: str, *buttons: Button) -> Reply:
    return Reply(pack([head, *lines, f"\n{foot}"]), tuple((button,) for button in buttons), good_for=DAY)


def _show(data: Data) -> Sequence[Button]:
    allocation = data.get("allocation")
    return [Button("Show it", Action("show", (allocation, 0)))] if allocation else []


def _line(each: Data) -> str:
    return f"{escaped(each['address'])} for {_bold(each['resource'])}"


def _more(data: Data) -> list[str]:
    return [f"and {data['more']} more"] if data.get("more") else []


def _days(left: int) -> str:
    return "today is the last day" if left == 0 else f"{count_of(left, 'day')} left"


def _bold(name: str) -> str:
    return f"<b>{escaped(name[:MAX_NAME])}</b>"


def _name(name: str) -> str:
    return escaped(name[:MAX_NAME])


def _host(data: Data) -> str:
    return escaped(str(data["address"]).rpartition(":")[0])


def _verb(count: int, singular: str, plural: str) -> str:
    return singular if count == 1 else plural


def _article(role: str) -> str:
    return f"{'an' if role[0] in 'aeiou' and role != 'user' else 'a'} {role}"


_VIEWS: Mapping[Kind, Callable[[Data, float], Reply]] = {
    Kind.EXPIRES: _expires,
    Kind.FREED: _freed,
    Kind.REPLACED: _replaced,
    Kind.LOST: _lost,
    Kind.ROTATED: _rotated,
    Kind.TURN: _turn,
    Kind.TURN_LAPSED: _turn_lapsed,
    Kind.TRANSFER: _transfer,
    Kind.ANSWERED: _answered,
    Kind.ROLE: _role,
    Kind.PREVIEW_LAPSED: _preview_lapsed,
    Kind.LOW_STOCK: _low_stock,
    Kind.RENEWALS: _renewals,
    Kind.ROWS: _rows,
    Kind.ACCESS: _access,
    Kind.BAD: _bad,
    Kind.OUTAGE: _outage,
    Kind.ATTENTION: _attention,
    Kind.REMOVALS: _removals,
    Kind.ORDER: orders.notice,
    Kind.ORDER_STUCK: orders.stuck,
    Kind.KEY_REFUSED: accounts.key_refused,
    Kind.PRICE_ALERT: price_alert,
    **TRADING,
}
