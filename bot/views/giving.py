"""Giving back: what is meant, how it is meant, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.models.held import Reading, Tag
from bot.models.offer import Action
from bot.models.results import Held, Returned
from bot.views.my import MAX_LABEL, mine, phrase, screen, summary, to_list
from bot.views.proxies import receipt
from bot.views.reasons import failure_lines
from bot.views.reply import Button, Reply, one, pack
from bot.views.text import escaped, proxies_of

MOST_LISTED = 20
USAGE = (
    "Say what you give back:\n"
    "/release 192.0.2.7 – that one\n"
    "/release 3 – so many of them\n"
    "/release all – everything\n"
)
ASKED_BEFORE = one("That was asked before, and is done or about to be.\nSee /my for what you hold now.")


def how(tag: Tag) -> Reply:
    """Ask what has become of it."""
    resource = escaped(tag.resource)
    text = (
        f"How do you give {phrase(tag)} back?\n"
        f"Not used: others can have it for {resource}. Used up: nobody gets it for {resource} again."
    )
    return screen(
        (text,),
        [Button("Not used: free it", Action("give back", tag.args))],
        [Button("Used up: keep it marked", Action("spend", tag.args))],
        [Button("Does not work: replace it", Action("why", tag.args))],
        [Button("‹ Back", Action("show", (tag.allocation, tag.page)))],
    )


def usage(held: Sequence[Held]) -> Reply:
    """/release without a word: how it is written, and what there is to give back."""
    listing = mine(held)
    return replace(listing, texts=(f"{USAGE}\n{listing.texts[0]}",))


def which(count: int, found: Sequence[Reading]) -> Reply:
    """A number that can mean several things."""
    buttons = [Button(_meaning(each), _leads_to(each.held)) for each in found[:MOST_LISTED]]
    return screen((f"“{count}” can mean several things. Which of them do you give back?",), *_column(buttons))


def which_of(held: Sequence[Held]) -> Reply:
    """A host at which one holds several."""
    buttons = [Button(_label(each), _leads_to([each])) for each in held[:MOST_LISTED]]
    every = Button(f"All {len(held)}", _leads_to(held))
    return screen(("Several of yours fit. Which of them do you give back?",), *_column([*buttons, every]))


def proposal(held: Sequence[Held], checked: int = 0) -> Reply:
    """What is about to be given back, before it is; `checked` more cannot be, yet."""
    these, them = ("this proxy", "it") if len(held) == 1 else (f"these {len(held)} proxies", "them")
    lines = [f"Give back {these}? Others can have {them} then.", ""]
    lines += [summary(each) for each in held[:MOST_LISTED]]
    if len(held) > MOST_LISTED:
        lines.append(f"and {len(held) - MOST_LISTED} more")
    if checked:
        lines += ["", f"{checked} more being checked: not given back now."]
    confirm = Button(f"Give back {len(held)}", Action("release", tuple(each.allocation for each in held)))
    return screen(pack(lines), [confirm], [Button("Keep them", Action("held", (0,)))])


def freed(returned: Returned, now: float, tag: Tag | None = None) -> Reply:
    """What was given back, and what was not."""
    count = len(returned.released)
    what = phrase(tag) if tag else proxies_of(count)
    them = "it" if count == 1 else "them"
    return outcome(returned, now, f"Given back: {what}. Others can have {them} now.", tag)


def spent(returned: Returned, now: float, tag: Tag) -> Reply:
    """It was used up."""
    resource = escaped(tag.resource)
    return outcome(returned, now, f"Used up: {phrase(tag)}. Nobody gets it for {resource} again.", tag)


def outcome(returned: Returned, now: float, done: str, tag: Tag | None) -> Reply:
    """`done` where something was, what is still held where not, and the request's number."""
    lines = [done if returned.released else "Nothing was changed."]
    if returned.failures:
        lines += ["", "Still yours:", *failure_lines(returned.failures)]
    lines.append(f"\n<i>{_fine_print(returned, now)}</i>")
    return screen(pack(lines), [to_list(tag.page if tag else 0)])


def working(what: str) -> str:
    """The progress message while the sheet has not confirmed: `what` as in `giving back 3 proxies`."""
    return f"Being checked: {what}. Google is slow just now; the answer follows."


def returning(count: int) -> str:
    """The progress message of a return."""
    return working(f"giving back {proxies_of(count)}")


def marking(tag: Tag) -> str:
    """The progress message of a mark."""
    return working(f"marking {phrase(tag)}")


def _fine_print(returned: Returned, now: float) -> str:
    """Of what was marked without a look at the sheet, the request's number says enough."""
    settled = returned.receipt
    count = len(returned.released) if settled.reads or settled.writes else 0
    return receipt(settled, count, "", now)


def _meaning(reading: Reading) -> str:
    if reading.number is not None:
        return f"Number {reading.number}: {_label(reading.held[0])}"
    if len(reading.held) == 1:
        return f"One of {reading.held[0].resource}: {reading.held[0].proxy.endpoint.host[:MAX_LABEL]}"
    return f"{len(reading.held)} of {reading.held[0].resource}, fewest days left"


def _label(held: Held) -> str:
    return f"{held.proxy.endpoint.address[:MAX_LABEL]} · {held.resource}"


def _leads_to(held: Sequence[Held]) -> Action:
    """One is freed at once; several are shown first."""
    if len(held) == 1:
        return Action("give back", Tag.of(held[0]).args)
    return Action("propose", tuple(each.allocation for each in held))


def _column(buttons: Sequence[Button]) -> list[list[Button]]:
    return [[button] for button in buttons]
