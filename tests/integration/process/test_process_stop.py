"""SIGTERM: what is in hand is brought to its end, exit code 0; a second one ends the bot at once."""

from __future__ import annotations

import signal
import time

from local_world import until
from process_desk import COMMIT_READ, COMMIT_WRITE, ProcessDesk, request_number

CROWD = 20


def test_sigterm_lets_what_runs_come_to_its_end(desk: ProcessDesk) -> None:
    """Twenty takes in flight at a slow sheet: all are answered once, then the exit code is 0."""
    crowd = desk.people(CROWD)
    bot = desk.start()
    desk.sheets.slow_down(600)
    desk.all_send(crowd, "/take site1")
    until(lambda: desk.telegram.calls("sendChatAction") >= CROWD)
    assert bot.stop() == 0

    assert [1] * CROWD == [len(desk.telegram.texts(person)) for person in crowd]
    desk.check_promises("site1", crowd)
    assert CROWD == len(desk.issued("site1"))


def test_a_second_sigterm_ends_it_at_once(desk: ProcessDesk) -> None:
    """Nothing is waited for any more, and the next start does what was left: once, and all of it."""
    crowd = desk.people(CROWD)
    bot = desk.start()
    desk.sheets.strike({"kind": "lose_answer", "seconds": 60, "path": COMMIT_WRITE})
    desk.all_send(crowd, "/take site1")
    until(lambda: desk.sheets.struck())
    bot.signal(signal.SIGTERM)
    until(lambda: bot.logged("the bot is stopping"))
    assert bot.running
    began = time.monotonic()
    assert bot.stop() == 0
    assert time.monotonic() - began < 2

    desk.sheets.heal()
    desk.start()
    for person in crowd:
        desk.telegram.answers(person)
    assert desk.bot.stop() == 0
    assert [1] * CROWD == [len(desk.telegram.texts(person)) for person in crowd]
    desk.check_promises("site1", crowd)
    assert CROWD == len(desk.issued("site1"))


def test_a_stop_while_google_hangs_takes_25_seconds_at_most(desk: ProcessDesk) -> None:
    """The waiting person reads that it is being checked; the next start brings the answer, and one effect."""
    anna = desk.person()
    bot = desk.start(SHEET_CALL_TIMEOUT="20")
    desk.sheets.strike({"kind": "hang", "seconds": 90, "path": COMMIT_READ})
    desk.telegram.send(anna, "/take site1 3")
    until(lambda: desk.sheets.struck())
    began = time.monotonic()
    assert bot.stop() == 0
    assert time.monotonic() - began < 25
    [progress] = desk.telegram.texts(anna)
    assert progress.startswith("Being checked: 3 proxies for site1.")

    desk.sheets.heal()
    desk.start()
    answer = desk.telegram.answers(anna, 2)[1]
    assert request_number(answer)
    assert len(desk.issued("site1")) == 3
    desk.check_promises("site1", [anna])
