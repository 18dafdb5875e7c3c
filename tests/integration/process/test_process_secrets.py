"""What the bot writes holds no secret, at its most talkative and on its worst day."""

from __future__ import annotations

from local_world import until
from process_desk import ADMIN, CANARY, COMMIT_WRITE, ProcessDesk

BAD_DAY = (
    {"kind": "status", "status": 429, "path": "/v4/", "times": 1},
    {"kind": "html", "path": "/v4/", "times": 1},
    {"kind": "reset", "path": COMMIT_WRITE, "times": 1},
    {"kind": "lose_answer", "path": COMMIT_WRITE, "times": 1},
)


def test_no_secret_leaves_by_log_or_database(desk: ProcessDesk) -> None:
    """Token, passwords and keys are nowhere in log, output, database and its WAL, after faults and a kill."""
    crowd = desk.people(5)
    bot = desk.start(LOG_LEVEL="DEBUG", LOG_FILE=str(desk.folder / "bot.log"))
    desk.sheets.strike(*BAD_DAY)
    desk.telegram.strike({"kind": "status", "status": 502, "times": 2}, {"kind": "cut", "times": 2})
    desk.all_send(crowd, "/take site1 2")
    desk.telegram.send(crowd[0], f"/take {CANARY}:{CANARY}@10.0.0.1:8080")
    desk.telegram.control("POST", "raw", {"message": {"message_id": "x", "text": CANARY}})
    until(lambda: len(desk.issued("site1")) == 10)
    until(lambda: all(desk.given(person) for person in crowd))
    desk.sheets.edit(desk.book, {"kind": "cell", "cell": "F1", "value": CANARY})
    desk.telegram.send(ADMIN, "/refresh")
    desk.telegram.answers(ADMIN)
    desk.telegram.strike({"kind": "hang", "seconds": 60, "path": "sendMessage"})
    desk.telegram.send(crowd[1], "/my")
    until(lambda: desk.telegram.struck())
    bot.kill()

    written = {path.name for path in desk.folder.rglob("*") if path.is_file()}
    assert {"stderr", "stdout", "bot.log", "quartermaster.db", "quartermaster.db-wal"} <= written
    assert len(bot.lines) > 10
    assert desk.leaks() == {}


def test_a_leak_would_be_found(desk: ProcessDesk) -> None:
    """The search that stands at the end of every test here does see what it looks for."""
    leaky = desk.folder / "leaky"
    leaky.write_bytes(b"\0" + CANARY.encode() + desk.telegram.token.encode())
    assert {"leaky": ["password", "token"]} == desk.leaks()
    leaky.unlink()
