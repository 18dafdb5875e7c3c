"""Redaction: which texts lose what, that no given secret survives, and that hostile texts cost little."""

import json
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.redaction import Redactor

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"
FERNET_KEY = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
FERNET_TOKEN = "gAAAAABnQF3s" + "x-_9" * 25 + "=="
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0=\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (f"token {TOKEN}.", "token 123456789:***."),
        (f"POST https://api.telegram.org/bot{TOKEN}/getMe", "POST https://api.telegram.org/bot123456789:***/getMe"),
        (f"/bot{TOKEN.replace(':', '%3A')}/getMe", "/bot123456789%3A***/getMe"),
        (f"/bot{TOKEN.replace(':', '%253a')}/getMe", "/bot123456789%253a***/getMe"),
        ("via http://anna:hunter2@10.0.0.1:8080", "via http://***@10.0.0.1:8080"),
        ("via socks5://anna:hunt@r/2@proxy.example:1080/", "via socks5://***@proxy.example:1080/"),
        ("via socks5://anna:12/34@proxy.example:1080", "via socks5://***@proxy.example:1080"),
        ("http://a:b@h1:80,http://c:d@[2001:db8::1]:81", "http://***@h1:80,http://***@[2001:db8::1]:81"),
        ("https://sometoken@github.com/x", "https://***@github.com/x"),
        ("url=postgresql://:pw@db/q", "url=postgresql://***@db/q"),
        ("proxy 10.0.0.1:8080:anna:hunter2 died", "proxy 10.0.0.1:8080:*** died"),
        ("proxy=proxy.example:8080:anna:hun:ter:2", "proxy=proxy.example:8080:***"),
        ("[2001:db8::1]:8080:anna:hunter2", "[2001:db8::1]:8080:***"),
        ("proxy anna:hunter2@10.0.0.1:8080 died", "proxy ***@10.0.0.1:8080 died"),
        ("proxy=anna:hunt@r:2@proxy.example:8080", "proxy=***@proxy.example:8080"),
        ("('anna:hunter2@[2001:db8::1]:80', 1)", "('***@[2001:db8::1]:80', 1)"),
        (f"key: {PEM}end", "key: ***\nend"),
        (json.dumps({"private_key": PEM, "id": 5}), '{"private_key": "***\\n", "id": 5}'),
        (PEM[:40], "***"),
        (PEM.replace("PRIVATE", "ENCRYPTED PRIVATE"), "***\n"),
        ("Authorization: Bearer abc.def-123456", "Authorization: Bearer ***"),
        ("'Proxy-Authorization': 'Basic YW5uYTpodW50ZXIy'", "'Proxy-Authorization': 'Basic ***'"),
        ('{"access_token": "ya29.a0AfH6_x-y.z"}', '{"access_token": "***"}'),
        (f"SECRET_KEY={FERNET_KEY}", "SECRET_KEY=***"),
        (f"row {FERNET_TOKEN}", "row ***"),
    ],
)  # fmt: skip
def test_known_kinds_of_secrets_go(text: str, redacted: str) -> None:
    """The secrets this bot meets are known by their looks; the bot's id, hosts and ports stay."""
    assert Redactor(())(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "user 1234567 took 3 proxies for beboo, request #k3f9x2qa",
        "2026-11-22T10:20:30.123456Z [info] refreshed 150 rows in 0.2 s",
        "2026-11-22T10:20:30+01:00 something",
        "10:20:30 see https://example.com/@anna?mail=a@b",
        "GET http://127.0.0.1:8092/v4/spreadsheets/demo-proxies/values/Proxies!A1:H151 200",
        "https://docs.google.com/spreadsheets/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit",
        'File "/srv/bot/app.py", line 12, in main',
        "bot/app.py:12:5: error",
        "listening on 127.0.0.1:8090 and [::1]:8090",
        "share it with bot@project.iam.gserviceaccount.com",
        "mail root@localhost:25",
    ],
)
def test_other_texts_stay(text: str) -> None:
    """Ids, hosts, times, places and addresses are what a log is read for."""
    assert Redactor(())(text) == text


@pytest.mark.parametrize(
    "written",
    ['pa"ss wörd\\', json.dumps('pa"ss wörd\\'), repr('pa"ss wörd\\'), "pa%22ss%20w%C3%B6rd%5C"],
)
def test_given_secret_goes_in_any_spelling(written: str) -> None:
    """A given secret goes plain, in JSON, as Python shows it, and percent-encoded."""
    redacted = Redactor(['pa"ss wörd\\'])(f"<{written}>")
    assert redacted.strip("<>'\"") == "***"


def test_short_secret_stays() -> None:
    """A secret of three characters would blacken ordinary words."""
    assert Redactor(["", "bot"])("the bot starts") == "the bot starts"


def test_longest_secret_goes_first() -> None:
    """Of two secrets, one the beginning of the other, nothing is left over."""
    assert Redactor(["hunter", "hunter22"])("hunter22 hunter") == "*** ***"


SECRETS = st.text(string.ascii_letters + string.digits + "-_:/@.% \"'\\äж", min_size=4, max_size=60)


@settings(deadline=None)  # the machine may be busy
@given(secrets=st.lists(SECRETS, min_size=1, max_size=4), parts=st.lists(st.text(max_size=20), min_size=2))
def test_no_given_secret_survives(secrets: list[str], parts: list[str]) -> None:
    """Wherever given secrets stand in a text, none of them can be read in the result."""
    text = "".join(part + secrets[position % len(secrets)] for position, part in enumerate(parts))
    redacted = Redactor(secrets)(text)
    assert [secret for secret in secrets if secret in redacted] == []


NAMES = st.text(string.ascii_letters + string.digits + "_-.", min_size=1, max_size=12)
PASSWORDS = st.text(string.ascii_letters + string.digits + "!$%&*+-.:;=?@^_~|#", min_size=1, max_size=20).map(
    lambda password: f"{password}S3CRET"
)
HOSTS = st.sampled_from(["10.0.0.1", "proxy.example", "localhost", "[2001:db8::1]"])
PORTS = st.integers(min_value=10, max_value=65535)
SPELLINGS = st.sampled_from(["http://{u}:{p}@{h}:{n}", "{u}:{p}@{h}:{n}", "{h}:{n}:{u}:{p}"])
FRAMES = st.sampled_from(["{}", "proxy {} died", "proxy={}", "('{}', 5)", "\x1b[35m{}\x1b[0m"])


@settings(deadline=None)  # the machine may be busy
@given(u=NAMES, p=PASSWORDS, h=HOSTS, n=PORTS, spelling=SPELLINGS, frame=FRAMES)
def test_no_proxy_password_survives(u: str, p: str, h: str, n: int, spelling: str, frame: str) -> None:
    """Whatever a proxy's credentials are and however it is spelled, they go and its host stays."""
    proxy = spelling.format(u=u, p=p, h=h, n=n)
    redacted = Redactor(())(frame.format(proxy))
    assert "S3CRET" not in redacted
    assert f"{h}:{n}" in redacted


@settings(deadline=None)  # the machine may be busy
@given(u=NAMES, p=st.text(min_size=1).map(lambda text: f"{text}S3CRET"), spelling=SPELLINGS)
def test_json_stays_json(u: str, p: str, spelling: str) -> None:
    """A redacted line of the JSON log is JSON still, and what stands beside the secret is unharmed."""
    line = json.dumps(
        {"event": spelling.format(u=u, p=p, h="proxy.example", n=8080), "rows": [1, "a"], "z": "b"}
    )
    redacted = json.loads(Redactor(())(line))
    assert (redacted["rows"], redacted["z"]) == ([1, "a"], "b")


@pytest.mark.parametrize(
    "unit",
    ["1", "://", "a://b:", "@", "u:p@", "a:b,", "a:80:", "a.", "x@h.h", "-----BEGIN PRIVATE KEY-----", "-",
     "gAAAA", "bearer ", "authorization:::", "123456:", "123456%2525", "A", ":", '"', "\\", "[::", "\x1b[", " "],
)  # fmt: skip
def test_hostile_texts_cost_linear_time(unit: str) -> None:
    """Texts made to send a pattern back and forth are read at the pace of any other."""
    text = unit * (200_000 // len(unit))
    redact = Redactor(["a-given-secret"])
    started = time.process_time()
    redact(text)
    # A fifth of a second is usual; a quadratic pattern needs minutes.
    assert time.process_time() - started < 5
