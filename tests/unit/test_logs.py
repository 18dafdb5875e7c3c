"""Logs: one shape for everybody's records, and never a secret in them."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from bot.logs import configure_logging

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Gives the process its logging back, files closed."""
    root = logging.getLogger()
    before, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    yield
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.raiseExceptions = raising
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_json_lines(stream: io.StringIO) -> None:
    """A record of ours and one of a library have the same fields, one object a line."""
    configure_logging("INFO", "json", None, secrets=(), stream=stream)
    structlog.contextvars.bind_contextvars(update=7)
    structlog.get_logger("bot.app").info("took %d proxies", 3, resource="beboo")
    logging.getLogger("aiogram").warning("slow by %d ms", 5)
    ours, theirs = map(json.loads, stream.getvalue().splitlines())
    assert ours.pop("timestamp").endswith("Z")
    assert ours == {
        "event": "took 3 proxies",
        "level": "info",
        "logger": "bot.app",
        "resource": "beboo",
        "update": 7,
    }
    assert theirs.pop("timestamp").endswith("Z")
    assert theirs == {
        "event": "slow by 5 ms",
        "level": "warning",
        "logger": "aiogram",
        "update": 7,
    }


def test_console_lines(stream: io.StringIO) -> None:
    """The console shows a line to read, without colours where no terminal is."""
    configure_logging("INFO", "console", None, secrets=(), stream=stream)
    structlog.get_logger("bot.app").info("started", sheet="demo")
    (line,) = stream.getvalue().splitlines()
    assert "[info     ] started" in line
    assert line.endswith("[bot.app] sheet=demo")
    assert "\x1b" not in line


def test_terminal_has_colours_and_no_secrets() -> None:
    """Colour codes beside a secret don't save it."""
    stream = Terminal()
    configure_logging("INFO", "console", None, secrets=["zz-given"], stream=stream)
    key = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
    for value in (
        TOKEN,
        key,
        "zz-given",
        "u:pw-S3@h.example:80",
        "h.example:80:u:pw-S3",
        "http://u:pw-S3@h:1",
    ):
        structlog.get_logger("bot").info("event", value=value)
    shown = stream.getvalue()
    assert "\x1b[" in shown
    assert [secret for secret in (TOKEN[10:], key[:30], "zz-given", "pw-S3") if secret in shown] == []


@pytest.mark.parametrize("format", ["console", "json"])
def test_traces_are_redacted(stream: io.StringIO, format: str) -> None:  # noqa: A002 (as in LOG_FORMAT)
    """A trace is logged whole but for the secrets in it, in the console without local variables."""
    configure_logging("INFO", format, None, secrets=(), stream=stream)  # type: ignore[arg-type]
    for log in (structlog.get_logger("bot").exception, logging.getLogger("lib").exception):
        try:
            _call("".join(["zz-local-", "value"]))
        except ConnectionError:
            log("call failed")
    shown = stream.getvalue()
    assert shown.count("ConnectionError: http://***@10.0.0.1:80 refused; /bot123456789:***/getMe") == 2
    assert "hunter2" not in shown
    assert "zz-local-value" not in shown


def _call(_local: str) -> None:
    raise ConnectionError(f"http://anna:hunter2@10.0.0.1:80 refused; /bot{TOKEN}/getMe")


def test_file_gets_the_same_lines(stream: io.StringIO, tmp_path: Path) -> None:
    """A log file, its folder made, is appended to and goes on when it is moved away."""
    file = tmp_path / "logs" / "bot.log"
    configure_logging("INFO", "json", file, secrets=["given-secret"], stream=stream)
    structlog.get_logger("bot").info("one given-secret")
    file.rename(tmp_path / "bot.log.1")
    structlog.get_logger("bot").info("two")
    assert (tmp_path / "bot.log.1").read_text() + file.read_text() == stream.getvalue()
    assert json.loads((tmp_path / "bot.log.1").read_text())["event"] == "one ***"


@pytest.mark.parametrize(
    ("level", "seen"),
    [("DEBUG", ["ours d", "ours i", "ours w", "lib w"]), ("WARNING", ["ours w", "lib w"]), ("ERROR", [])],
)
def test_levels(stream: io.StringIO, level: str, seen: list[str]) -> None:
    """The level holds for us; the chatter of libraries starts at warnings, whatever the level."""
    configure_logging(level, "json", None, secrets=(), stream=stream)
    structlog.get_logger("bot").debug("ours d")
    structlog.get_logger("bot").info("ours i")
    structlog.get_logger("bot").warning("ours w")
    logging.getLogger("httpx").info("lib i")
    logging.getLogger("httpx").warning("lib w")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == seen


def test_configuring_again_replaces(stream: io.StringIO, tmp_path: Path) -> None:
    """A second call leaves one handler for stderr and closes the first call's file."""
    configure_logging("INFO", "json", tmp_path / "first.log", secrets=(), stream=stream)
    configure_logging("INFO", "json", None, secrets=(), stream=stream)
    structlog.get_logger("bot").info("once")
    assert len(stream.getvalue().splitlines()) == 1
    assert (tmp_path / "first.log").read_text() == ""


def test_unloggable_record_gives_nothing_away(stream: io.StringIO) -> None:
    """A record that can't be rendered is named by its place, and its arguments aren't printed."""
    configure_logging("INFO", "json", None, secrets=(), stream=stream)
    logging.getLogger("lib").warning("%d rows", "hunter2")
    shown = stream.getvalue()
    assert shown.startswith("unloggable record from lib (")
    assert "hunter2" not in shown


def test_closed_stream_is_survived(stream: io.StringIO, capfd: pytest.CaptureFixture[str]) -> None:
    """When nothing can be written any more, the bot goes on and the record isn't printed elsewhere."""
    configure_logging("INFO", "json", None, secrets=(), stream=stream)
    stream.close()
    logging.getLogger("lib").warning("hunter2")
    assert "hunter2" not in "".join(capfd.readouterr())
