"""For admins: /users, /allow, /role, /deny, and the answers to who asks for access."""

from __future__ import annotations

import pytest
from chat_support import ADMIN, GROUP, STRANGER, USER
from people_support import SECOND, TRADER, VIEWER, PeopleDesk, a_person, desk_of

from bot.handlers.filters import ButtonData
from bot.models.notice import Kind
from bot.models.offer import Action
from bot.models.role import Role

DORA_IS_IN = "@dora (id 1004) has access now, as trader."
DORA_IS_OUT = "@dora (id 1004) was not let in."


@pytest.fixture
async def chat() -> PeopleDesk:
    """SECOND is an admin too, and a stranger has just asked for access."""
    chat = await desk_of(
        a_person(VIEWER, "vera", Role.VIEWER),
        a_person(TRADER, "Theo", Role.TRADER),
        a_person(SECOND, "second", Role.ADMIN),
    )
    await chat.people.ask(STRANGER, "@dora", "dora")
    chat.store.acts.clear()
    return chat


async def button(chat: PeopleDesk, admin: int, verb: str, *args: str | int) -> str:
    """The data of a button that the admin was given."""
    offer = await chat.offers.make(admin, [Action(verb, args)])
    return ButtonData(offer=offer, button=0).pack()


async def test_users_are_listed_by_role_with_who_asks_first(chat):
    """Everybody with their id; whoever waits for an answer stands on top, with the answers as buttons."""
    await chat.people.mark_blocked(VIEWER)
    await chat.clock.tick(3600)
    await chat.write("/users", ADMIN)

    assert chat.texts == [
        (
            "<b>People</b> · 6\n"
            "\n<b>Ask for access</b>\n@dora · <code>1004</code> · asked 1 h ago\n"
            "\n<b>Admins</b>\n@boris · <code>1001</code>\n@second · <code>1007</code>\n"
            "\n<b>Traders</b>\n@Theo · <code>1006</code>\n"
            "\n<b>Users</b>\n<code>1002</code>\n"
            "\n<b>Viewers</b>\n@vera · <code>1005</code> · has blocked me\n"
            "\n/allow ID · /role @USER ROLE · /deny @USER"
        )
    ]
    assert [label for label, _ in chat.buttons] == ["Let in @dora", "Refuse"]


async def test_many_users_come_in_pages_of_ten(chat):
    """The buttons turn the pages of the same message; what has gone meanwhile does no harm."""
    for number in range(20):
        await chat.people.grant(3000 + number, Role.USER, ADMIN)
    await chat.write("/users", ADMIN)
    assert chat.texts[0].startswith("<b>People</b> · 26 · page 1 of 3\n")
    assert [label for label, _ in chat.buttons][-1] == "Next ›"

    await chat.press(chat.buttons[-1][1], ADMIN)
    assert chat.texts[-1].startswith("<b>People</b> · 26 · page 2 of 3\n")
    assert [label for label, _ in chat.buttons] == ["‹ Previous", "Next ›"]

    await chat.press(await button(chat, ADMIN, "users", 9), ADMIN)
    assert "page 3 of 3" in chat.texts[-1]
    assert [label for label, _ in chat.buttons] == ["‹ Previous"]
    assert len(chat.session.named("EditMessageText")) == 2


@pytest.mark.parametrize(
    ("text", "answer", "role"),
    [
        ("/allow 4004", "4004: no access → user. They are told.", Role.USER),
        ("/allow 4004 Trader", "4004: no access → trader. They are told.", Role.TRADER),
        ("/allow 1004 viewer", "@dora: no access → viewer. They are told.", Role.VIEWER),
        ("/allow @DORA", "@dora: no access → user. They are told.", Role.USER),
        ("/role @vera trader", "@vera: viewer → trader. They are told.", Role.TRADER),
        ("/role 1005 ADMIN", "@vera: viewer → admin. They are told.", Role.ADMIN),
        ("/role @theo viewer", "@Theo: trader → viewer. They are told.", Role.VIEWER),
        ("/role @dora user", "@dora: no access → user. They are told.", Role.USER),
        (
            "/deny @vera",
            "@vera: viewer → no access. They are told.\nWhat they hold stays theirs: see /release_for.",
            None,
        ),
        ("/deny @dora", "@dora: not let in. They are told.", None),
        (
            "/deny 1002",
            "1002: user → no access. They are told.\nWhat they hold stays theirs: see /release_for.",
            None,
        ),
    ],
)
async def test_a_change_says_what_it_changed(chat, text, answer, role):
    """From what to what; the person is told, and it is written down who did it."""
    before = {"@vera": "viewer", "@Theo": "trader", "1002": "user"}.get(answer.partition(":")[0])
    await chat.write(text, ADMIN)

    assert chat.texts == [answer]
    [(user_id, kind, data)] = chat.outbox.told
    assert (chat.people.role_of(user_id), kind, data["role"]) == (role, Kind.ROLE, role)
    [act] = chat.store.acts
    assert (act.actor, act.name) == (ADMIN, "@boris")
    assert answer.startswith(f"{act.subject}: ")
    assert (act.before, act.after) == (before or "", role or "")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/role @theo trader", "@Theo has access as trader already. Nothing was changed."),
        ("/allow 1002", "1002 has access as user already. Nothing was changed."),
        ("/allow 1006", "1006 has access already, as trader.\nTo change that: /role 1006 user"),
        (
            "/deny 1001",
            "@boris is an admin by the settings.\nTake the id out of ADMIN_IDS to change that.",
        ),
        (
            "/role 1001 user",
            "@boris is an admin by the settings.\nTake the id out of ADMIN_IDS to change that.",
        ),
        ("/role 1001 admin", "@boris has access as admin already. Nothing was changed."),
    ],
)
async def test_what_changes_nothing_tells_nobody(chat, text, answer):
    """The same again, or what cannot be changed here."""
    await chat.write(text, ADMIN)

    assert chat.texts == [answer]
    assert (chat.outbox.told, chat.store.acts) == ([], [])


ALLOW = "Write for example: /allow 1234567 user"
ROLE = "Write for example: /role @anna trader"
DENY = "Write for example: /deny @anna"
ROLES = "The roles are viewer, user, trader or admin."
NEWCOMERS = "Let them in by their id: /allow 1234567. Whoever writes to me is told theirs."


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/allow", f"Say who is meant.\n{ALLOW}"),
        ("/allow 5 user now", f"Those are too many words.\n{ALLOW}"),
        ("/allow dora", f"“dora” is neither an @name nor an id, which is a number.\n{ALLOW}"),
        ("/allow -5", f"“-5” is neither an @name nor an id, which is a number.\n{ALLOW}"),
        ("/allow 0", f"“0” is neither an @name nor an id, which is a number.\n{ALLOW}"),
        ("/allow 05", f"“05” is neither an @name nor an id, which is a number.\n{ALLOW}"),
        ("/allow ٣", f"“٣” is neither an @name nor an id, which is a number.\n{ALLOW}"),
        ("/allow 1e9", f"“1e9” is neither an @name nor an id, which is a number.\n{ALLOW}"),
        (
            f"/allow {'9' * 400}",
            f"“{'9' * 20}…” is neither an @name nor an id, which is a number.\n{ALLOW}",
        ),
        ("/allow @nobody", f"I know nobody with the name @nobody.\n{NEWCOMERS}"),
        ("/allow 5 boss", f"“boss” is no role.\n{ROLES}"),
        ("/allow 5 <b>", f"“&lt;b&gt;” is no role.\n{ROLES}"),
        ("/role", f"Say who is meant.\n{ROLE}"),
        ("/role @vera", f"The role is missing.\n{ROLE}"),
        ("/role @vera very trader", f"Those are too many words.\n{ROLE}"),
        ("/role trader @vera", f"“trader” is neither an @name nor an id, which is a number.\n{ROLE}"),
        ("/role 777 user", f"I know nobody with the id 777.\n{NEWCOMERS}"),
        ("/role @vera none", f"“none” is no role.\n{ROLES}"),
        ("/role @ user", f"“@” is neither an @name nor an id, which is a number.\n{ROLE}"),
        ("/role @ve\u200bra user", f"“@vera” is neither an @name nor an id, which is a number.\n{ROLE}"),
        ("/deny", f"Say who is meant.\n{DENY}"),
        ("/deny @vera @theo", f"Those are too many words.\n{DENY}"),
        ("/deny 777", f"I know nobody with the id 777.\n{NEWCOMERS}"),
        ("/deny @nobody", f"I know nobody with the name @nobody.\n{NEWCOMERS}"),
        ("/deny all", f"“all” is neither an @name nor an id, which is a number.\n{DENY}"),
        (
            "/deny <i>x</i>",
            f"“&lt;i&gt;x&lt;/i&gt;” is neither an @name nor an id, which is a number.\n{DENY}",
        ),
    ],
)
async def test_words_that_are_not_clear_change_nothing(chat, text, answer):
    """One line what is wrong, one line what to write instead; nothing is guessed about rights."""
    await chat.write(text, ADMIN)

    assert chat.texts == [answer]
    assert (chat.outbox.told, chat.store.acts) == ([], [])


async def test_who_asks_is_let_in_by_one_press(chat):
    """The admin reads how it was settled, in place of the question; the person is told."""
    await chat.press(await button(chat, ADMIN, "approve", STRANGER, "trader"), ADMIN)

    assert [edit.text for edit in chat.session.named("EditMessageText")] == [DORA_IS_IN]
    assert chat.buttons == []
    assert chat.people.role_of(STRANGER) is Role.TRADER
    assert chat.outbox.told == [(STRANGER, Kind.ROLE, {"role": "trader", "before": None})]
    assert [(act.actor, act.act, act.subject, act.before, act.after) for act in chat.store.acts] == [
        (ADMIN, "allow", "@dora", "", "trader")
    ]


async def test_who_is_refused_hears_so(chat):
    """A no is told as well, and written down."""
    await chat.press(await button(chat, ADMIN, "refuse", STRANGER), ADMIN)

    assert chat.texts == [DORA_IS_OUT]
    assert chat.people.role_of(STRANGER) is None
    assert chat.outbox.told == [(STRANGER, Kind.ROLE, {"role": None, "before": None})]
    assert [act.act for act in chat.store.acts] == ["deny"]


async def test_the_first_admins_press_wins(chat):
    """Others learn that it is settled and how; nothing is done or told twice."""
    trader, viewer, no = (
        await button(chat, ADMIN, "approve", STRANGER, "trader"),
        await button(chat, SECOND, "approve", STRANGER, "viewer"),
        await button(chat, SECOND, "refuse", STRANGER),
    )
    await chat.press(trader, ADMIN)
    await chat.press(viewer, SECOND)
    await chat.press(no, SECOND)
    await chat.press(trader, ADMIN)

    before = f"That was settled before: {DORA_IS_IN}\nTo change it: /role 1004 ROLE or /deny 1004"
    assert chat.texts == [DORA_IS_IN, before, before, DORA_IS_IN]
    assert chat.people.role_of(STRANGER) is Role.TRADER
    assert (len(chat.outbox.told), len(chat.store.acts)) == (1, 1)


async def test_a_refusal_stands_too(chat):
    """Who wants to let them in after all writes a command."""
    await chat.press(await button(chat, ADMIN, "refuse", STRANGER), ADMIN)
    await chat.press(await button(chat, SECOND, "approve", STRANGER, "user"), SECOND)
    assert chat.texts[-1] == f"That was settled before: {DORA_IS_OUT}\nTo change it: /allow 1004"

    await chat.write("/allow 1004", ADMIN)
    assert chat.texts[-1] == "@dora: no access → user. They are told."


async def test_a_button_about_somebody_who_is_gone_does_nothing(chat):
    """The database is not asked for more than it has."""
    await chat.press(await button(chat, ADMIN, "approve", 777, "user"), ADMIN)

    assert chat.texts == ["Nobody with the id 777 asks for access.\nTo let them in: /allow 777"]
    assert chat.people.role_of(777) is None


async def test_in_a_group_people_are_not_listed(chat):
    """Who may do what is for the admin's eyes."""
    await chat.write("/users", ADMIN, chat=GROUP)
    await chat.write("/deny @vera", ADMIN, chat=GROUP)

    assert chat.sent_to == [ADMIN, GROUP, ADMIN, GROUP]
    assert chat.texts[1] == chat.texts[3] == "Sent to you privately."


async def test_a_database_that_refuses_changes_nothing(chat):
    """Neither in memory nor for the person, who is not told of what did not happen."""
    chat.store.broken = True
    await chat.write("/role @vera trader", ADMIN)

    assert chat.texts[-1] == (
        "I cannot write my records just now, so nothing was done.\nTry again in a minute."
    )
    assert chat.people.role_of(VIEWER) is Role.VIEWER
    assert chat.outbox.told == []


async def test_start_greets_by_role(chat):
    """What one can do here, and the first step as a button."""
    await chat.write("/start", USER)
    await chat.write("/start", VIEWER)
    await chat.write("/start", ADMIN)

    assert chat.texts[0] == (
        "I hand out proxies from the team's sheet, never the same one twice for the same site.\n"
        "Choose them here, or ask with /take and the site's name; the answer is for you alone.\n"
        "\n"
        "/take beboo – one proxy for beboo\n"
        "/take beboo 5 – five of them\n"
        "/my – what you hold\n"
        "/help – everything I can do"
    )
    assert chat.texts[1] == (
        "I hand out proxies from the team's sheet, never the same one twice for the same site.\n"
        "You can see what is free; to take some, ask an admin for more rights.\n"
        "\n"
        "/help – everything I can do"
    )
    assert chat.texts[2].splitlines()[-3:] == [
        "/stats – how everything is doing",
        "/users – who may do what",
        "/help – everything I can do",
    ]
    assert [label for label, _ in chat.buttons] == ["Choose proxies"]


async def test_plain_talk_of_a_viewer_is_not_pointed_to_what_they_may_not_do(chat):
    """The hint names a command that works."""
    await chat.write("good morning", VIEWER)

    assert chat.texts == ["I work by commands: try /proxies, or see /help."]
