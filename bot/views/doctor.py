"""What a check of the sheet has found, line by line: for the terminal, and for admins in the chat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import PeerBusy, PeerError, PeerRefused
from bot.models.checkup import Guard, Layout, Mended, Mending, RowCheck, SheetCheckup, Verdict
from bot.models.offer import Action
from bot.views.reply import Button, Reply, pack
from bot.views.text import count_of, duration, escaped

MARKS = {Verdict.GOOD: "✓", Verdict.NOTE: "–", Verdict.BAD: "✗"}
MAX_LISTED = 10
MAX_TITLE = 60
CHECKING = "The sheet is being checked. Google is slow just now; the answer follows."
WRONG_TIMEOUT = "--timeout must be a number of seconds above 0, for example: --timeout 7"
NOT_SWITCHED_ON = ("has not been used in project", "it is disabled")
HEADLINES = {
    Verdict.GOOD: "The sheet is in order.",
    Verdict.NOTE: "The sheet can be worked with; see the lines with a –.",
    Verdict.BAD: "The sheet needs work; see the lines with a ✗.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One step of a check in plain text: a line that says how it ended, and what more there is to say."""

    verdict: Verdict
    text: str
    more: tuple[str, ...] = ()


def terminal(finding: Finding) -> str:
    """A finding for the terminal; what is more is indented."""
    return "\n  ".join(_lines(finding))


def settings(problems: Sequence[str], warnings: Sequence[str]) -> Finding:
    """Whether the settings can be read; `problems` and `warnings` are sentences."""
    if problems:
        need = count_of(len(problems), "needs", "need")
        return Finding(
            Verdict.BAD, f"Settings: {need} attention (in .env or the environment).", tuple(problems)
        )
    if warnings:
        return Finding(Verdict.NOTE, "Settings: all can be read, but:", tuple(warnings))
    return Finding(Verdict.GOOD, "Settings: all can be read.")


def not_checked(what: str) -> Finding:
    """A step for which a setting is missing or wrong."""
    return Finding(Verdict.NOTE, f"{what}: not checked, as its settings need attention.")


def silent(what: str, seconds: float) -> Finding:
    """Somebody has not answered within so many seconds."""
    return Finding(
        Verdict.BAD,
        f"{what}: no answer within {seconds:g} s.",
        ("Check the network, or give it longer with --timeout SECONDS.",),
    )


def telegram(name: str) -> Finding:
    """The token is good; `name` is the bot's."""
    return Finding(Verdict.GOOD, f"Telegram: the token belongs to @{name}.")


def telegram_failed(error: PeerError) -> Finding:
    """The token could not be used."""
    if isinstance(error, PeerRefused):
        return Finding(
            Verdict.BAD,
            "Telegram: the token is not known there.",
            ("Copy it anew from @BotFather into BOT_TOKEN.",),
        )
    return Finding(
        Verdict.BAD,
        "Telegram: it cannot be reached.",
        ("Check the network and TELEGRAM_API_URL, and try again.",),
    )


def account(address: str) -> Finding:
    """Whom the sheet is to be shared with."""
    return Finding(Verdict.GOOD, f"Service account: share the sheet, as editor, with {address}.")


def sheet_failed(error: PeerError, address: str) -> Finding:
    """The sheet could not be looked at, and what to do."""
    match error:
        case PeerRefused(status=401):
            text = "Service account: Google does not accept it."
            remedy = "Make a new key for it and set GOOGLE_SERVICE_ACCOUNT."
        case PeerRefused(status=403) if any(words in error.message for words in NOT_SWITCHED_ON):
            text = "Sheet: the Google Sheets API is not switched on for the service account's project."
            remedy = "Switch it on in the Google Cloud console, wait a few minutes, and try again."
        case PeerRefused(status=403):
            text, remedy = "Sheet: it is not shared with the bot.", f"Share it, as editor, with {address}."
        case PeerRefused(status=404):
            text, remedy = f"Sheet: not found ({error.message}).", "Check SHEET_ID and SHEET_TAB."
        case PeerRefused():
            text, remedy = (
                f"Sheet: Google refused (status {error.status}: {error.message}).",
                "Nothing was changed.",
            )
        case PeerBusy():
            wait = "a minute" if error.retry_after is None else duration(error.retry_after)
            text, remedy = "Sheet: Google asks the bot to slow down.", f"Try again in {wait}."
        case _:
            text = "Sheet: Google cannot be reached."
            remedy = "Check the network and SHEETS_API_URL, and try again."
    return Finding(Verdict.BAD, text, (remedy,))


def findings(checkup: SheetCheckup, address: str, *, add: str, protect: str) -> list[Finding]:
    """Every step of a check of the sheet. `add` and `protect` say how to have the column added or protected."""
    tab, layout = checkup.tab, checkup.layout
    place = f"Sheet: “{tab.book[:MAX_TITLE]}”, tab “{tab.title[:MAX_TITLE]}”."
    steps = [Finding(Verdict.GOOD, place), _columns(layout)]
    if not layout.missing:
        steps += [_mode(layout, add), _writing(checkup, address, protect)]
    if checkup.rows is not None:
        steps.append(_rows(checkup.rows))
    return steps


def mended(result: Mended, afterwards: str) -> Finding:
    """How an attempt to mend the sheet has ended; `afterwards` says when a new column is used."""
    column = "" if result.column is None else column_letter(result.column)
    verdict = Verdict.GOOD if result.is_as_asked else Verdict.BAD
    match result.outcome:
        case Mending.ADDED:
            return Finding(verdict, f"Added: column {column} is “issued” now.", (afterwards,))
        case Mending.HAD_ONE:
            return Finding(
                verdict, f"Nothing had to be added: “issued” is there already, in column {column}."
            )
        case Mending.PROTECTED:
            more = "They still can: deleting an entry is how a proxy is freed."
            return Finding(
                verdict, f"Protected: people are warned before they edit column {column}.", (more,)
            )
        case Mending.WAS_PROTECTED:
            return Finding(
                verdict,
                f"Nothing had to be changed: people are warned already before they edit column {column}.",
            )
        case Mending.NO_COLUMN:
            return Finding(
                verdict, "Nothing was changed: there is no column “issued” yet.", ("Add it first.",)
            )
    more = "Look first whether it is done before you ask again."
    return Finding(verdict, "Google did not confirm in time.", (more,))


def checked(checkup: SheetCheckup, address: str) -> Reply:
    """The check for the chat, with buttons for what can be mended."""
    steps = findings(checkup, address, add="The button below adds the column.", protect="")
    lines = [HEADLINES[checkup.verdict], *(line for step in steps for line in _lines(step))]
    return Reply(pack(map(escaped, lines))).with_buttons(_mending(checkup), [_button("Check again", "check")])


def failed(error: PeerError, address: str) -> Reply:
    """A check that came to nothing."""
    return Reply((_in_chat(sheet_failed(error, address)),)).with_buttons([_button("Check again", "check")])


def mended_in_chat(result: Mended) -> Reply:
    """How the mending has ended, for the chat."""
    text = _in_chat(mended(result, "I use it from the next refresh on."))
    return Reply((text,)).with_buttons([_button("Check again", "check")])


def column_letter(column: int) -> str:
    """0 → A, 26 → AA."""
    before, rest = divmod(column, 26)
    return (column_letter(before - 1) if before else "") + chr(ord("A") + rest)


def _columns(layout: Layout) -> Finding:
    found = [_found(layout, field) for field in layout.places]
    listed = f"Columns: {', '.join(found)}." if found else "Columns: none of those that are needed."
    lacking = tuple(f"Missing: {_one_of(names)}." for names in layout.missing)
    remedy = ("Add it to row 1, or name the one you have in .env (SHEET_COLUMN_…).",) if lacking else ()
    return Finding(layout.verdict, listed, lacking + remedy)


def _found(layout: Layout, field: str) -> str:
    header, letter = layout.headers[field], column_letter(layout.places[field])
    return f"{field} in {letter}" + ("" if header.casefold() == field else f" (“{header[:MAX_TITLE]}”)")


def _one_of(names: Sequence[str]) -> str:
    first, *others = (f"“{name}”" for name in names)
    return first + (f" (or {', '.join(others)})" if others else "")


def _mode(layout: Layout, add: str) -> Finding:
    if not layout.shared:
        letter = column_letter(layout.places["issued"])
        return Finding(Verdict.GOOD, f"Mode: normal; the bot writes into “issued” (column {letter}) only.")
    return Finding(
        Verdict.NOTE,
        "Mode: shared, as there is no column “issued”; the bot writes into “used_for”, where people write too.",
        (
            "An edit of the same cell in the very milliseconds of a hand-out can be lost.",
            "A proxy is freed by deleting the resource from “used_for”.",
            add,
        ),
    )


def _writing(checkup: SheetCheckup, address: str, protect: str) -> Finding:
    assert checkup.layout.written is not None
    column = f"column {column_letter(checkup.layout.written)}"
    if not checkup.tab.writable:
        remedy = f"Share it again, as editor, with {address}."
        return Finding(Verdict.BAD, "Writing: the sheet is shared with the bot for reading only.", (remedy,))
    if checkup.barriers:
        named = ", ".join(map(_named, checkup.barriers[:MAX_LISTED]))
        ranges = count_of(len(checkup.barriers), "protected range keeps", "protected ranges keep")
        remedy = f"Let {address} edit there (Data → Protect sheets and ranges), or remove the protection."
        return Finding(Verdict.BAD, f"Writing: {ranges} the bot out of {column}: {named}.", (remedy,))
    warned = "; people are warned before they edit it" if checkup.guarded else ""
    more = (protect,) if protect and not checkup.guarded and not checkup.layout.shared else ()
    return Finding(Verdict.GOOD, f"Writing: nothing keeps the bot out of {column}{warned}.", more)


def _named(guard: Guard) -> str:
    return f"“{guard.description[:MAX_TITLE]}”" if guard.description else "one without a description"


def _rows(rows: RowCheck) -> Finding:
    if not rows.total:
        return Finding(rows.verdict, "Rows: no proxy yet.", ("Write one a row, from row 2 on.",))
    readable = "all readable" if not rows.problems else f"{rows.readable} readable"
    problems = [f"row {problem.row}: {problem.reason[:200]}" for problem in rows.problems]
    more = [*_cut(problems), *_duplicates(rows.duplicates)]
    return Finding(rows.verdict, f"Rows: {rows.total} with a proxy, {readable}.", tuple(more))


def _duplicates(duplicates: Sequence[Sequence[int]]) -> list[str]:
    if not duplicates:
        return []
    proxies = count_of(len(duplicates), "proxy stands", "proxies stand")
    groups = [f"rows {', '.join(map(str, rows[:MAX_LISTED]))}" for rows in duplicates]
    return [f"{proxies} in more than one row; each counts once:", *_cut(groups)]


def _cut(lines: Sequence[str]) -> list[str]:
    rest = len(lines) - MAX_LISTED
    return [*lines[:MAX_LISTED], *([f"and {rest} more"] if rest > 0 else [])]


def _in_chat(finding: Finding) -> str:
    return "\n".join(map(escaped, _lines(finding)))


def _lines(finding: Finding) -> tuple[str, ...]:
    return f"{MARKS[finding.verdict]} {finding.text}", *finding.more


def _mending(checkup: SheetCheckup) -> list[Button]:
    if checkup.layout.missing or checkup.writing is Verdict.BAD:
        return []
    if checkup.layout.shared:
        return [_button("Add the issued column", "add")]
    return [] if checkup.guarded else [_button("Protect the column", "protect")]


def _button(text: str, what: str) -> Button:
    return Button(text, Action("doctor", (what,)))
