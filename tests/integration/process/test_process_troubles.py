"""What Telegram can do to a bot: people block it, groups move, messages go, answers get lost."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest
from chat_stream import ChatStream
from local_world import Json, call, until
from process_desk import CANARY, HEADER, ProcessDesk, anchor_row, request_number
from process_people import Person, Tap, taps_of

LONG_AGO = 16 * 60
LIMIT = 4096


@pytest.fixture
def stream(running: ProcessDesk) -> Iterator[ChatStream]:
    """All that happens in the chats."""
    with ChatStream(running.telegram.url) as stream:
        yield stream


@pytest.fixture
def anna(running: ProcessDesk, stream: ChatStream) -> Person:
    """Somebody who has a private chat with the bot."""
    return greeted(running, stream)


def greeted(desk: ProcessDesk, stream: ChatStream) -> Person:
    """Somebody new, who has said hello."""
    person = Person(desk.telegram, stream, desk.person(), (), random.Random(1))
    person.say("/start")
    return person


def button(person: Person, label: str) -> Tap:
    """The button of the person's last message that begins so."""
    [tap] = [tap for tap in taps_of(person.screen()[-1]) if tap.label.startswith(label)][:1]
    return tap


def offered(desk: ProcessDesk, person: Person) -> tuple[str, Tap]:
    """A resource that nobody has used, and the button that takes one for it."""
    site = f"new-{person.id}"
    person.say(f"/take {site}")
    return site, button(person, f"Take 1 for {site}")


def block(desk: ProcessDesk, person: Person, *, blocked: bool) -> None:
    """The person blocks the bot, or lets it write again."""
    desk.telegram.control("POST", "block", {"user": person.id, "blocked": blocked})


def delete(desk: ProcessDesk, message: Json, chat: int) -> None:
    """The message is gone for everybody."""
    where = f"chat_id={chat}&message_id={message['message_id']}"
    call(f"{desk.telegram.url}/bot{desk.telegram.token}/deleteMessage?{where}")


# -- people who block the bot -----------------------------------------------------------------------------------


def test_who_has_blocked_the_bot_takes_nothing_in_a_group(running: ProcessDesk, anna: Person) -> None:
    """They are asked there to open a private chat; once they have, it works."""
    site, chat = running.site(), running.telegram.group([anna.id])
    block(running, anna, blocked=True)
    running.telegram.send(anna.id, f"/take {site}", chat=chat)
    [told] = running.telegram.answers(chat)
    assert told.startswith("Open a private chat with me first: t.me/")
    assert [] == running.issued(site)

    block(running, anna, blocked=False)
    running.telegram.send(anna.id, f"/take {site}", chat=chat)
    assert "Sent to you privately." == running.telegram.answers(chat, 2)[1]
    running.check_promises(site, [anna.id])


def test_a_notice_to_who_has_blocked_the_bot(desk: ProcessDesk) -> None:
    """It is tried once, and they are marked; when they write again they hear what they have missed."""
    users = desk.people(2)
    desk.start(ALLOWED_IDS=",".join(map(str, users)))
    with ChatStream(desk.telegram.url) as stream:
        anna, boris = (Person(desk.telegram, stream, user, (), random.Random(1)) for user in users)
        boris.say("/start")
        anna.say("/take site1")
        block(desk, boris, blocked=True)
        to_boris = choose_colleague(anna)
        assert "is asked whether" in anna.tap(to_boris)
        marked = "SELECT blocked_at IS NOT NULL FROM people WHERE user_id = ?"
        until(lambda: desk.ask(marked, boris.id) == [(1,)])
        outcome = "SELECT outcome, attempts, due_at > created_at FROM outbox WHERE chat_id = ?"
        until(lambda: desk.ask(outcome, boris.id) == [(None, 0, 1)])

        block(desk, boris, blocked=False)
        boris.say("/start")
        stream.wait(boris.id, lambda _: "Accept" in [tap.label for tap in taps_of(boris.screen()[-1])])
        assert boris.tap(button(boris, "Accept")).startswith("Accepted: it is yours now.")


def choose_colleague(giver: Person) -> Tap:
    """The only one to whom the first of what the giver holds can be handed over."""
    giver.say("/my")
    giver.tap(button(giver, "1 ·"))
    giver.tap(button(giver, "Transfer"))
    return button(giver, "@")


def test_who_blocks_the_bot_while_it_works(running: ProcessDesk, anna: Person) -> None:
    """What they took is theirs and waits for them in /my; nothing is sent again and again."""
    site = running.site()
    running.sheets.slow_down(300)
    running.telegram.send(anna.id, f"/take {site} 2")
    until(lambda: running.telegram.calls("sendChatAction"))
    block(running, anna, blocked=True)
    until(lambda: len(running.issued(site)) == 2)
    running.sheets.heal()
    running.come_to_rest()
    block(running, anna, blocked=False)
    assert anna.say("/my").startswith("You hold 2 proxies.")


# -- chats that move --------------------------------------------------------------------------------------------


def test_a_group_that_becomes_a_supergroup(running: ProcessDesk, anna: Person) -> None:
    """Asked in the old one, it answers in the new one, and in private as ever."""
    site, old = running.site(), running.telegram.group([anna.id], "group")
    running.sheets.slow_down(500)
    running.telegram.send(anna.id, f"/take {site}", chat=old)
    until(lambda: running.telegram.calls("sendChatAction"))
    new = running.telegram.control("POST", "migrate", {"chat": old})["id"]
    assert ["Sent to you privately."] == running.telegram.answers(new)
    running.check_promises(site, [anna.id])
    assert 1 == len(running.issued(site))


# -- messages and buttons that are gone -------------------------------------------------------------------------


def test_a_message_that_is_gone_when_it_is_to_be_changed(running: ProcessDesk, anna: Person) -> None:
    """The answer comes as a new message."""
    site, start = offered(running, anna)
    running.sheets.slow_down(500)
    typing = running.telegram.calls("sendChatAction")
    running.telegram.press(anna.id, start.message, start.data)
    until(lambda: running.telegram.calls("sendChatAction") > typing)
    delete(running, start.message, anna.id)
    until(lambda: running.given(anna.id))
    running.check_promises(site, [anna.id])
    assert 1 == len(running.issued(site))


TAPPED: dict[str, Json] = {
    "may not be changed any more": {"kind": "status", "status": 400, "path": "editMessageText", "times": 1},
    "cannot be changed for now": {"kind": "status", "status": 502, "path": "editMessageText", "times": 2},
    "is changed too often": {
        "kind": "status",
        "status": 429,
        "path": "editMessageText",
        "retry_after": 1,
        "times": 1,
    },
    "is changed over a connection that breaks": {"kind": "reset", "path": "editMessageText", "times": 1},
    "is changed, unheard": {"kind": "lose_answer", "path": "editMessageText", "times": 1},
}


@pytest.mark.parametrize("trouble", TAPPED)
def test_a_tapped_message(running: ProcessDesk, anna: Person, trouble: str) -> None:
    """Whatever it takes, the answer stands there or in a new message, and the button had one effect."""
    site, start = offered(running, anna)
    running.telegram.strike(TAPPED[trouble])
    anna.tap(start)
    until(lambda: running.given(anna.id))
    assert TAPPED[trouble]["times"] == running.telegram.struck()
    running.come_to_rest()
    answers = [text for text in running.telegram.texts(anna.id) if CANARY in text]
    assert 1 == len(answers)
    assert request_number(answers[0])
    running.check_promises(site, [anna.id])
    assert 1 == len(running.issued(site))


def test_an_answer_that_changes_nothing(running: ProcessDesk, anna: Person) -> None:
    """Tapped again and again, the same proxies stand there, and nothing is wrong with that."""
    site, start = offered(running, anna)
    for _ in range(4):
        running.telegram.press(anna.id, start.message, start.data, forged=True)
    running.come_to_rest()
    assert 1 == len([text for text in running.telegram.texts(anna.id) if CANARY in text])
    running.check_promises(site, [anna.id])


def test_a_tap_that_is_too_old_to_be_answered(running: ProcessDesk, anna: Person) -> None:
    """Its spinner has ended long ago; what it asked for is done all the same, and once."""
    site, start = offered(running, anna)
    press = {"user": anna.id, "message_id": start.message["message_id"], "data": start.data}
    long_ago = int(time.time()) - LONG_AGO
    running.telegram.control("POST", "press", press | {"date": long_ago})
    until(lambda: running.given(anna.id))
    foreign = {"data": "b:abcdefgh:0", "date": long_ago, "forged": True}
    running.telegram.control("POST", "press", press | foreign)
    running.come_to_rest()
    running.check_promises(site, [anna.id])
    assert 1 == len(running.issued(site))


# -- answers that are long or refused ---------------------------------------------------------------------------


def test_an_answer_longer_than_a_message(desk: ProcessDesk) -> None:
    """It comes in as many as it takes, no line is cut, and as a file."""
    rows = [[f"10.1.0.{n}:8080:user{n}:{CANARY}{n}{'x' * 500}", "NL", 90, "", "", ""] for n in range(1, 31)]
    desk.sheets.put(desk.book, [HEADER, *rows, anchor_row()])
    desk.start()
    anna = desk.person()
    desk.telegram.send(anna, "/take site1 30")
    until(lambda: desk.telegram.messages(anna) and desk.telegram.messages(anna)[-1]["document"])
    *texts, _ = desk.telegram.texts(anna)
    assert len(texts) > 30 * 500 // LIMIT
    assert max(map(len, texts)) <= LIMIT
    assert sorted(str(row[0]) for row in rows) == sorted(desk.given(anna))
    desk.check_promises("site1", [anna])


SENDS: dict[str, Json] = {
    "a connection that breaks": {"kind": "reset", "path": "sendMessage", "times": 1},
    "an answer cut off": {"kind": "cut", "path": "sendMessage", "times": 1},
    "a page of HTML": {"kind": "html", "path": "sendMessage", "times": 1},
    "500 for a while": {"kind": "status", "status": 500, "path": "sendMessage", "times": 2},
}


@pytest.mark.parametrize("trouble", SENDS)
def test_sending(running: ProcessDesk, anna: Person, trouble: str) -> None:
    """The answer arrives, at most twice and under one number; the proxies are taken once."""
    site = running.site()
    running.telegram.strike(SENDS[trouble])
    running.telegram.send(anna.id, f"/take {site} 2")
    until(lambda: running.given(anna.id))
    running.come_to_rest()
    assert SENDS[trouble]["times"] == running.telegram.struck()
    answers = [text for text in running.telegram.texts(anna.id) if CANARY in text]
    assert len(answers) <= 2
    assert 1 == len({request_number(text) for text in answers})
    running.check_promises(site, [anna.id])
    assert 2 == len(running.issued(site))
