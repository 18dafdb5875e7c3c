"""Previews for people: what is reserved for them, without credentials, and why nothing could be."""

from __future__ import annotations

from bot.errors import NotEnough, OthersWait
from bot.models.offer import Action
from bot.models.results import Glimpse, Preview
from bot.views.browse import AGAIN
from bot.views.choosing import Selection, filters_button, look_button
from bot.views.line import line_up_button, people_before
from bot.views.proxies import days
from bot.views.reply import BUTTONS_GOOD_FOR, Button, Reply, one
from bot.views.text import MINUTE, duration, escaped, proxies_of

DROPPED = one("Nothing is reserved for you any more, and nothing was taken.", AGAIN)


def preview(kept: Preview, now: float) -> Reply:
    """The best ones, and what can be done with them."""
    selection, count, left = Selection(kept.resource, kept.wish), len(kept.proxies), kept.expires_at - now
    lines = [
        f"Reserved for you for {_minutes(left)}: {proxies_of(count)} for <b>{escaped(kept.resource)}</b>.",
        f"Nothing is taken yet: take {'it' if count == 1 else 'them'}, or let the time pass.",
        "",
        *(f"{number}. {_glimpse(each)}" for number, each in enumerate(kept.proxies, 1)),
    ]
    take = Button(f"Take {count}", Action("take preview", (kept.request, kept.resource, count)))
    change = Button("Change", Action("change preview", (kept.request, *selection.args)))
    extend = Button("Extend", Action("extend", (kept.request,)))
    cancel = Button("Cancel", Action("cancel preview", (kept.request,)))
    others = (change, cancel) if kept.extended else (change, extend, cancel)
    return Reply(("\n".join(lines),), ((take,), others), good_for=max(BUTTONS_GOOD_FOR, left + MINUTE))


def not_enough(selection: Selection, error: NotEnough) -> Reply:
    """Fewer are free than were to be looked at."""
    resource, change = escaped(selection.resource), filters_button(selection, "Change")
    if error.available:
        verb = "is" if error.available == 1 else "are"
        text = f"Only {error.available} of {error.asked} {verb} free for {resource} by now."
        look = look_button(selection, error.available, f"Look at {error.available}")
        return one(f"{text}\nLook at what there is, or change the filters.", look, change)
    if selection.wish.is_open:
        text = f"None is free for {resource} any more.\nI can tell you when one is."
        return one(text, line_up_button(selection.resource), AGAIN)
    return one(f"None of that kind is free for {resource} any more.\nTry other filters.", change, AGAIN)


def others_wait(error: OthersWait) -> Reply:
    """What is free is for those who were there before."""
    text = f"Nothing was reserved for you: {people_before(error.waiting)} for {escaped(error.resource)}."
    return one(
        f"{text}\nStand in line too, and I tell you when it is your turn.",
        line_up_button(error.resource),
        AGAIN,
    )


def _glimpse(proxy: Glimpse) -> str:
    parts = (proxy.country[:32] or "country unknown", proxy.scheme, days(proxy.days_left))
    return escaped(" · ".join(parts))


def _minutes(seconds: float) -> str:
    """Whole minutes, but for what is nearly over or lasts for hours."""
    return duration(seconds if seconds < 2 * MINUTE else MINUTE * round(seconds / MINUTE))
