"""A start that cannot work ends at once with one line that names the remedy; one that can wait, waits."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable

import pytest
from local_world import until
from process_desk import COMMIT_WRITE, HEADER, ProcessDesk, proxy_rows

Spoil = Callable[[ProcessDesk], dict[str, str]]
CANNOT_START = 1
WRONG_SETTINGS = 2
READS = "Google Sheets (reads)"
DOWN = {"kind": "status", "status": 503, "path": "/v4/"}


def without_used_for(desk: ProcessDesk) -> dict[str, str]:
    """A sheet in which nobody can say what a proxy is used for."""
    usage = HEADER.index("used_for")
    rows = [row[:usage] + row[usage + 1 :] for row in [HEADER, *proxy_rows(3)]]
    desk.sheets.put(desk.book, rows)
    return {}


def not_shared(desk: ProcessDesk) -> dict[str, str]:
    """A sheet that somebody else may read."""
    desk.sheets.put(desk.book, [HEADER, *proxy_rows(3)], shared_with=["boss@example.org"])
    return {}


def unknown_sheet(desk: ProcessDesk) -> dict[str, str]:
    """A sheet id with a slip in it."""
    return {"SHEET_ID": f"{desk.book}-of-nobody"}


def unknown_tab(desk: ProcessDesk) -> dict[str, str]:
    """A tab that is called otherwise."""
    return {"SHEET_TAB": "Pools"}


def wrong_token(desk: ProcessDesk) -> dict[str, str]:
    """A token that Telegram has revoked."""
    return {"BOT_TOKEN": f"{desk.telegram.token[:-4]}AAAA"}


def service_account_of(desk: ProcessDesk) -> str:
    """The address with which the sheet is to be shared."""
    return str(json.loads(desk.world.service_account.read_text())["client_email"])


REMEDIES: list[tuple[Spoil, Callable[[ProcessDesk], str]]] = [
    (without_used_for, lambda _: "no column used_for"),
    (not_shared, service_account_of),
    (unknown_sheet, lambda _: "SHEET_ID"),
    (unknown_tab, lambda _: "'Pools', only Pool"),
    (wrong_token, lambda _: "BOT_TOKEN"),
]


@pytest.mark.parametrize(("spoil", "remedy"), REMEDIES, ids=[spoil.__name__ for spoil, _ in REMEDIES])
def test_a_start_that_cannot_work(
    desk: ProcessDesk, spoil: Spoil, remedy: Callable[[ProcessDesk], str]
) -> None:
    """Exit code 1, and a single line of complaint, which says what to do."""
    bot = desk.launch(**spoil(desk))
    assert bot.ended() == CANNOT_START
    [line] = [record for record in bot.log if record["level"] == "error"]
    assert remedy(desk) in line["event"]
    assert "exception" not in line


def test_a_second_bot_in_the_same_folder(desk: ProcessDesk) -> None:
    """It is refused in one line; the first one goes on."""
    first = desk.start()
    second = desk.launch()
    assert second.ended() == CANNOT_START
    [line] = second.log
    assert "Another process is using" in line["event"]
    assert "DATA_DIR" in line["event"]
    assert first.running


def seconds_of_children() -> float:
    """What ended children have worked on a processor."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def test_wrong_settings_are_listed_all_at_once(desk: ProcessDesk) -> None:
    """Exit code 2 after less than a second of work; each mistake has a line, and nothing is shown of the token."""
    wrong = {"BOT_TOKEN": "secretsecretsecret", "ADMIN_IDS": "anna", "SHEET_CACHE_TTL": "5 parsecs"}
    quickest = 60.0
    for _ in range(5):  # what it has worked counts: on a busy machine a start waits for others
        began = seconds_of_children()
        bot = desk.launch(**wrong, SHEET_ID="", REDIS_ULR="x", LOG_LEVL="INFO")
        assert bot.ended() == WRONG_SETTINGS
        quickest = min(quickest, seconds_of_children() - began)
        if quickest < 1:
            break
    assert 0 < quickest < 1
    listed = [line.split()[0] for line in bot.lines[1:]]
    assert {*wrong, "SHEET_ID"} <= set(listed)
    assert len(listed) == len(set(listed))
    assert "secretsecret" not in "".join(bot.lines)


def test_a_damaged_key_is_a_wrong_setting(desk: ProcessDesk) -> None:
    """Exit code 2, one line that says where to get another, no trace and nothing of the key."""
    account = json.loads(desk.world.service_account.read_text())
    damaged = desk.folder / "damaged.json"
    damaged.write_text(json.dumps({**account, "private_key": account["private_key"][:60]}))
    bot = desk.launch(GOOGLE_SERVICE_ACCOUNT=str(damaged))
    assert bot.ended() == WRONG_SETTINGS
    [head, line] = bot.lines
    assert head.startswith("1 setting needs attention")
    assert "GOOGLE_SERVICE_ACCOUNT  names a file whose private_key is damaged: download a new key" in line
    assert account["private_key"][30:60] not in line


def test_a_google_that_is_down_is_waited_for(desk: ProcessDesk) -> None:
    """The bot comes up, says that Google cannot be reached, and works as soon as it can be."""
    anna = desk.person()
    desk.sheets.strike(DOWN)
    desk.start(SHEET_CACHE_TTL="4")
    desk.telegram.send(anna, "/take site1")
    [refusal] = desk.telegram.answers(anna)
    assert refusal.startswith("Google Sheets cannot be reached; nothing was changed.")
    desk.sheets.heal()
    until(lambda: desk.bot.logged("peer is back", peer=READS))
    desk.telegram.send(anna, "/take site1")
    desk.telegram.answers(anna, 2)
    assert len(desk.issued("site1")) == 1
    desk.check_promises("site1", [anna])
    assert 1 == len(desk.bot.logged("peer is failing", peer=READS))


def test_what_was_written_before_a_kill_is_told_after_an_outage(desk: ProcessDesk) -> None:
    """Killed after the write had landed, started while Google is down: once it is back, the answer comes."""
    anna = desk.person()
    bot = desk.start()
    desk.sheets.strike({"kind": "lose_answer", "seconds": 60, "path": COMMIT_WRITE})
    desk.telegram.send(anna, "/take site1")
    until(lambda: desk.issued("site1"))
    bot.kill()
    desk.sheets.strike(DOWN)
    desk.start(SHEET_CACHE_TTL="4")
    until(lambda: desk.sheets.struck() >= 3)
    desk.sheets.heal()
    until(lambda: desk.given(anna), 12)
    desk.check_promises("site1", [anna])
    assert not any("nothing was changed" in text for text in desk.telegram.texts(anna))
