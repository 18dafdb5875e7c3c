"""From the first message to credentials in the chat, with the bot as the process that people start."""

from __future__ import annotations

import re

from process_desk import CANARY, COLD, ProcessDesk


def test_five_proxies_from_the_first_message_on(desk: ProcessDesk) -> None:
    """/start greets, /take brings the five best as lines to copy, for one read and one write of the sheet."""
    desk.start(COLD, SHEET_CALL_TIMEOUT="10")
    anna = desk.person()
    desk.telegram.send(anna, "/start")
    [welcome] = desk.telegram.answers(anna)
    assert "/take" in welcome
    desk.sheets.count_anew()
    desk.telegram.send(anna, "/take site1 5")
    answer = desk.telegram.answers(anna, 2)[1]

    best = [f"10.0.0.{n}:8080:user{n}:{CANARY}{n}" for n in range(1, 6)]
    assert desk.given(anna) == best
    assert desk.issued("site1") == best
    assert re.search(r"5 proxies · rows 2–6 · request #\d+ · sheet read", answer)
    assert desk.sheets.calls(desk.book) == (1, 1)
    [message] = desk.telegram.messages(anna)[1:]
    assert [entity["type"] for entity in message["entities"]].count("code") == 5
    assert desk.bot.stop() == 0
