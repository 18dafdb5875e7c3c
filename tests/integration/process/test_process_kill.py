"""`kill -9` with twenty requests in hand, and the next start: one effect each, and an answer that agrees with it."""

from __future__ import annotations

from typing import Any

import pytest
from local_world import Json, until
from process_desk import COMMIT_READ, COMMIT_WRITE, WARM, ProcessDesk, request_number

CROWD = 20


def hang(path: str, **more: Any) -> Json:
    """The call is never carried out."""
    return {"kind": "hang", "seconds": 60, "path": path, **more}


def lose_answer(path: str, **more: Any) -> Json:
    """The call is carried out, and nobody hears of it."""
    return {"kind": "lose_answer", "seconds": 60, "path": path, **more}


def late(path: str) -> Json:
    """The call is carried out some seconds later, when its caller may be gone."""
    return {"kind": "late", "seconds": 5, "path": path}


# The kill comes once that many calls were struck, wherever they were.
MOMENTS: dict[str, tuple[list[Json], list[Json], int]] = {
    "in the inbox, not confirmed": ([hang("getUpdates", skip=1)], [hang(COMMIT_READ)], 2),
    "queued": ([], [hang(COMMIT_READ)], 1),
    "the write is on its way and never lands": ([], [hang(COMMIT_WRITE)], 1),
    "the write lands after the next start": ([], [late(COMMIT_WRITE)], 1),
    "the write has landed, unheard": ([], [lose_answer(COMMIT_WRITE)], 1),
    "half of the answers have arrived, unheard": (
        [lose_answer("sendMessage", times=CROWD // 2), hang("sendMessage")],
        [],
        CROWD,
    ),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_loses_nothing_and_doubles_nothing(desk: ProcessDesk, moment: str) -> None:
    """Everybody gets one proxy of their own and is told so, at most twice, under one request number."""
    on_telegram, on_sheets, struck = MOMENTS[moment]
    desk.telegram.strike(*on_telegram)
    desk.sheets.strike(*on_sheets)
    crowd = desk.people(CROWD)
    desk.all_send(crowd, "/take site1")
    bot = desk.launch(WARM)
    until(lambda: desk.telegram.struck() + desk.sheets.struck() >= struck)
    bot.kill()
    desk.telegram.heal()
    desk.sheets.heal()

    desk.start()
    answers = {person: desk.telegram.answers(person) for person in crowd}
    assert desk.bot.stop() == 0
    answers = {person: desk.telegram.texts(person) for person in crowd}
    assert CROWD == len(set(desk.issued("site1"))) == len(desk.issued("site1"))
    desk.check_promises("site1", crowd)
    assert [texts for texts in answers.values() if not 1 <= len(texts) <= 2] == []
    numbers = [{request_number(text) for text in texts} for texts in answers.values()]
    assert {len(own) for own in numbers} == {1}
    assert len(set.union(*numbers) - {""}) == CROWD
    assert {len(desk.given(person)) for person in crowd} <= {1, 2}
