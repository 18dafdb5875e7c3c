"""What the bot says on its own, word for word."""

from __future__ import annotations

import pytest

from bot.models.notice import ANSWERS, FOR_ADMINS, FOR_EVERYBODY, Kind
from bot.models.offer import Action
from bot.models.person import Preferences
from bot.models.results import BadReason
from bot.models.role import Role
from bot.views import notice_settings
from bot.views.commands import ROLE_OF_VERB
from bot.views.notices import BAD_REASONS, LATE, render
from bot.views.reply import MESSAGE_LIMIT, Reply, utf16

NOW = 1_800_000_000.0
ONE = {"resource": "beboo", "address": "192.0.2.7:8080"}
TWO = [ONE, {"resource": "tinder", "address": "192.0.2.8:8080"}]

ORDER = {
    "number": 17,
    "symbol": "BTCUSDT",
    "base": "BTC",
    "quote": "USDT",
    "side": "buy",
    "kind": "limit",
    "amount": "0.01",
    "price": "9900",
    "filled": "0.01",
    "average": "9890",
    "fee": "0.1",
    "reason": None,
}
LONG = {"account": "bybit …a3f9", "symbol": "BTCUSDT", "side": "buy", "amount": "0.5"}

GOLD = {"id": 5, "series": "XAU", "kind": "above", "target": "2700", "seconds": None, "repeats": False}
TEXTS = [
    (
        Kind.ORDER,
        {**ORDER, "state": "filled"},
        ("Done: bought 0.01 BTC at 9890 USDT (98.90 USDT, fee 0.10).\n<i>order #17</i>"),
    ),
    (
        Kind.ORDER_STUCK,
        {**ORDER, "state": "unknown", "filled": "0"},
        (
            "I cannot find out what has become of order #17: buy 0.01 BTC at 9900 USDT.\n"
            "Please look for it at the exchange. If it is there, leave this: I go on looking. "
            "If you are sure that it is not there, tap the button."
        ),
    ),
    (
        Kind.POSITION_CLOSED,
        {**LONG, "entry": "60000"},
        (
            "Your position <b>BTCUSDT</b> long 0.5 (bybit …a3f9), entered at 60000, is closed, and not by an order "
            "from here: it was liquidated, its stop loss or take profit was hit, or it was closed in the exchange's "
            "own app.\nWhat is left: /positions, /balance"
        ),
    ),
    (
        Kind.POSITION_CLOSED,
        {
            **LONG,
            "side": "sell",
            "entry": "60000",
            "mark": "58100",
            "liquidation": "70000",
            "stop_loss": "62000",
        },
        (
            "Your position <b>BTCUSDT</b> short 0.5 (bybit …a3f9), entered at 60000, is closed, and not by an order "
            "from here: it was liquidated, its stop loss or take profit was hit, or it was closed in the exchange's "
            "own app.\nWhen I last saw it: price 58100, stop loss 62000, liquidation 70000.\n"
            "What is left: /positions, /balance"
        ),
    ),
    (
        Kind.LIQUIDATION_NEAR,
        {**LONG, "mark": "61000", "liquidation": "58000", "distance": "0.04918032787"},
        (
            "<b>Liquidation is near.</b> Your position <b>BTCUSDT</b> long 0.5 (bybit …a3f9) is liquidated at 58000; "
            "the price is 61000, 4.9 % away.\n"
            "To close it: /close BTCUSDT. Or add to your balance at the exchange."
        ),
    ),
    (
        Kind.PRICE_ALERT,
        {
            **GOLD,
            "price": "2701.5",
            "source": "gold-api",
            "at": NOW - 3,
            "before": "2650",
            "before_at": NOW - 7200,
        },
        (
            "Alert: <b>Gold</b> above 2,700.\n"
            "It was 2,650 when you set it (2 h ago); now <b>2,701.5</b> (gold-api, 3 s ago): +1.94%."
        ),
    ),
    (
        Kind.EXPIRES,
        {"proxies": [{**ONE, "days": 0}], "more": 0},
        (
            "1 proxy of yours expires soon.\n"
            "192.0.2.7:8080 for <b>beboo</b> · today is the last day\n"
            "\nTake fresh ones in time: /proxies"
        ),
    ),
    (
        Kind.EXPIRES,
        {"proxies": [{**ONE, "days": 1}, {**TWO[1], "days": 7}], "more": 3},
        (
            "5 proxies of yours expire soon.\n"
            "192.0.2.7:8080 for <b>beboo</b> · 1 day left\n"
            "192.0.2.8:8080 for <b>tinder</b> · 7 days left\n"
            "and 3 more\n"
            "\nTake fresh ones in time: /proxies"
        ),
    ),
    (
        Kind.FREED,
        {"proxies": [ONE]},
        (
            "Somebody deleted the sheet's entry of 1 proxy of yours. It is not yours any more.\n"
            "192.0.2.7:8080 for <b>beboo</b>\n"
            "\nStop using it. New ones: /proxies"
        ),
    ),
    (
        Kind.FREED,
        {"proxies": TWO, "by": "@chief"},
        (
            "@chief has freed 2 proxies of yours. They are not yours any more.\n"
            "192.0.2.7:8080 for <b>beboo</b>\n"
            "192.0.2.8:8080 for <b>tinder</b>\n"
            "\nStop using them. New ones: /proxies"
        ),
    ),
    (
        Kind.REPLACED,
        {"resource": "beboo", "old": "192.0.2.7:8080", "new": "192.0.2.9:8080"},
        (
            "192.0.2.7:8080 for <b>beboo</b> is not yours after all: stop using it.\n"
            "Use 192.0.2.9:8080 instead: it is yours now, see /my."
        ),
    ),
    (
        Kind.LOST,
        {**ONE, "reason": "taken in the sheet"},
        (
            "192.0.2.7:8080 for <b>beboo</b> is not yours after all (marked as used in the sheet meanwhile): "
            "stop using it.\n"
            "No other was free. To be told when one is: /proxies"
        ),
    ),
    (
        Kind.LOST,
        {**ONE, "reason": None},
        (
            "192.0.2.7:8080 for <b>beboo</b> is not yours after all: stop using it.\n"
            "No other was free. To be told when one is: /proxies"
        ),
    ),
    (
        Kind.ROTATED,
        {"proxies": [ONE]},
        (
            "The password of 1 proxy of yours was changed.\n"
            "192.0.2.7:8080 for <b>beboo</b>\n"
            "\nThe old one does not work any more; the new one is in /my"
        ),
    ),
    (
        Kind.ROTATED,
        {"proxies": [ONE], "more": 4},
        (
            "The passwords of 5 proxies of yours were changed.\n"
            "192.0.2.7:8080 for <b>beboo</b>\n"
            "and 4 more\n"
            "\nThe old ones do not work any more; the new ones are in /my"
        ),
    ),
    (
        Kind.TURN,
        {"number": 5, "resource": "beboo", "request": 42, "until": NOW + 600},
        (
            "It is your turn: one proxy for <b>beboo</b> is reserved for you for 10 min.\n"
            "Take it, or the next in line gets it."
        ),
    ),
    (
        Kind.TURN_LAPSED,
        {"resource": "<beboo>"},
        "Your turn for <b>&lt;beboo&gt;</b> is over: what was reserved for you goes to the next in line.",
    ),
    (
        Kind.TRANSFER,
        {**ONE, "allocation": "k3f9x2qa", "from_id": 7, "from_name": "@anna"},
        "@anna wants to hand over 192.0.2.7:8080 for <b>beboo</b> to you.\nAccept it, and it is yours.",
    ),
    (
        Kind.ANSWERED,
        {**ONE, "name": "@boris", "accepted": True},
        "@boris has accepted 192.0.2.7:8080 for <b>beboo</b>.\nIt is not yours any more: stop using it.",
    ),
    (
        Kind.ANSWERED,
        {**ONE, "name": "@boris", "accepted": False},
        "@boris does not want 192.0.2.7:8080 for <b>beboo</b>.\nIt is still yours: /my",
    ),
    (
        Kind.ROLE,
        {"role": "user", "before": None},
        "You are let in. You are a user now.\nSee what you can do: /help",
    ),
    (Kind.ROLE, {"role": "admin", "before": "user"}, "You are an admin now.\nSee what you can do: /help"),
    (Kind.ROLE, {"role": None, "before": None}, "An admin has said no: you are not let in."),
    (
        Kind.ROLE,
        {"role": None, "before": "user"},
        "You are not let in any more. Ask an admin if you think you should be.",
    ),
    (
        Kind.PREVIEW_LAPSED,
        {"chat_id": 7, "message_id": 9},
        "These are not reserved for you any more. Nothing was taken.",
    ),
    (
        Kind.LOW_STOCK,
        {"resources": [{"name": "beboo", "free": 0}, {"name": "<i>", "free": 4}], "more": 0, "limit": 5},
        (
            "Few proxies are left for 2 resources: fewer than 5 free.\n"
            "<b>beboo</b> · none free\n"
            "<b>&lt;i&gt;</b> · 4 free\n"
            "\nAdd new ones to the sheet."
        ),
    ),
    (
        Kind.RENEWALS,
        {
            "due": [{"days": 0, "count": 1, "rows": [5]}, {"days": 3, "count": 9, "rows": [7, 8, 9]}],
            "within": 7,
        },
        (
            "10 proxies expire within 7 days.\n"
            "today is the last day · row 5\n"
            "3 days left · rows 7–9 and 6 more\n"
            "\nRenew them, and write the new dates into the sheet."
        ),
    ),
    (
        Kind.ROWS,
        {"unreadable": [{"row": 9, "reason": "the cell is empty"}], "duplicates": [[4, 17]], "more": 0},
        (
            "The sheet has 2 new problems.\n"
            "row 9: the cell is empty\n"
            "rows 4, 17: the same proxy\n"
            "\nMend them in the sheet; the other rows are not affected."
        ),
    ),
    (
        Kind.ACCESS,
        {"user_id": 1004, "name": "Dora <b>", "username": "dora"},
        "Dora &lt;b&gt; (@dora) asks for access. Their id is 1004.\nLet them in?",
    ),
    (
        Kind.BAD,
        {**ONE, "name": "@anna", "reason": "dead"},
        (
            "@anna reports 192.0.2.7:8080 for <b>beboo</b>: it does not answer.\n"
            "Nobody gets it now. To see its history: /who 192.0.2.7"
        ),
    ),
    (
        Kind.OUTAGE,
        {"began": True, "waiting": 3},
        (
            "Google does not answer: the sheet cannot be read or written just now. "
            "3 proxies handed out wait to be written into the sheet.\n"
            "I go on with what I read last, and tell you when it is back."
        ),
    ),
    (
        Kind.OUTAGE,
        {"began": False, "waiting": 1, "seconds": 500},
        (
            "Google answers again, after 8 min. 1 proxy handed out waits to be written into the sheet.\n"
            "You need not do anything."
        ),
    ),
    (Kind.OUTAGE, {"began": False, "waiting": 0}, "Google answers again.\nYou need not do anything."),
    (
        Kind.ATTENTION,
        {"matter": "refused: rows [7, 9]: protected <cell>"},
        "Please look at this: Google refuses changes in rows [7, 9]: protected &lt;cell&gt;. See /doctor.",
    ),
    (
        Kind.REMOVALS,
        {"count": 12, "people": 3, "latest": NOW},
        "12 entries, of 3 people, were deleted in the sheet at once, so I have freed nothing yet.\nWas that meant?",
    ),
    (
        Kind.KEY_REFUSED,
        {"account": "bybit …a3f9", "account_id": 7, "reason": "<expired>"},
        (
            "The exchange no longer takes the key of <b>bybit …a3f9</b>: &lt;expired&gt;\n"
            "I do not use it until that is mended; your other accounts go on."
        ),
    ),
]


@pytest.mark.parametrize(("kind", "data", "text"), TEXTS, ids=[str(kind) for kind, *_ in TEXTS])
def test_each_notice_says_what_happened_and_what_to_do(kind, data, text):
    """First what happened, then what to do."""
    assert (text,) == render(kind, data, NOW, NOW).texts


def test_every_kind_has_its_text():
    """No kind is forgotten, here or in the settings; each is for somebody."""
    assert set(Kind) == {kind for kind, *_ in TEXTS}
    assert set(Kind) == ANSWERS | FOR_ADMINS | FOR_EVERYBODY
    assert set(notice_settings.NAMES) == FOR_ADMINS | FOR_EVERYBODY
    assert set(BAD_REASONS) == set(BadReason)


def buttons(reply: Reply) -> list[tuple[str, Action]]:
    return [(button.text, button.action) for button in reply.buttons]


@pytest.mark.parametrize(
    ("kind", "data", "expected", "good_for"),
    [
        (
            Kind.TURN,
            {"number": 5, "resource": "beboo", "request": 42, "until": NOW + 600},
            [("Take", Action("take turn", (5, 42))), ("No thanks", Action("leave line", (5,)))],
            600,
        ),
        (
            Kind.TURN_LAPSED,
            {"resource": "beboo"},
            [("Tell me when one is free", Action("line up", ("beboo",)))],
            86_400,
        ),
        (
            Kind.TRANSFER,
            {**ONE, "allocation": "k3f9x2qa", "from_id": 7, "from_name": "@anna", "until": NOW + 300},
            [
                ("Accept", Action("accept", ("k3f9x2qa", 7))),
                ("Decline", Action("decline", ("k3f9x2qa", 7))),
            ],
            300,
        ),
        (
            Kind.REPLACED,
            {"resource": "beboo", "old": "192.0.2.7:8080", "new": "192.0.2.9:8080", "allocation": "k3f9x2qa"},
            [("Show it", Action("show", ("k3f9x2qa", 0)))],
            86_400,
        ),
        (
            Kind.ROTATED,
            {"proxies": [ONE], "allocation": "k3f9x2qa"},
            [("Show it", Action("show", ("k3f9x2qa", 0)))],
            86_400,
        ),
        (
            Kind.PREVIEW_LAPSED,
            {"chat_id": 7, "message_id": 9},
            [("Choose again", Action("resources"))],
            86_400,
        ),
        (
            Kind.ACCESS,
            {"user_id": 1004, "name": "@dora"},
            [
                *((f"Let in as {role}", Action("approve", (1004, role))) for role in ("viewer", "user")),
                *((f"Let in as {role}", Action("approve", (1004, role))) for role in ("trader", "admin")),
                ("Refuse", Action("refuse", (1004,))),
            ],
            7 * 86_400,
        ),
        (
            Kind.REMOVALS,
            {"count": 12, "latest": NOW},
            [
                ("Yes, free them", Action("removals", ("free", NOW))),
                ("No, write them back", Action("removals", ("restore", NOW))),
            ],
            7 * 86_400,
        ),
        (
            Kind.ORDER_STUCK,
            {**ORDER, "state": "unknown"},
            [("It is not there", Action("settle order", (17,)))],
            7 * 86_400,
        ),
    ],
)
def test_buttons_do_what_they_say(kind, data, expected, good_for):
    """Each for as long as it is of use, each with a verb that somebody may press."""
    reply = render(kind, data, NOW, NOW)
    assert (expected, good_for) == (buttons(reply), reply.good_for)
    assert {action.verb for _, action in expected} <= ROLE_OF_VERB.keys()


def test_a_turn_that_waited_says_what_is_left_of_it():
    """The buttons are good for just as long."""
    data = {"number": 5, "resource": "beboo", "request": 42, "until": NOW + 600}
    reply = render(Kind.TURN, data, NOW + 300, NOW)
    assert ("is reserved for you for 5 min." in reply.texts[0], reply.good_for) == (True, 300)


def test_what_waited_for_long_says_how_old_it_is():
    """A night's news read in the morning; a few minutes are not worth a word."""
    data = {"began": False, "waiting": 0}
    assert render(Kind.OUTAGE, data, NOW + LATE - 1, NOW).texts == render(Kind.OUTAGE, data, NOW, NOW).texts
    assert render(Kind.OUTAGE, data, NOW + 7500, NOW).texts == (
        "Google answers again.\nYou need not do anything.\n\n<i>2 h 5 min ago</i>",
    )


def test_names_from_outside_fill_no_screen_and_bring_no_markup():
    """The longest list of the longest names still arrives, whole lines a message."""
    many = [
        {"resource": "<b>" * 99, "address": f"{'h' * 253}:{port}", "days": 3}
        for port in range(10_000, 10_020)
    ]
    reply = render(Kind.EXPIRES, {"proxies": many, "more": 5}, NOW, NOW)
    assert all(utf16(text) <= MESSAGE_LIMIT for text in reply.texts)
    assert "<b><b>" not in "".join(reply.texts)


def test_settings_show_what_is_and_carry_what_will_be():
    """Ticks say what is on; a button tapped twice does the same twice."""
    wish = Preferences(quiet_from=22 * 60, quiet_to=8 * 60, muted=frozenset({"freed"}))
    reply = notice_settings.overview(wish, Role.USER, "Europe/Berlin")
    assert reply.texts == (
        (
            "<b>What I tell you by myself</b>\n"
            "Tap a button to turn it on (✓) or off (✗).\n"
            "\nQuiet hours: 22:00–08:00 (Europe/Berlin); what comes up then waits.\n"
            "What you wait for comes at any time: your turn in line, what a colleague hands over, your role, "
            "a key that an exchange refuses, a liquidation that is near."
        ),
    )
    assert buttons(reply) == [
        ("✓ expiring soon", Action("mute", ("expires", 1))),
        ("✗ freed by somebody", Action("mute", ("freed", 0))),
        ("✓ replaced", Action("mute", ("replaced", 1))),
        ("✓ lost", Action("mute", ("lost", 1))),
        ("✓ new password", Action("mute", ("rotated", 1))),
        ("✓ position closed", Action("mute", ("position closed", 1))),
        ("✓ liquidation near", Action("mute", ("liquidation near", 1))),
        ("✓ price alerts", Action("mute", ("price alert", 1))),
        ("✓ quiet 22–8", Action("quiet", (1320, 480))),
        ("quiet 23–7", Action("quiet", (1380, 420))),
        ("quiet 20–9", Action("quiet", (1200, 540))),
        ("no quiet hours", Action("quiet", (None, None))),
    ]


def test_every_kind_has_its_label():
    """As an admin reads them, in the order of the table."""
    reply = notice_settings.overview(Preferences(), Role.ADMIN, "UTC")
    assert [label for label, action in buttons(reply) if action.verb == "mute"] == [
        "✓ expiring soon",
        "✓ freed by somebody",
        "✓ replaced",
        "✓ lost",
        "✓ new password",
        "✓ low stock",
        "✓ renewals due",
        "✓ sheet problems",
        "✓ asks for access",
        "✓ reported proxies",
        "✓ Google away",
        "✓ needs attention",
        "✓ many deleted at once",
        "✓ position closed",
        "✓ liquidation near",
        "✓ price alerts",
    ]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("dead", "it does not answer"),
        ("banned", "the site does not let it in"),
        ("slow", "it is too slow"),
        ("other", "it does not work"),
    ],
)
def test_a_report_says_what_is_wrong(reason, words):
    """For each reason there is."""
    [text] = render(Kind.BAD, {**ONE, "name": "@anna", "reason": reason}, NOW, NOW).texts
    assert text.splitlines()[0] == f"@anna reports 192.0.2.7:8080 for <b>beboo</b>: {words}."


def test_admins_have_more_to_choose_from():
    """Their own kinds as well; without quiet hours that is said and ticked."""
    reply = notice_settings.overview(Preferences(), Role.ADMIN, "UTC")
    kinds = [action.args[0] for _, action in buttons(reply) if action.verb == "mute"]
    assert set(kinds) == FOR_ADMINS | FOR_EVERYBODY
    assert ("Quiet hours: none." in reply.texts[0], buttons(reply)[-1][0]) == (True, "✓ no quiet hours")
