"""What a check of the sheet reads like, in the terminal and in the chat."""

from __future__ import annotations

import pytest

from bot.errors import PeerBusy, PeerError, PeerRefused, PeerUnavailable
from bot.models.checkup import (
    OURS,
    Area,
    Guard,
    Layout,
    Mended,
    Mending,
    RowCheck,
    SheetCheckup,
    Tab,
)
from bot.models.offer import Action
from bot.models.results import RowProblem
from bot.views import doctor as views
from bot.views.reply import MESSAGE_LIMIT, Reply, utf16

ADDRESS = "desk@example.iam.gserviceaccount.com"
PEER = "Google Sheets"
PLACES = {"proxy": 0, "used_for": 4, "issued": 6, "days_left": 3}
ROWS = RowCheck(150, (), ())
AGAIN = ("Check again", Action("doctor", ("check",)))


def layout(*missing: tuple[str, ...], without: str = "") -> Layout:
    places = {field: column for field, column in PLACES.items() if field != without}
    return Layout(places, {field: field for field in places} | {"used_for": "Usage"}, missing)


def checkup(
    *guards: Guard, rows: RowCheck | None = ROWS, writable: bool = True, found: Layout | None = None
) -> SheetCheckup:
    tab = Tab("Desk <1>", 0, "Pool", rows=1000, columns=26, guards=guards, writable=writable)
    return SheetCheckup(tab, found or layout(), rows)


def terminal(seen: SheetCheckup) -> str:
    findings = views.findings(seen, ADDRESS, add="To add: --add-issued", protect="To warn: --protect")
    return "\n".join(map(views.terminal, findings))


def buttons(reply: Reply) -> list[tuple[str, Action]]:
    return [(button.text, button.action) for button in reply.buttons]


# -- the sheet --------------------------------------------------------------------------------------------------


def test_a_sheet_in_order() -> None:
    """One line a step; a header that is called otherwise is named."""
    assert terminal(checkup()) == (
        "✓ Sheet: “Desk <1>”, tab “Pool”.\n"
        "✓ Columns: proxy in A, used_for in E (“Usage”), issued in G, days_left in D.\n"
        "✓ Mode: normal; the bot writes into “issued” (column G) only.\n"
        "✓ Writing: nothing keeps the bot out of column G.\n"
        "  To warn: --protect\n"
        "✓ Rows: 150 with a proxy, all readable."
    )


def test_shared_mode() -> None:
    """What it means, and how to leave it."""
    assert terminal(checkup(found=layout(without="issued"))).splitlines()[2:7] == [
        "– Mode: shared, as there is no column “issued”; the bot writes into “used_for”, where people write too.",
        "  An edit of the same cell in the very milliseconds of a hand-out can be lost.",
        "  A proxy is freed by deleting the resource from “used_for”.",
        "  To add: --add-issued",
        "✓ Writing: nothing keeps the bot out of column E.",
    ]


def test_missing_columns() -> None:
    """Each with all names that would do; where nothing is known of writing, nothing is said."""
    missing = layout(("used_for", "used for", "usage"), ("expires", "days_left"), without="used_for")
    assert terminal(checkup(found=missing, rows=None)) == (
        "✓ Sheet: “Desk <1>”, tab “Pool”.\n"
        "✗ Columns: proxy in A, issued in G, days_left in D.\n"
        "  Missing: “used_for” (or “used for”, “usage”).\n"
        "  Missing: “expires” (or “days_left”).\n"
        "  Add it to row 1, or name the one you have in .env (SHEET_COLUMN_…)."
    )
    nothing = Layout({}, {}, (("proxy",),))
    assert "✗ Columns: none of those that are needed.\n  Missing: “proxy”." in terminal(
        checkup(found=nothing, rows=None)
    )


def test_protected_ranges() -> None:
    """Those in the way by their description, and whom to let in."""
    guards = (Guard(Area(), "prices", can_edit=False), Guard(Area(left=6), can_edit=False))
    assert terminal(checkup(*guards)).splitlines()[3:5] == [
        "✗ Writing: 2 protected ranges keep the bot out of column G: “prices”, one without a description.",
        f"  Let {ADDRESS} edit there (Data → Protect sheets and ranges), or remove the protection.",
    ]


def test_one_protected_range() -> None:
    """In the singular."""
    lines = terminal(checkup(Guard(Area(), "prices", can_edit=False))).splitlines()
    assert "✗ Writing: 1 protected range keeps the bot out of column G: “prices”." == lines[3]


def test_one_proxy_in_two_rows() -> None:
    """In the singular as well."""
    lines = terminal(checkup(rows=RowCheck(3, (), ((4, 17),)))).splitlines()
    assert "  1 proxy stands in more than one row; each counts once:" == lines[-2]
    assert "  rows 4, 17" == lines[-1]


def test_our_warning_is_told() -> None:
    """When it stands, nobody is asked to add it."""
    ours = Guard(Area(left=6, right=7), OURS, warning_only=True)
    assert terminal(checkup(ours)).splitlines()[3:] == [
        "✓ Writing: nothing keeps the bot out of column G; people are warned before they edit it.",
        "✓ Rows: 150 with a proxy, all readable.",
    ]


def test_shared_for_reading() -> None:
    """The remedy names the address."""
    assert terminal(checkup(writable=False)).splitlines()[3:5] == [
        "✗ Writing: the sheet is shared with the bot for reading only.",
        f"  Share it again, as editor, with {ADDRESS}.",
    ]


def test_rows() -> None:
    """Unreadable rows and duplicates: the first ten of each, and how many more."""
    problems = tuple(RowProblem(row, "the cell is empty") for row in range(10, 22))
    duplicates = ((4, 17), (20, 21, 22))
    assert terminal(checkup(rows=RowCheck(138, problems, duplicates))).splitlines()[5:] == [
        "– Rows: 150 with a proxy, 138 readable.",
        *(f"  row {row}: the cell is empty" for row in range(10, 20)),
        "  and 2 more",
        "  2 proxies stand in more than one row; each counts once:",
        "  rows 4, 17",
        "  rows 20, 21, 22",
    ]
    assert terminal(checkup(rows=RowCheck(0, (), ()))).endswith(
        "– Rows: no proxy yet.\n  Write one a row, from row 2 on."
    )
    assert "✗ Rows: 1 with a proxy, 0 readable." in terminal(checkup(rows=RowCheck(0, problems[:1], ())))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            PeerRefused(PEER, 403, "The caller does not have permission"),
            f"✗ Sheet: it is not shared with the bot.\n  Share it, as editor, with {ADDRESS}.",
        ),
        (
            PeerRefused(
                PEER, 403, "Google Sheets API has not been used in project 123 before or it is disabled."
            ),
            (
                "✗ Sheet: the Google Sheets API is not switched on for the service account's project.\n"
                "  Switch it on in the Google Cloud console, wait a few minutes, and try again."
            ),
        ),
        (
            PeerRefused(PEER, 404, "the book has no tab 'Pools', only Pool"),
            "✗ Sheet: not found (the book has no tab 'Pools', only Pool).\n  Check SHEET_ID and SHEET_TAB.",
        ),
        (
            PeerRefused(PEER, 401, "the private key cannot be read"),
            (
                "✗ Service account: Google does not accept it.\n"
                "  Make a new key for it and set GOOGLE_SERVICE_ACCOUNT."
            ),
        ),
        (PeerRefused(PEER, 400, "no"), "✗ Sheet: Google refused (status 400: no).\n  Nothing was changed."),
        (PeerBusy(PEER, "quota", 30), "✗ Sheet: Google asks the bot to slow down.\n  Try again in 30 s."),
        (PeerBusy(PEER, "quota"), "✗ Sheet: Google asks the bot to slow down.\n  Try again in a minute."),
        (
            PeerUnavailable(PEER, "no connection"),
            "✗ Sheet: Google cannot be reached.\n  Check the network and SHEETS_API_URL, and try again.",
        ),
    ],
)
def test_why_the_sheet_cannot_be_looked_at(error: PeerError, expected: str) -> None:
    """What happened, and what to do."""
    assert expected == views.terminal(views.sheet_failed(error, ADDRESS))


# -- settings, token, account -----------------------------------------------------------------------------------


def test_settings() -> None:
    """All mistakes at once; a warning is no mistake."""
    both = ["BOT_TOKEN: is missing; expected a token", "LOG_LEVEL: is none of the 5 choices"]
    assert views.terminal(views.settings(both, ())) == (
        "✗ Settings: 2 need attention (in .env or the environment).\n"
        "  BOT_TOKEN: is missing; expected a token\n"
        "  LOG_LEVEL: is none of the 5 choices"
    )
    assert views.settings(both[:1], ()).text.startswith("Settings: 1 needs attention")
    warned = views.terminal(views.settings((), ["every user can read key.json"]))
    assert "– Settings: all can be read, but:\n  every user can read key.json" == warned
    assert "✓ Settings: all can be read." == views.terminal(views.settings((), ()))


def test_token_and_account() -> None:
    """Whose token it is, and whom to share the sheet with."""
    assert [
        "✓ Telegram: the token belongs to @desk_bot.",
        "✗ Telegram: the token is not known there.\n  Copy it anew from @BotFather into BOT_TOKEN.",
        "✗ Telegram: it cannot be reached.\n  Check the network and TELEGRAM_API_URL, and try again.",
        f"✓ Service account: share the sheet, as editor, with {ADDRESS}.",
        "– Sheet: not checked, as its settings need attention.",
        "✗ Sheet: no answer within 7 s.\n  Check the network, or give it longer with --timeout SECONDS.",
    ] == [
        views.terminal(finding)
        for finding in (
            views.telegram("desk_bot"),
            views.telegram_failed(PeerRefused("telegram", 401, "Unauthorized")),
            views.telegram_failed(PeerUnavailable("telegram", "no answer")),
            views.account(ADDRESS),
            views.not_checked("Sheet"),
            views.silent("Sheet", 7.0),
        )
    ]


# -- mending ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (Mended(Mending.ADDED, 26), "✓ Added: column AA is “issued” now.\n  It is used at once."),
        (
            Mended(Mending.HAD_ONE, 6),
            "✓ Nothing had to be added: “issued” is there already, in column G.",
        ),
        (
            Mended(Mending.PROTECTED, 6),
            (
                "✓ Protected: people are warned before they edit column G.\n"
                "  They still can: deleting an entry is how a proxy is freed."
            ),
        ),
        (
            Mended(Mending.WAS_PROTECTED, 6),
            "✓ Nothing had to be changed: people are warned already before they edit column G.",
        ),
        (
            Mended(Mending.NO_COLUMN),
            "✗ Nothing was changed: there is no column “issued” yet.\n  Add it first.",
        ),
        (
            Mended(Mending.UNCONFIRMED),
            "✗ Google did not confirm in time.\n  Look first whether it is done before you ask again.",
        ),
    ],
)
def test_how_mending_ends(result: Mended, expected: str) -> None:
    """Every outcome says what the sheet is like now."""
    assert expected == views.terminal(views.mended(result, "It is used at once."))


# -- the chat ---------------------------------------------------------------------------------------------------


def test_the_check_in_the_chat() -> None:
    """The verdict first, then the same lines, escaped; a button for what can be mended."""
    reply = views.checked(checkup(), ADDRESS)
    assert reply.texts == (
        (
            "The sheet is in order.\n"
            "✓ Sheet: “Desk &lt;1&gt;”, tab “Pool”.\n"
            "✓ Columns: proxy in A, used_for in E (“Usage”), issued in G, days_left in D.\n"
            "✓ Mode: normal; the bot writes into “issued” (column G) only.\n"
            "✓ Writing: nothing keeps the bot out of column G.\n"
            "✓ Rows: 150 with a proxy, all readable."
        ),
    )
    assert [("Protect the column", Action("doctor", ("protect",))), AGAIN] == buttons(reply)


def test_what_can_be_mended_by_button() -> None:
    """The column in shared mode; nothing where it is protected already, or where more is wrong."""
    shared = views.checked(checkup(found=layout(without="issued")), ADDRESS)
    assert [("Add the issued column", Action("doctor", ("add",))), AGAIN] == buttons(shared)
    assert shared.texts[0].startswith("The sheet can be worked with; see the lines with a –.\n")
    assert "The button below adds the column." in shared.texts[0]
    ours = Guard(Area(left=6, right=7), OURS, warning_only=True)
    broken = checkup(found=layout(("proxy",), without="issued"), rows=None)
    for seen in (checkup(ours), checkup(writable=False), broken):
        assert [AGAIN] == buttons(views.checked(seen, ADDRESS))
    assert (
        views.checked(broken, ADDRESS).texts[0].startswith("The sheet needs work; see the lines with a ✗.\n")
    )


def test_failures_and_outcomes_in_the_chat() -> None:
    """With a button to look again."""
    failed = views.failed(PeerRefused(PEER, 403, "no"), ADDRESS)
    assert (f"✗ Sheet: it is not shared with the bot.\nShare it, as editor, with {ADDRESS}.",) == failed.texts
    added = views.mended_in_chat(Mended(Mending.ADDED, 6))
    assert ("✓ Added: column G is “issued” now.\nI use it from the next refresh on.",) == added.texts
    assert [AGAIN] == buttons(failed) == buttons(added)


def test_the_worst_sheet_fits() -> None:
    """Long titles, descriptions, reasons and lists make messages that Telegram takes."""
    guards = [Guard(Area(), "&" * 500, can_edit=False)] * 50
    rows = RowCheck(
        0,
        tuple(RowProblem(row, "<" * 900) for row in range(99)),
        tuple(tuple(range(99)) for _ in range(99)),
    )
    tab = Tab("B" * 300, 0, "T" * 100, 1000, 26, tuple(guards))
    reply = views.checked(SheetCheckup(tab, layout(), rows), ADDRESS)
    assert all(utf16(text) <= MESSAGE_LIMIT for text in reply.texts)
    assert len(reply.texts) > 1
