"""Settings as they are read: defaults, spellings, precedence, and what stays secret."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as st
from key_support import ACCOUNT

from bot.settings import PoolSettings, Settings, SettingsError, env_file_named_by, load_settings
from bot.settings.declared import declared

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"
KEY_A = "A" * 43 + "="
KEY_B = "B" * 43 + "="
SHEET_ID = "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms"
EXAMPLE = Path(__file__).parents[2] / ".env.example"

Load = Callable[..., Settings]


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key.json"
    path.write_text(json.dumps(ACCOUNT))
    path.chmod(0o600)
    return path


@pytest.fixture
def required(key_file: Path) -> dict[str, str]:
    return {
        "BOT_TOKEN": TOKEN,
        "ADMIN_IDS": "1001",
        "SHEET_ID": SHEET_ID,
        "GOOGLE_SERVICE_ACCOUNT": str(key_file),
    }


@pytest.fixture
def load(required: dict[str, str]) -> Load:
    return lambda **changes: load_settings({**required, **changes}, None)


def test_required_settings_are_enough(load: Load, key_file: Path) -> None:
    """Four settings start the bot; the others have defaults."""
    settings = load()
    assert settings.telegram.token.get_secret_value() == TOKEN
    assert frozenset({1001}) == settings.telegram.admin_ids
    assert frozenset() == settings.telegram.allowed_ids
    assert settings.telegram.api_url == "https://api.telegram.org"
    assert (SHEET_ID, None, key_file) == (
        settings.sheet.id,
        settings.sheet.tab,
        settings.sheet.service_account,
    )
    assert settings.sheet.api_url == "https://sheets.googleapis.com"
    assert (settings.sheet.reads_per_minute, settings.sheet.writes_per_minute) == (50, 50)
    assert (
        settings.sheet.cache_ttl,
        settings.sheet.write_horizon,
        settings.sheet.call_timeout,
    ) == (60, 200, 20)
    assert (300, ZoneInfo("UTC")) == (settings.pool.reservation_ttl, settings.pool.timezone)
    assert Path("data") == settings.storage.data_dir
    assert settings.storage.database_url == "sqlite+aiosqlite:///data/quartermaster.db"
    assert settings.storage.secret_keys == ()
    assert (settings.log.level, settings.log.format, settings.log.file) == ("INFO", "console", None)


def test_default_columns(load: Load) -> None:
    """Each column has the header names people use for it."""
    expected = {
        "proxy": ("proxy", "proxies", "address"),
        "used_for": ("used_for", "used for", "usage"),
        "issued": ("issued",),
        "expires": ("expires", "expiry", "expires_at", "valid until"),
        "days_left": ("days_left", "days left"),
        "country": ("country", "geo"),
        "note": ("note", "notes", "comment"),
    }
    assert expected == load().sheet.columns


@pytest.mark.parametrize(
    ("name", "text", "section", "attribute", "value"),
    [
        ("ADMIN_IDS", "1, 2 3,,2", "telegram", "admin_ids", frozenset({1, 2, 3})),
        ("ALLOWED_IDS", "5", "telegram", "allowed_ids", frozenset({5})),
        ("TELEGRAM_API_URL", "http://127.0.0.1:8091/", "telegram", "api_url", "http://127.0.0.1:8091"),
        ("TELEGRAM_API_URL", "https://h.org/bots", "telegram", "api_url", "https://h.org/bots"),
        ("SHEETS_API_URL", "http://[::1]:8092", "sheet", "api_url", "http://[::1]:8092"),
        ("SHEET_ID", "demo-proxies", "sheet", "id", "demo-proxies"),
        (
            "SHEET_ID",
            f"https://docs.google.com/spreadsheets/d/{SHEET_ID}/edit?gid=0#gid=0",
            "sheet",
            "id",
            SHEET_ID,
        ),
        ("SHEET_ID", f"docs.google.com/spreadsheets/u/1/d/{SHEET_ID}", "sheet", "id", SHEET_ID),
        ("SHEET_TAB", "Proxies ", "sheet", "tab", "Proxies "),
        ("SHEET_READS_PER_MINUTE", "300", "sheet", "reads_per_minute", 300),
        ("SHEET_WRITES_PER_MINUTE", " 1 ", "sheet", "writes_per_minute", 1),
        ("SHEET_COLUMN_PROXY", "Прокси,  My   IP,a", "sheet", "column_proxy", ("прокси", "my ip", "a")),
        ("SHEET_CACHE_TTL", "0.5s", "sheet", "cache_ttl", 0.5),
        ("RESERVATION_TTL", "5m", "pool", "reservation_ttl", 300),
        ("TIMEZONE", "Europe/Berlin", "pool", "timezone", ZoneInfo("Europe/Berlin")),
        ("DATABASE_URL", "sqlite:////srv/q.db", "storage", "database_url", "sqlite+aiosqlite:////srv/q.db"),
        ("DATABASE_URL", "sqlite+aiosqlite:///q.db", "storage", "database_url", "sqlite+aiosqlite:///q.db"),
        ("LOG_LEVEL", "debug", "log", "level", "DEBUG"),
        ("LOG_FORMAT", "JSON", "log", "format", "json"),
        ("LOG_FILE", "bot.log", "log", "file", Path("bot.log")),
    ],
)  # fmt: skip
def test_spellings(load: Load, name: str, text: str, section: str, attribute: str, value: object) -> None:
    """Good values are read whichever way people write them."""
    assert value == getattr(getattr(load(**{name: text}), section), attribute)


def test_database_lies_in_the_data_folder(load: Load) -> None:
    """Moving the data folder moves the database with it."""
    assert load(DATA_DIR="/srv/bot").storage.database_url == "sqlite+aiosqlite:////srv/bot/quartermaster.db"


def test_several_secret_keys(load: Load) -> None:
    """Keys keep their order: the first encrypts."""
    keys = load(SECRET_KEY=f"{KEY_A}, {KEY_B}").storage.secret_keys
    assert [key.get_secret_value() for key in keys] == [KEY_A, KEY_B]


def test_environment_beats_file(required: dict[str, str], tmp_path: Path) -> None:
    """A name set in both has the environment's value; one set empty there has the file's."""
    file = tmp_path / "env"
    file.write_text("export SHEET_TAB='From file' # a comment\nLOG_LEVEL=DEBUG\nRESERVATION_TTL=\n")
    settings = load_settings({**required, "LOG_LEVEL": "ERROR", "SHEET_TAB": " "}, file)
    assert (
        settings.log.level,
        settings.sheet.tab,
        settings.pool.reservation_ttl,
    ) == ("ERROR", "From file", 300)


def test_file_with_byte_order_mark(required: dict[str, str], tmp_path: Path) -> None:
    """A file saved by Windows' Notepad is read."""
    file = tmp_path / "env"
    file.write_bytes(b"\xef\xbb\xbfLOG_LEVEL=DEBUG\r\nLOG_FORMAT=json\r\n")
    assert (
        load_settings(required, file).log.level,
        load_settings(required, file).log.format,
    ) == ("DEBUG", "json")


def test_environment_of_other_programs_is_left_alone(load: Load) -> None:
    """Names of fields and unlike variables in the environment mean nothing to the bot."""
    assert load() == load(token="x", id="y", level="z", tab="t", LOGNAME="root", TOKEN="t", TZ="UTC")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [({}, Path(".env")), ({"ENV_FILE": "prod.env"}, Path("prod.env")), ({"ENV_FILE": ""}, None)],
)
def test_env_file_is_named_by_the_environment(environ: dict[str, str], expected: Path | None) -> None:
    """ENV_FILE names the file, and empty turns it off; `.env` is the default."""
    assert expected == env_file_named_by(environ)


def test_missing_default_file_is_no_mistake(required: dict[str, str], tmp_path: Path) -> None:
    """Everything may come from the environment."""
    assert frozenset({1001}) == load_settings(required, tmp_path / ".env").telegram.admin_ids


def test_secrets_never_show(load: Load) -> None:
    """Neither repr nor str of the settings holds a secret; `secrets()` hands them to the log."""
    settings = load(SECRET_KEY=KEY_A)
    assert settings.secrets() == (TOKEN, KEY_A)
    for shown in (repr(settings), str(settings), f"{settings.telegram}", repr(settings.storage)):
        assert TOKEN not in shown
        assert KEY_A not in shown


def test_key_file_readable_by_all_is_a_warning(load: Load, key_file: Path) -> None:
    """An open key file starts the bot all the same, with a sentence that says what to run."""
    assert load().warnings() == ()
    key_file.chmod(0o644)
    sentence = (
        f"GOOGLE_SERVICE_ACCOUNT: every user of this machine can read {key_file}; run: chmod 600 {key_file}"
    )
    assert (sentence,) == load().warnings()


def test_sections_are_built_by_attribute_name_too() -> None:
    """Code that needs one section builds it from typed values, and nobody changes it afterwards."""
    pool = PoolSettings(reservation_ttl=12.5)
    assert pool.reservation_ttl == 12.5
    with pytest.raises(ValueError, match="frozen"):
        pool.reservation_ttl = 1


@example_settings(deadline=None)  # the machine may be busy
@given(
    st.integers(min_value=1, max_value=86_400), st.sampled_from([("", 1), ("s", 1), ("M", 60), (" h", 3600)])
)
def test_durations_are_seconds(number: int, unit: tuple[str, int]) -> None:
    """Any number with any unit is that many seconds, or refused for its size only."""
    suffix, scale = unit
    read = _ttl(f"{number}{suffix}")
    assert read == (number * scale if number * scale <= 86_400 else "is too large")


@example_settings(deadline=None)  # the machine may be busy
@given(st.text(min_size=1).filter(str.strip))
def test_any_text_is_a_duration_or_a_mistake(text: str) -> None:
    """No text, however odd, does anything but become seconds within bounds or a line in the list."""
    read = _ttl(text)
    assert isinstance(read, str) or 1 <= read <= 86_400


def _ttl(text: str) -> float | str:
    """What a text for RESERVATION_TTL is read as: seconds, or the problem with it."""
    with pytest.raises(SettingsError) as caught:
        load_settings({"RESERVATION_TTL": text}, None)
    found = [p.problem for p in caught.value.problems if p.name == "RESERVATION_TTL"]
    return found[0] if found else PoolSettings.model_validate({"RESERVATION_TTL": text}).reservation_ttl


def test_nothing_heavy_is_imported() -> None:
    """A wrong `.env` is told in well under a second, as settings import nothing heavier than pydantic."""
    heavy = (
        "aiogram",
        "aiohttp",
        "sqlalchemy",
        "gspread",
        "httpx",
        "apscheduler",
        "google.auth",
        "structlog",
    )
    code = f"import sys, bot.settings; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_example_file_names_every_setting_once() -> None:
    """The example and the declared settings hold the same names."""
    names = [name for name, _ in _example()]
    assert sorted(declared()) == sorted(names)


def test_example_file_shows_the_defaults(required: dict[str, str], tmp_path: Path) -> None:
    """What stands behind a # in the example is what the bot does without it."""
    file = tmp_path / "env"
    file.write_text("".join(f"{name}={value}\n" for name, value in _example() if value))
    assert load_settings(required, None) == load_settings(required, file)


def test_example_file_copied_unchanged_lists_what_to_fill_in() -> None:
    """Whoever copies the example and starts reads the four names to fill in, and nothing else."""
    with pytest.raises(SettingsError) as caught:
        load_settings({}, EXAMPLE)
    assert [problem.name for problem in caught.value.problems] == [
        "BOT_TOKEN",
        "ADMIN_IDS",
        "SHEET_ID",
        "GOOGLE_SERVICE_ACCOUNT",
    ]
    assert all(problem.missing for problem in caught.value.problems)


def _example() -> list[tuple[str, str]]:
    return re.findall(r"^#?([A-Z_]+)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
