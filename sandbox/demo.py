"""The demo world: some people, and a sheet of proxies as people keep them, untidy on purpose."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle

Cell = str | int | float | bool | None

SPREADSHEET_ID = "demo-proxies"
SPREADSHEET_TITLE = "Proxies of the desk"
TAB = "Proxies"
HEADERS = ("proxy", "country", "provider", "expires", "used_for", "issued", "note")
ROWS = 150
UNREADABLE = ("ask Boris for the new ones", "198.51.100.7", "203.0.113.77:99999:desk:Kite77", "#REF!")
UNKNOWN_EXPIRIES = ("#N/A", "soon", "?", "ask provider", "#N/A", "tbd")
USES = (
    *("beboo", "avito", "beboo", "tinder", "beboo, avito", "avito,beboo", "beboo, avito, tinder", "Beboo"),
    *("avito, tinder", "tinder, beboo"),
)
COUNTRIES = ("DE", "NL", "US", "PL", "FR", "GB", "FI", "ES", "CZ", "KZ")
PROVIDERS = ("NorthHost", "Proxyline", "BlueRoute", "by hand", "")
NOTES = (
    "",
    "",
    "",
    "",
    "",
    "slow in the evening",
    "residential",
    "do not use for mail",
    "paid by Anna",
    "new",
)
SHEETS_DAY_ZERO = date(1899, 12, 30)
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes to the bot; `allowed` people are in ALLOWED_IDS, admins in ADMIN_IDS too."""

    id: int
    first_name: str
    username: str | None
    role: str

    @property
    def admin(self) -> bool:
        return self.role == "admin"

    @property
    def allowed(self) -> bool:
        return self.role != "stranger"


PEOPLE = (
    Person(1001, "Anna", "anna", "admin"),
    Person(1002, "Boris", "boris", "user"),
    Person(1003, "Chen", "chen", "user"),
    Person(1004, "Dora", None, "stranger"),
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One proxy before somebody has written it down."""

    host: str
    port: int
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class DemoSheet:
    """The cells, headers first, and the A1 names of those that hold a date as a serial number."""

    values: list[list[Cell]]
    date_cells: list[str]


def demo_sheet(today: date, seed: int) -> DemoSheet:
    """150 proxies around `today`: 4 unreadable lines, 3 duplicates, a third in use, some expired or unknown.

    The same `today` and `seed` give the same sheet. All addresses are from the ranges for documentation.
    """
    rng = random.Random(seed)
    proxies = _proxies(rng)
    expiries = _expiries(rng, today)
    uses = _shuffled(rng, [rng.choice(USES) for _ in range(ROWS // 3)], ROWS)
    rows: list[list[Cell]] = [
        [proxy, rng.choice(COUNTRIES), rng.choice(PROVIDERS), expiry, use, "", rng.choice(NOTES)]
        for proxy, (expiry, _), use in zip(proxies, expiries, uses, strict=True)
    ]
    column = chr(ord("A") + HEADERS.index("expires"))
    dates = [f"{column}{number}" for number, (_, is_date) in enumerate(expiries, start=2) if is_date]
    return DemoSheet([list(HEADERS), *rows], dates)


def _shuffled(rng: random.Random, some: list[str], length: int) -> list[str]:
    padded = some + [""] * (length - len(some))
    rng.shuffle(padded)
    return padded


# -- proxies ------------------------------------------------------------------------------------------------


def _proxies(rng: random.Random) -> list[str]:
    unique = ROWS - len(UNREADABLE) - 3
    spellings = cycle(_SPELLINGS)
    endpoints = [_endpoint(rng, number) for number in range(unique)]
    lines = [next(spellings)(endpoint) for endpoint in endpoints]
    lines += [_colons(endpoint) for endpoint in rng.sample(endpoints, 3)]
    lines += UNREADABLE
    rng.shuffle(lines)
    return lines


def _endpoint(rng: random.Random, number: int) -> Endpoint:
    if number % 12 == 11:
        host = f"[2001:db8::{number:x}]"
    else:
        host = f"{('192.0.2', '198.51.100', '203.0.113')[number % 3]}.{10 + number}"
    password = "".join(rng.choices(_ALPHABET, k=9))
    if number % 10 == 4:
        password = f"{password[:4]}:{password[4:]}"
    port = rng.choice((1080, 3128, 8000, 8080, 8888, 24_532))
    return Endpoint(host, port, f"desk{rng.randrange(100, 999)}", password)


def _colons(proxy: Endpoint) -> str:
    return f"{proxy.host}:{proxy.port}:{proxy.user}:{proxy.password}"


def _at_sign(proxy: Endpoint) -> str:
    return f"{proxy.user}:{proxy.password}@{proxy.host}:{proxy.port}"


def _http(proxy: Endpoint) -> str:
    return f"http://{_at_sign(proxy)}"


def _socks(proxy: Endpoint) -> str:
    return f"socks5://{_at_sign(proxy)}"


_SPELLINGS: tuple[Callable[[Endpoint], str], ...] = (
    _colons,
    _colons,
    _at_sign,
    _http,
    _colons,
    _socks,
    _colons,
)


# -- expiry dates -------------------------------------------------------------------------------------------


def _expiries(rng: random.Random, today: date) -> list[tuple[Cell, bool]]:
    """Each row's expiry as somebody wrote it, and whether it is a serial number shown as a date."""
    expired = [today - timedelta(days=rng.randrange(1, 20)) for _ in range(12)]
    days_left = [rng.randrange(5, 60) for _ in range(6)]
    known = ROWS - len(expired) - len(days_left) - len(UNKNOWN_EXPIRIES)
    coming = [today + timedelta(days=rng.randrange(0, 120)) for _ in range(known)]
    cells: list[tuple[Cell, bool]] = [_written(day, rng) for day in (*expired, *coming)]
    cells += [(days, False) for days in days_left]
    cells += [(text, False) for text in UNKNOWN_EXPIRIES]
    rng.shuffle(cells)
    return cells


def _written(day: date, rng: random.Random) -> tuple[Cell, bool]:
    hand = rng.random()
    if hand < 0.6:
        return (day - SHEETS_DAY_ZERO).days, True
    if hand < 0.8:
        return day.isoformat(), False
    return f"{day:%d.%m.%Y}", False
