"""Telegram repeats itself, sends nonsense, refuses and fails while the bot runs: it goes on, and answers once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError

import pytest
from local_world import Json, call, until
from process_desk import CANARY, ProcessDesk, request_number


def test_an_update_delivered_three_times_has_one_effect(running: ProcessDesk) -> None:
    """The second and the third delivery change nothing and are not answered."""
    site, anna = running.site(), running.person()
    update = running.telegram.send(anna, f"/take {site}")["update_id"]
    running.telegram.answers(anna)
    for _ in range(2):
        running.telegram.control("POST", "redeliver", {"update_id": update})
        until(lambda: running.telegram.state()["pending"] == 0)
    running.telegram.send(anna, "/help")
    assert len(running.telegram.answers(anna, 2)) == 2
    running.check_promises(site, [anna])
    assert len(running.issued(site)) == 1


def test_an_update_that_cannot_be_decoded_is_skipped(running: ProcessDesk) -> None:
    """Who wrote before and after it is answered; the log has one line that does not quote it."""
    site, anna, boris = running.site(), *running.people(2)
    strange = {"message": {"message_id": "x", "chat": {"id": anna}, "text": CANARY}}
    running.telegram.send(anna, f"/take {site}")
    update = running.telegram.control("POST", "raw", strange)["update_id"]
    running.telegram.send(boris, f"/take {site}")
    running.telegram.answers(anna)
    running.telegram.answers(boris)
    until(lambda: running.bot.logged("update cannot be decoded", update_id=update))
    assert [1, 1] == [len(running.telegram.texts(person)) for person in (anna, boris)]
    assert 1 == len([line for line in running.bot.log if line.get("update_id") == update])


REFUSALS: dict[str, Json] = {
    "429 and asks to wait": {"kind": "status", "status": 429, "retry_after": 1, "times": 1},
    "502 for a while": {"kind": "status", "status": 502, "times": 2},
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_an_answer_that_telegram_refuses_for_now(running: ProcessDesk, refusal: str) -> None:
    """It is sent again until it arrives, and arrives once."""
    site, anna = running.site(), running.person()
    running.telegram.strike({"path": "sendMessage", **REFUSALS[refusal]})
    running.telegram.send(anna, f"/take {site}")
    [answer] = running.telegram.answers(anna)
    assert running.telegram.struck() == REFUSALS[refusal]["times"]
    assert request_number(answer)
    running.check_promises(site, [anna])


def test_an_answer_that_arrived_unheard(running: ProcessDesk) -> None:
    """It comes once more at most, with the same request number."""
    site, anna = running.site(), running.person()
    running.telegram.strike({"kind": "lose_answer", "path": "sendMessage", "times": 1})
    running.telegram.send(anna, f"/take {site}")
    first, second = running.telegram.answers(anna, 2)
    assert request_number(first) == request_number(second) != ""
    assert len(running.issued(site)) == 1


def test_polling_that_fails_for_a_while(running: ProcessDesk) -> None:
    """What was sent meanwhile is answered; the failure is told once, and its end once."""
    site, anna = running.site(), running.person()
    told = len(running.bot.logged("peer is failing", peer="telegram"))
    back = len(running.bot.logged("peer is back", peer="telegram"))
    running.telegram.strike({"kind": "status", "status": 502, "path": "getUpdates", "times": 2})
    running.telegram.send(anna, f"/take {site}")
    until(lambda: running.telegram.struck() == 2)
    boris = running.person()
    running.telegram.send(boris, f"/take {site}")
    running.telegram.answers(anna)
    running.telegram.answers(boris)
    assert told + 1 == len(running.bot.logged("peer is failing", peer="telegram"))
    until(lambda: back + 1 == len(running.bot.logged("peer is back", peer="telegram")))


def test_a_second_poller(running: ProcessDesk) -> None:
    """One line says that another bot polls with the same token; when it is gone, everything goes on."""
    anna = running.person()
    told = len(running.bot.logged("peer is failing", peer="telegram"))
    poll = f"{running.telegram.url}/bot{running.telegram.token}/getUpdates?timeout=20"
    with ThreadPoolExecutor(1) as other:
        until(lambda: running.telegram.state()["polling"])
        polling = other.submit(call, poll)
        until(lambda: told + 1 == len(running.bot.logged("peer is failing", peer="telegram")))
        with pytest.raises(HTTPError) as refused:
            polling.result()
        refused.value.close()
    running.telegram.send(anna, "/help")
    running.telegram.answers(anna)
    news = running.bot.logged("peer is failing", peer="telegram")[told:]
    assert ["only one bot instance" in record["error"] for record in news] == [True]
