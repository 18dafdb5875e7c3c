"""What people read when a setting is wrong: the exact line for each mistake, all of them at once."""

import json
from pathlib import Path

import pytest
from key_support import ACCOUNT, PRIVATE_KEY

from bot.settings import SettingProblem, SettingsError, load_settings

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"
SHEET_ID = "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"
DAMAGED = "names a file whose private_key is damaged: download a new key from Google Cloud"

A_TTL = "a duration such as 300, 300s, 5m or 1h, from 1s to 24h"
A_RATE = "a whole number from 1 to 300"
NAMES = "one or more header names, comma-separated"
EXPECTED = {
    "BOT_TOKEN": "a token like 123456789:ABCdef…, as @BotFather gives it, without quotes",
    "TELEGRAM_API_URL": "an address such as https://api.telegram.org, with no /bot at its end",
    "ADMIN_IDS": "user ids such as 1234567, 7654321 (numbers, not @names)",
    "ALLOWED_IDS": "user ids such as 1234567, 7654321 (numbers, not @names)",
    "SHEET_ID": "the sheet's address, https://docs.google.com/spreadsheets/d/…, or the id in it",
    "SHEET_TAB": "a text",
    "GOOGLE_SERVICE_ACCOUNT": "the path of the JSON key file of a Google service account",
    "SHEETS_API_URL": "an address such as https://sheets.googleapis.com, with no /v4 at its end",
    "SHEET_READS_PER_MINUTE": A_RATE,
    "SHEET_WRITES_PER_MINUTE": A_RATE,
    "SHEET_CACHE_TTL": "a duration such as 300, 300s, 5m or 1h, from 0.1s to 1h",
    "SHEET_CALL_TIMEOUT": "a duration such as 300, 300s, 5m or 1h, from 0.1s to 3m",
    "SHEET_COLUMN_ISSUED": NAMES,
    "SHEET_COLUMN_NOTE": NAMES,
    "RESERVATION_TTL": A_TTL,
    "TIMEZONE": "a time zone such as UTC or Europe/Berlin",
    "DATA_DIR": "the path of a folder",
    "DATABASE_URL": "sqlite:///path/to/file.db",
    "SECRET_KEY": "Fernet keys (44 characters each, the last a =), comma-separated",
    "LOG_LEVEL": "one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
    "LOG_FORMAT": "one of console, json",
    "LOG_FILE": "the path of a file",
}
PUBLISHED = "https://docs.google.com/spreadsheets/d/e/2PACX-1/pubhtml"
PASTED_KEY = json.dumps({"private_key": "-----BEGIN PRIVATE KEY-----\nMIIE"})
NOT_HTTP = "is not an http:// or https:// address"
TOO_MUCH = "holds more than a scheme, a host, a port and a path"
NO_SHEET = "is not the id or address of a Google Sheet"
NO_ZONE = "is not a known time zone"
NOT_SQLITE = "is not an SQLite address, and SQLite is all there is so far"
IN_MEMORY = "names no file, and what is promised has to outlive a restart"


@pytest.fixture
def required(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "key.json").write_text(json.dumps(ACCOUNT))
    return {
        "BOT_TOKEN": TOKEN,
        "ADMIN_IDS": "1001",
        "SHEET_ID": SHEET_ID,
        "GOOGLE_SERVICE_ACCOUNT": str(tmp_path / "key.json"),
    }


def problems(environ: dict[str, str], file: Path | None = None) -> tuple[SettingProblem, ...]:
    with pytest.raises(SettingsError) as caught:
        load_settings(environ, file)
    return caught.value.problems


@pytest.mark.parametrize(
    ("name", "value", "problem", "shown"),
    [
        ("BOT_TOKEN", f'"{TOKEN}"', "is wrapped in quotes", '"1***1"'),
        ("BOT_TOKEN", f"'{TOKEN}'", "is wrapped in quotes", "'1***1'"),
        ("BOT_TOKEN", f"{TOKEN} ", "has a blank at its end", "12***1 "),
        ("BOT_TOKEN", f"{TOKEN}\n", "has a blank at its end", "12***1?"),
        ("BOT_TOKEN", f" {TOKEN}", "has a blank at its start", " 1***w1"),
        ("BOT_TOKEN", TOKEN.replace("T", " "), "holds a blank", "12***w1"),
        ("BOT_TOKEN", "123456:ABC", "is not a bot token", "***"),
        ("BOT_TOKEN", f"bot{TOKEN}", "is not a bot token", "bo***w1"),
        ("BOT_TOKEN", "1" * 12, "is not a bot token", "11***11"),
        ("BOT_TOKEN", SHEET_ID, "looks like the value of SHEET_ID", "1B***ms"),
        ("TELEGRAM_API_URL", "api.telegram.org", NOT_HTTP, "api.telegram.org"),
        ("TELEGRAM_API_URL", "ftp://h", NOT_HTTP, "ftp://h"),
        ("TELEGRAM_API_URL", "https://h/bot", "has /bot in it", "https://h/bot"),
        ("TELEGRAM_API_URL", f"https://h/bot{TOKEN}", "has /bot in it", "https://h/bot123456789:***"),
        ("TELEGRAM_API_URL", "http://h:99999", "is not an address", "http://h:99999"),
        ("TELEGRAM_API_URL", "http://h:0", "is not an address", "http://h:0"),
        ("TELEGRAM_API_URL", "http://[::1", "is not an address", "http://[::1"),
        ("TELEGRAM_API_URL", "http://a b", "is not an address", "http://a b"),
        ("TELEGRAM_API_URL", "http://me:hunter2@h", TOO_MUCH, "http://***@h"),
        ("SHEETS_API_URL", "http://h/v4/spreadsheets", "has /v4 in it", "http://h/v4/spreadsheets"),
        ("SHEETS_API_URL", "http://h?a=b", TOO_MUCH, "http://h?a=b"),
        ("ADMIN_IDS", "@anna", "has a wrong entry, number 1", "@anna"),
        ("ADMIN_IDS", "1, -2", "has a wrong entry, number 2", "1, -2"),
        ("ADMIN_IDS", "1;2", "has a wrong entry, number 1", "1;2"),
        ("ADMIN_IDS", "٣", "has a wrong entry, number 1", "٣"),
        ("ADMIN_IDS", "0", "has a wrong entry, number 1", "0"),
        ("ADMIN_IDS", ",", "names nobody", ","),
        ("ADMIN_IDS", TOKEN, "has a wrong entry, number 1", "123456789:***"),
        ("ALLOWED_IDS", "[1, 2]", "has a wrong entry, number 1", "[1, 2]"),
        ("SHEET_ID", TOKEN, "looks like the value of BOT_TOKEN", "123456789:***"),
        ("SHEET_ID", "My proxies", NO_SHEET, "My proxies"),
        ("SHEET_ID", "https://example.com/", NO_SHEET, "https://example.com/"),
        (
            "SHEET_ID",
            PUBLISHED,
            "is the address of a published copy, which cannot be written to",
            "https://docs.google.com/spreadsheets/d/…",
        ),
        ("SHEET_TAB", "\udcff", "is not UTF-8 text", "?"),
        ("SHEET_TAB", "'Proxies'", "is wrapped in quotes", "'Proxies'"),
        ("SHEET_READS_PER_MINUTE", "0", "is too small", "0"),
        ("SHEET_READS_PER_MINUTE", "301", "is too large", "301"),
        ("SHEET_READS_PER_MINUTE", "9" * 5000, "is too large", "9" * 39 + "…"),
        ("SHEET_WRITES_PER_MINUTE", "-1", "is too small", "-1"),
        ("SHEET_WRITES_PER_MINUTE", "1.5", "is not a whole number", "1.5"),
        ("SHEET_WRITES_PER_MINUTE", "yes please", "is not a whole number", "yes please"),
        ("SHEET_CACHE_TTL", "0", "is too small", "0"),
        ("SHEET_CACHE_TTL", "a\nb", "is not a duration", "a?b"),
        ("SHEET_CALL_TIMEOUT", "1h", "is too large", "1h"),
        ("SHEET_COLUMN_NOTE", " , ", "holds no name", " , "),
        ("SHEET_COLUMN_ISSUED", "Proxy", "shares a header with SHEET_COLUMN_PROXY", "Proxy"),
        ("RESERVATION_TTL", "5 minutes", "is not a duration", "5 minutes"),
        ("RESERVATION_TTL", "-5", "is not a duration", "-5"),
        ("RESERVATION_TTL", "1e3", "is not a duration", "1e3"),
        ("RESERVATION_TTL", "nan", "is not a duration", "nan"),
        ("RESERVATION_TTL", "25h", "is too large", "25h"),
        ("TIMEZONE", "Europe", NO_ZONE, "Europe"),
        ("TIMEZONE", "../etc/passwd", NO_ZONE, "../etc/passwd"),
        ("DATABASE_URL", "postgresql://me:hunter2@db/q", NOT_SQLITE, "po***/q"),
        ("DATABASE_URL", "sqlite://", "is not the address of an SQLite file", "***"),
        ("DATABASE_URL", "sqlite+pysqlite:///q.db", "is not the address of an SQLite file", "sq***db"),
        ("DATABASE_URL", "sqlite:///:memory:", IN_MEMORY, "sq***y:"),
        ("SECRET_KEY", "hunter2", "has a wrong key, number 1", "***"),
        ("SECRET_KEY", f"{'A' * 43}=,{'B' * 43}", "has a wrong key, number 2", "AA***BB"),
        ("LOG_LEVEL", "verbose", "is none of the 5 choices", "verbose"),
        ("LOG_FILE", "/", "names a folder", "/"),
        ("DATA_DIR", "/dev/null", "names a file", "/dev/null"),
        ("DATA_DIR", "~nobody-here", "names the home of a user who does not exist", "~nobody-here"),
        ("GOOGLE_SERVICE_ACCOUNT", "nope.json", "names a file that does not exist", "nope.json"),
        ("GOOGLE_SERVICE_ACCOUNT", "/", "names a file that cannot be read (Is a directory)", "/"),
        (
            "GOOGLE_SERVICE_ACCOUNT",
            PASTED_KEY,
            "holds the key itself: save it as a file",
            '{"private_key": "***"}',
        ),
    ],
)
def test_wrong_value(required: dict[str, str], name: str, value: str, problem: str, shown: str) -> None:
    """Each mistake has its own line: name, what is wrong, the value as it may be shown, the form expected."""
    (found,) = problems({**required, name: value})
    assert str(found) == f"{name}: {problem} (got {shown}); expected {EXPECTED[name]}"


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("BOT_TOKNE", TOKEN, "is not a setting; did you mean BOT_TOKEN?"),
        ("log_level", "INFO", "is not a setting; did you mean LOG_LEVEL?"),
        (
            "LOG_LEVEL",
            "warn",
            f"is none of the 5 choices (got warn); expected {EXPECTED['LOG_LEVEL']}; did you mean WARNING?",
        ),
        (
            "LOG_FORMAT",
            "jsn",
            "is none of the 2 choices (got jsn); expected one of console, json; did you mean json?",
        ),
        (
            "TIMEZONE",
            "europe/berln",
            f"{NO_ZONE} (got europe/berln); expected {EXPECTED['TIMEZONE']}; did you mean Europe/Berlin?",
        ),
    ],
)
def test_slip_of_the_pen(required: dict[str, str], name: str, value: str, line: str) -> None:
    """A name or value that is nearly right is answered with the right one."""
    (found,) = problems({**required, name: value})
    assert str(found) == f"{name}: {line}"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("not json", "names a file that is not JSON"),
        ("", "names a file that is not JSON"),
        ("[]", "names a file that holds no JSON object"),
        ("[" * 100_000, "names a file that is not JSON"),
        (json.dumps({"installed": {}}), "names a file without client_email, private_key, token_uri"),
        (json.dumps({**ACCOUNT, "private_key": ""}), "names a file without private_key"),
        (json.dumps({**ACCOUNT, "token_uri": 5}), "names a file without token_uri"),
        (json.dumps({**ACCOUNT, "private_key": "no key"}), DAMAGED),
        (json.dumps({**ACCOUNT, "private_key": PRIVATE_KEY[:100] + PRIVATE_KEY[110:]}), DAMAGED),
        (json.dumps({**ACCOUNT, "private_key": "\ud800"}), DAMAGED),
    ],
)
def test_wrong_key_file(required: dict[str, str], tmp_path: Path, content: str, problem: str) -> None:
    """A file that is no service account's key is told by what it lacks."""
    (tmp_path / "key.json").write_text(content)
    (found,) = problems(required)
    assert ("GOOGLE_SERVICE_ACCOUNT", problem) == (found.name, found.problem)


@pytest.mark.parametrize("value", ["x" * 5000, "/" + "a/" * 3000, "a" * 300 + ".json"])
@pytest.mark.parametrize("name", ["GOOGLE_SERVICE_ACCOUNT", "DATA_DIR", "LOG_FILE", "TIMEZONE"])
def test_path_of_any_length(required: dict[str, str], name: str, value: str) -> None:
    """A path too long for the system ends in a line, never in a trace."""
    wrong = {**required, name: value, "LOG_FORMAT": "xml"}
    assert {problem.name for problem in problems(wrong)} - {name} == {"LOG_FORMAT"}


def test_header_shared_with_a_default(required: dict[str, str]) -> None:
    """A header given to one column and another's by default is told for the second."""
    (problem,) = problems({**required, "SHEET_COLUMN_PROXY": "geo"})
    expected = f"SHEET_COLUMN_COUNTRY: shares a header with SHEET_COLUMN_PROXY; expected {NAMES}"
    assert expected == str(problem)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("REDIS_ULR=x", ["REDIS_ULR: is not a setting; expected one of the names in .env.example"]),
        ("SHEET_CASH_TTL=5", ["SHEET_CASH_TTL: is not a setting; did you mean SHEET_CACHE_TTL?"]),
        ("\n\nLOG_LEVEL", ["line 3: cannot be understood; expected NAME=value"]),
        ("# c\nLOG_LEVEL='INFO\n", ["line 2: cannot be understood; expected NAME=value"]),
        (
            "LOG_LEVEL=INFO\n\nLOG_LEVEL=DEBUG",
            ["LOG_LEVEL: is set twice in the file, in lines 1 and 3"],
        ),
    ],
)
def test_wrong_file(required: dict[str, str], tmp_path: Path, text: str, lines: list[str]) -> None:
    """In a file every unknown name is a mistake, and so is a line that sets nothing or sets anew."""
    file = tmp_path / "env"
    file.write_text(text)
    assert lines == [str(problem) for problem in problems(required, file)]


def test_unreadable_file(required: dict[str, str], tmp_path: Path) -> None:
    """A file that is binary, a folder, or asked for and absent is told like any other mistake."""
    binary = tmp_path / "b"
    binary.write_bytes(b"\xff\xfe\x00")
    assert problems(required, binary)[0].problem == "is not UTF-8 text"
    assert problems(required, tmp_path)[0].problem == "cannot be read (Is a directory)"
    asked_for = {**required, "ENV_FILE": "absent"}
    assert [str(problem) for problem in problems(asked_for, Path("absent"))] == [
        "absent: does not exist; expected a file of NAME=value lines"
    ]


def test_all_mistakes_at_once(required: dict[str, str], tmp_path: Path) -> None:
    """The text of the error has a headline and one aligned line for each mistake, whatever its kind."""
    file = tmp_path / "env"
    file.write_text("LOG_LEVL=INFO\nTIMEZONE=utc+1\n")
    wrong = {**required, "ADMIN_IDS": "", "RESERVATION_TTL": "soon", "DATA_DIR": "/dev/null"}
    with pytest.raises(SettingsError) as caught:
        load_settings(wrong, file)
    assert str(caught.value).splitlines() == [
        "5 settings need attention (in .env or the environment):",
        f"  ADMIN_IDS        is missing; expected {EXPECTED['ADMIN_IDS']}",
        f"  RESERVATION_TTL  is not a duration (got soon); expected {A_TTL}",
        f"  TIMEZONE         is not a known time zone (got utc+1); expected {EXPECTED['TIMEZONE']}",
        "  DATA_DIR         names a file (got /dev/null); expected the path of a folder",
        "  LOG_LEVL         is not a setting; did you mean LOG_LEVEL?",
    ]


def test_one_mistake_is_singular(required: dict[str, str]) -> None:
    """The headline counts."""
    error = SettingsError(problems({**required, "LOG_FORMAT": "xml"}))
    assert str(error).startswith("1 setting needs attention (in .env or the environment):\n")


def test_error_keeps_no_secret(required: dict[str, str]) -> None:
    """Neither the error nor what caused it holds a secret value, so any trace of it may be shown."""
    secret = "hunter2-hunter2-hunter2"
    with pytest.raises(SettingsError) as caught:
        load_settings({**required, "SECRET_KEY": secret}, None)
    assert secret not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
