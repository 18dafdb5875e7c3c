"""/connect: from the exchange to the account, every message with a secret deleted, and none of it in a log."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from types import SimpleNamespace

import pytest
from account_chat import TRADER, AccountChat
from account_support import FULL, KEY, PHRASE, SECRET
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramNetworkError
from chat_support import GROUP, USER
from structlog.testing import capture_logs

from bot.errors import KeyRefused, PeerUnavailable, StorageError
from bot.handlers.dispatcher import build_dispatcher
from bot.models.dialogue import DIALOGUE_TTL
from bot.models.role import Role
from bot.views import help as help_views

FIRST = "Connecting Bybit, step 1 of 2.\nSend me the <b>API key</b>. I delete your message at once."
SECOND = "Connecting Bybit, step 2 of 2.\nNow send me the key's <b>secret</b>. I delete your message at once."
CONNECTED = "Connected: <b>bybit …a3f9</b>. It may trade.\nTo use it, choose it among your accounts."
DELETE_IT = "I could not delete your message: please delete it yourself."


@pytest.fixture
def chat() -> AccountChat:
    return AccountChat()


async def begun(chat: AccountChat, venue: str = "Bybit") -> None:
    await chat.write("/connect", TRADER)
    await chat.tap(venue)


def gone(method: object) -> TelegramBadRequest:
    return TelegramBadRequest(method, "Bad Request: message to delete not found")  # type: ignore[arg-type]


def kept(method: object) -> TelegramBadRequest:
    return TelegramBadRequest(method, "Bad Request: message can't be deleted")  # type: ignore[arg-type]


async def test_from_the_exchange_to_the_account(chat: AccountChat) -> None:
    """Exchange, key, secret; both messages are deleted before the answer; what it may do is said."""
    await begun(chat)
    assert FIRST == chat.texts[-1]
    await chat.write(KEY, TRADER)
    assert SECOND == chat.texts[-1]
    await chat.write(SECRET, TRADER)
    assert CONNECTED == chat.texts[-1]
    assert 2 == len(chat.deleted)
    order = [type(call).__name__ for call in chat.session.calls]
    assert order.index("DeleteMessage") < max(i for i, name in enumerate(order) if name == "SendMessage")
    assert ["My accounts"] == chat.labels


async def test_a_passphrase_where_there_is_one(chat: AccountChat) -> None:
    """OKX asks for three things."""
    await begun(chat, "Okx")
    assert chat.texts[-1].startswith("Connecting Okx, step 1 of 3.")
    for text in (KEY, SECRET, PHRASE):
        await chat.write(text, TRADER)
    assert chat.texts[-1].startswith("Connected: <b>okx …a3f9</b>.")
    assert PHRASE == chat.trade.venue.asked[0][1].passphrase
    assert 3 == len(chat.deleted)


@pytest.mark.parametrize(
    "text", [f"/connect bybit {KEY} {SECRET}", f"/Connect@desk_bot BYBIT\n{KEY}\n{SECRET}"]
)
async def test_all_in_one_message(chat: AccountChat, text: str) -> None:
    """It is deleted too."""
    await chat.write(text, TRADER)
    assert ([CONNECTED], 1) == (chat.texts, len(chat.deleted))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (f"/connect {KEY}", "That is no exchange that can be connected here."),
        (f"/connect kraken {KEY} {SECRET}", "That is no exchange that can be connected here."),
        (f"/connect bybit {KEY}", "After the exchange come a key and a secret."),
        (f"/connect okx {KEY} {SECRET}", "After the exchange come a key, a secret and a passphrase."),
    ],
)
async def test_half_a_key_is_deleted_all_the_same(chat: AccountChat, text: str, answer: str) -> None:
    """And what was wrong with it is said without it."""
    await chat.write(text, TRADER)
    assert [f"{answer}\nWrite /connect bybit, and I ask for the rest, one after the other"] == chat.texts
    assert (1, []) == (len(chat.deleted), chat.trade.venue.asked)


async def test_the_exchange_can_be_named(chat: AccountChat) -> None:
    """Nothing is deleted then: there is nothing secret in it."""
    await chat.write("/connect Bybit", TRADER)
    assert ([FIRST], []) == (chat.texts, chat.deleted)


async def test_without_exchanges_there_is_paper(chat: AccountChat) -> None:
    """It says whose business that is."""
    chat = AccountChat()
    chat.trade.accounts.venues = ()
    await chat.write("/connect", TRADER)
    assert chat.texts == [
        "No exchange can be connected here: an admin has named none. Your paper account is there."
    ]


@pytest.mark.parametrize(
    ("rights", "answer"),
    [
        (
            replace(FULL, can_withdraw=True),
            (
                "That key may withdraw money, so I do not use it.\n"
                "Make a key without the right to withdraw, and send /connect again."
            ),
        ),
        (replace(FULL, expires_at=1.0), "That key has expired.\nMake a new one, and send /connect again."),
        (
            replace(FULL, can_trade=False),
            (
                "Connected: <b>bybit …a3f9</b>. Its key may only look: it cannot trade.\n"
                "To use it, choose it among your accounts."
            ),
        ),
    ],
)
async def test_what_the_key_may_do_decides(chat: AccountChat, rights: object, answer: str) -> None:
    """Too much is refused, reading alone is enough to look."""
    chat.trade.venue.rights = rights  # type: ignore[assignment]
    await chat.write(f"/connect bybit {KEY} {SECRET}", TRADER)
    assert [answer] == chat.texts


async def test_a_refused_key_is_told_in_the_exchanges_words(chat: AccountChat) -> None:
    """Escaped; the dialogue is over, and the next message is plain text."""
    chat.trade.venue.failures = [KeyRefused("bybit", 403, "<invalid> key")]
    await begun(chat)
    await chat.write(KEY, TRADER)
    await chat.write(SECRET, TRADER)
    assert chat.texts[-1] == (
        "Bybit does not take that key: &lt;invalid&gt; key\nCheck it there, and send /connect again."
    )
    await chat.write("hello", TRADER)
    assert help_views.PLAIN_TEXT == chat.texts[-1]


async def test_an_exchange_that_is_away_is_asked_again_by_a_button(chat: AccountChat) -> None:
    """Nobody has to send the secret twice."""
    chat.trade.venue.failures = [PeerUnavailable("bybit", "down")]
    await chat.write(f"/connect bybit {KEY} {SECRET}", TRADER)
    assert chat.texts[-1].startswith("Bybit cannot be reached just now")
    await chat.write(SECRET, TRADER)
    assert (chat.texts[-1], 2) == (
        "I have all I need. Shall I ask Bybit about the key?",
        len(chat.deleted),
    )
    await chat.tap("Try again")
    assert CONNECTED == chat.texts[-1]


async def test_what_is_slow_shows_progress(chat: AccountChat) -> None:
    """In the message that becomes the answer."""
    chat.trade.venue.gate.clear()
    asking = asyncio.create_task(chat.write(f"/connect bybit {KEY} {SECRET}", TRADER))
    await chat.clock.tick(11)
    assert ["Asking Bybit about the key…"] == chat.texts
    chat.trade.venue.gate.set()
    await asking
    assert CONNECTED == chat.texts[-1]
    assert 1 == len(chat.session.named("EditMessageText"))


async def test_delivered_again_it_answers_the_same(chat: AccountChat) -> None:
    """Each message, even after a restart: one account, one question to the exchange."""
    await begun(chat)
    for text in (KEY, SECRET):
        message = chat.message(text, TRADER)
        await chat.feed(message=message)
        chat.session.failures["DeleteMessage"] = [gone, gone]
        answer = chat.texts[-1]
        await chat.feed(message=message)
        await chat.restart()
        await chat.feed(message=message)
        assert [answer] * 3 == chat.texts[-3:]
    assert (1, 1) == (len(chat.trade.venue.asked), len(chat.trade.store.keys))


async def test_a_restart_between_the_steps(chat: AccountChat) -> None:
    """The dialogue goes on where it was."""
    await begun(chat)
    await chat.restart()
    await chat.write(KEY, TRADER)
    await chat.restart()
    await chat.write(SECRET, TRADER)
    assert CONNECTED == chat.texts[-1]


async def test_after_ten_minutes_text_is_text_again(chat: AccountChat) -> None:
    """Nothing is deleted and nothing asked for; what was sent in time and comes late is deleted still."""
    await begun(chat)
    in_time = chat.message(KEY, TRADER)
    await chat.clock.tick(DIALOGUE_TTL)
    await chat.write("hello", TRADER)
    assert ([], help_views.PLAIN_TEXT) == (chat.deleted, chat.texts[-1])
    await chat.feed(message=in_time)
    assert [in_time["message_id"]] == chat.deleted


async def test_an_old_command_begins_nothing(chat: AccountChat) -> None:
    """What it shows is deleted first."""
    message = chat.message(f"/connect bybit {KEY} {SECRET}", TRADER)
    await chat.clock.tick(601)
    await chat.feed(message=message)
    assert (1, ["That was asked a while ago: please ask again."]) == (len(chat.deleted), chat.texts)
    assert [] == chat.trade.venue.asked


@pytest.mark.parametrize(
    "what",
    [
        {"photo": [{"file_id": "1", "file_unique_id": "1", "width": 9, "height": 9}], "caption": SECRET},
        {"text": SECRET, "forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "x"}},
        {"document": {"file_id": "1", "file_unique_id": "1"}},
    ],
)
async def test_whatever_is_sent_is_deleted(chat: AccountChat, what: dict[str, object]) -> None:
    """Pictures, files and what others have written are not read, but may show a secret."""
    await begun(chat)
    await chat.feed(message=chat.message(None, TRADER) | what)
    assert 1 == len(chat.deleted)
    assert chat.texts[-1] == (
        "That is nothing I can use: send it as text that you have typed or pasted yourself."
    )
    await chat.write(KEY, TRADER)
    assert SECOND == chat.texts[-1]


async def test_what_is_no_key_is_asked_for_again(chat: AccountChat) -> None:
    """And deleted."""
    await begun(chat)
    await chat.write("my key", TRADER)
    assert chat.texts[-1] == (
        "That is no API key: it is one word, of 8 characters or more.\n"
        "Send me the <b>API key</b>. I delete your message at once."
    )
    assert 1 == len(chat.deleted)


async def test_commands_are_commands_in_it(chat: AccountChat) -> None:
    """Known or not; but a secret may begin with a slash."""
    await begun(chat)
    await chat.write(KEY, TRADER)
    await chat.write("/help", TRADER)
    assert chat.texts[-1].startswith("<b>What I can do</b>")
    await chat.write("/balnce", TRADER)
    assert chat.texts[-1].startswith(help_views.NO_COMMAND)
    assert 1 == len(chat.deleted)
    await chat.write("/aB3d+ks9x8f7=", TRADER)
    assert (CONNECTED, 2) == (chat.texts[-1], len(chat.deleted))


@pytest.mark.parametrize("failure", [kept, lambda method: TelegramForbiddenError(method, "Forbidden: no")])
async def test_what_cannot_be_deleted_is_told(chat: AccountChat, failure: object) -> None:
    """At once, and the dialogue goes on."""
    await begun(chat)
    chat.session.failures["DeleteMessage"] = [failure]
    await chat.write(KEY, TRADER)
    assert [DELETE_IT, SECOND] == chat.texts[-2:]


async def test_a_lost_deletion_is_tried_again(chat: AccountChat) -> None:
    """A connection that breaks leaves no secret behind."""
    await begun(chat)
    chat.session.failures["DeleteMessage"] = [
        lambda method: TelegramNetworkError(method, "reset") for _ in range(2)
    ]
    writing = asyncio.create_task(chat.write(KEY, TRADER))
    await chat.clock.tick(3)
    await writing
    assert (3, SECOND) == (len(chat.deleted), chat.texts[-1])


async def test_it_can_be_cancelled(chat: AccountChat) -> None:
    """By the button of any step; a second time nothing is left to be stopped."""
    await begun(chat)
    await chat.write(KEY, TRADER)
    cancel = dict(chat.buttons)["Cancel"]
    await chat.press(cancel, TRADER)
    assert chat.texts[-1] == "Stopped: nothing was connected, and I keep nothing of what you sent."
    await chat.press(cancel, TRADER)
    assert chat.texts[-1] == "Nothing is being connected just now."
    assert {} == chat.trade.dialogues.kept
    await chat.write("hello", TRADER)
    assert 1 == len(chat.deleted)


async def test_cancel_stops_it(chat: AccountChat) -> None:
    """With everything else that was begun; a second time there is nothing to be said of it."""
    nothing = SimpleNamespace(
        cancel_all_reservations=none_of, drop_all=none_of, give_up_turns=none_of, known=chat.desk.known
    )
    chat.deps = replace(chat.deps, desk=nothing)
    chat.dispatcher = build_dispatcher(
        chat.deps, connecting=chat.trade.connecting, previews=nothing, line=nothing
    )
    await begun(chat)
    await chat.write(KEY, TRADER)
    await chat.write("/cancel", TRADER)
    await chat.write("/cancel", TRADER)
    said = "Nothing was reserved for you.\n{}Older buttons for choosing do nothing now."
    assert chat.texts[-2:] == [
        said.format("No account is connected, and I keep nothing of what you sent.\n"),
        said.format(""),
    ]
    assert {} == chat.trade.dialogues.kept


async def none_of(_user_id: int) -> tuple[()]:
    """Nobody has anything."""
    return ()


async def test_who_may_not_connect_shows_no_key(chat: AccountChat) -> None:
    """It is deleted before the refusal; the bare command stays."""
    for text in ("/connect", f"/connect bybit {KEY} {SECRET}"):
        await chat.write(text, USER)
    assert ["That is for traders.\nSee /help for what you can use."] * 2 == chat.texts
    assert 1 == len(chat.deleted)


async def test_who_lost_the_right_cannot_go_on(chat: AccountChat) -> None:
    """What they sent is deleted, and the dialogue is over."""
    await begun(chat)
    chat.roles.roles[TRADER] = Role.USER
    await chat.write(KEY, TRADER)
    assert (chat.texts[-1], 1) == ("That is for traders.\nSee /help for what you can use.", len(chat.deleted))
    assert {} == chat.trade.dialogues.kept


async def test_in_a_group_a_key_is_burnt(chat: AccountChat) -> None:
    """It is deleted, not used, and its owner is told to make a new one; a word of warning without a key."""
    await chat.write(f"/connect bybit {KEY} {SECRET}", TRADER, GROUP)
    assert (GROUP, 1, []) == (chat.sent_to[-1], len(chat.deleted), chat.trade.venue.asked)
    assert chat.texts[-1].startswith("Keys are never for a group: whoever can read here may have seen it.")
    assert "make a new one" in chat.texts[-1]
    await chat.write("/connect", TRADER, GROUP)
    assert chat.texts[-1] == "Keys are never for a group. Send me /connect in private."


async def test_the_key_in_the_wrong_chat(chat: AccountChat) -> None:
    """What looks like one is deleted where the bot may; talk stays, and so does the dialogue in private."""
    await begun(chat)
    await chat.write("good morning everybody", TRADER, GROUP)
    await chat.write(KEY, USER, GROUP)
    assert [] == chat.deleted
    chat.session.failures["DeleteMessage"] = [kept]
    await chat.write(KEY, TRADER, GROUP)
    assert (1, GROUP) == (len(chat.deleted), chat.sent_to[-1])
    assert chat.texts[-1].endswith(DELETE_IT)
    await chat.write("another-key-000a3f9", TRADER)
    assert SECOND == chat.texts[-1]


async def test_no_secret_is_logged(chat: AccountChat, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever goes wrong on the way: refusals, a database that is full, an error nobody foresaw."""
    failures = [
        KeyRefused("bybit", 403, "no"),
        PeerUnavailable("bybit", "down"),
        StorageError("disk full"),
        RuntimeError("boom"),
    ]
    with capture_logs() as logged, caplog.at_level(logging.DEBUG):
        for failure in [*failures, None]:
            chat.trade.venue.failures = [failure] if failure else []
            await begun(chat)
            await chat.write(KEY, TRADER)
            await chat.write("/no", TRADER)
            await chat.write(SECRET, TRADER)
            await chat.write(f"/connect bybit {KEY} {SECRET}", TRADER)
            await chat.write(f"/connect {KEY} {SECRET}", TRADER)
            await chat.clock.tick(60)
    traces = caplog.text + repr(logged)
    assert any(line["event"] == "unexpected error" for line in logged)
    assert "CANARY" not in traces
    assert "CANARY" not in repr(chat.texts)
