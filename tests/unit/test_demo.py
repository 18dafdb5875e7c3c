"""The demo sheet: untidy in the ways the bot must cope with, and the same for the same day and seed."""

from collections import Counter
from datetime import date, timedelta
from ipaddress import ip_address, ip_network

import pytest

from sandbox.demo import HEADERS, PEOPLE, SHEETS_DAY_ZERO, UNKNOWN_EXPIRIES, UNREADABLE, DemoSheet, demo_sheet

TODAY = date(2026, 11, 22)
DOCUMENTATION = [
    ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]


@pytest.fixture(params=[0, 1, 7])
def sheet(request: pytest.FixtureRequest) -> DemoSheet:
    return demo_sheet(TODAY, request.param)


def column(sheet: DemoSheet, header: str) -> list[object]:
    return [row[HEADERS.index(header)] for row in sheet.values[1:]]


def endpoint(line: str) -> tuple[str, ...]:
    """Host, port, user and password of a readable line, however it is spelled."""
    bare = line.split("://")[-1]
    if "@" in bare:
        login, _, place = bare.rpartition("@")
        host, _, port = place.rpartition(":")
        return host, port, *login.split(":", 1)
    host, _, rest = bare.partition("]:") if bare.startswith("[") else bare.partition(":")
    port, user, password = rest.split(":", 2)
    return (host + "]" if bare.startswith("[") else host), port, user, password


def readable(sheet: DemoSheet) -> list[tuple[str, ...]]:
    return [endpoint(str(line)) for line in column(sheet, "proxy") if line not in UNREADABLE]


def test_headers_hold_what_the_bot_needs(sheet: DemoSheet) -> None:
    """Row 1 names the needed columns, used_for in column E; 150 rows of the same width follow."""
    assert {"proxy", "used_for", "issued", "expires", "country", "note"} <= set(HEADERS)
    assert list(HEADERS) == sheet.values[0]
    assert HEADERS.index("used_for") == 4
    assert [len(HEADERS)] * 151 == [len(row) for row in sheet.values]


def test_same_day_and_seed_give_the_same_sheet() -> None:
    """The sheet is drawn from the seed and the day only; another seed gives another one."""
    assert demo_sheet(TODAY, 3) == demo_sheet(TODAY, 3)
    assert demo_sheet(TODAY, 3) != demo_sheet(TODAY, 4)


def test_addresses_belong_to_nobody(sheet: DemoSheet) -> None:
    """Every host is in a range reserved for documentation, IPv6 ones in brackets."""
    hosts = [ip_address(host.strip("[]")) for host, *_ in readable(sheet)]
    assert all(any(host in net for net in DOCUMENTATION) for host in hosts)
    assert {4, 6} == {host.version for host in hosts}


def test_lines_are_spelled_in_many_ways(sheet: DemoSheet) -> None:
    """There are schemes, logins before the host, and passwords with a colon; 4 lines cannot be read."""
    lines = [str(line) for line in column(sheet, "proxy")]
    assert {"http", "socks5"} == {line.split("://")[0] for line in lines if "://" in line}
    assert any("@" in line and "://" not in line for line in lines)
    assert any(":" in password for *_, password in readable(sheet))
    assert sum(line in UNREADABLE for line in lines) == 4


def test_three_proxies_stand_in_two_rows(sheet: DemoSheet) -> None:
    """Three duplicates, each of another proxy."""
    assert [count for count in Counter(readable(sheet)).values() if count > 1] == [2, 2, 2]


def test_a_third_is_in_use_and_nothing_is_issued(sheet: DemoSheet) -> None:
    """50 rows are used by people; the bot's own column is empty."""
    assert sum(bool(use) for use in column(sheet, "used_for")) == 50
    assert {""} == set(column(sheet, "issued"))


def test_expiries_are_dates_in_three_spellings_numbers_or_unknown(sheet: DemoSheet) -> None:
    """Serials are marked as dates; some are over at the day given, most to come, a few unknown."""
    cells = column(sheet, "expires")
    dated = {
        f"D{number}" for number, cell in enumerate(cells, start=2) if isinstance(cell, int) and cell > 1000
    }
    assert dated == set(sheet.date_cells)
    days = [day for cell in cells if (day := written_day(cell)) is not None]
    assert sum(day < TODAY for day in days) == 12
    assert all(TODAY - timedelta(days=20) < day < TODAY + timedelta(days=120) for day in days)
    assert len(UNKNOWN_EXPIRIES) == sum(cell in UNKNOWN_EXPIRIES for cell in cells)
    assert sum(isinstance(cell, int) and cell < 1000 for cell in cells) == 6


def written_day(cell: object) -> date | None:
    if isinstance(cell, int):
        return SHEETS_DAY_ZERO + timedelta(days=cell) if cell > 1000 else None
    text = str(cell)
    if text[2:3] == ".":
        return date(int(text[6:]), int(text[3:5]), int(text[:2]))
    return date.fromisoformat(text) if text[4:5] == "-" else None


def test_one_admin_two_users_and_a_stranger() -> None:
    """The demo people are one of each kind that the bot tells apart."""
    assert [(person.id, person.admin, person.allowed) for person in PEOPLE] == [
        (1001, True, True),
        (1002, False, True),
        (1003, False, True),
        (1004, False, False),
    ]
