"""Two hundred people want the last proxy at the same time."""

from __future__ import annotations

from collections import Counter

from local_world import until
from process_desk import SCARCE, ProcessDesk

CROWD = 200


def test_two_hundred_takers_of_the_last_proxy(running: ProcessDesk) -> None:
    """Exactly one gets it, everybody is answered once and clearly, and the sheet has one entry."""
    crowd = running.people(CROWD)
    running.all_send(crowd, f"/take {SCARCE}")
    until(lambda: running.telegram.calls("sendMessage") >= CROWD)
    answers = {person: running.telegram.answers(person) for person in crowd}

    assert [1] * CROWD == [len(texts) for texts in answers.values()]
    assert 1 == len(running.issued(SCARCE))
    running.check_promises(SCARCE, crowd)
    losers = [texts[0] for person, texts in answers.items() if not running.given(person)]
    assert CROWD - 1 == len(losers)
    clear = f"None is free for {SCARCE}. Nothing was taken; try again later.", "row 2: somebody was faster"
    assert [text for text in losers if not any(words in text for words in clear)] == []
    assert len(Counter(losers)) <= 2
