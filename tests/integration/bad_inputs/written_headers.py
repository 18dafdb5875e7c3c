"""First rows of sheets: those that do, however odd they look, and those in which something is missing."""

from __future__ import annotations

from dataclasses import dataclass

from bad_inputs.promises import Promise

Cell = str | int | bool

FULL = (
    ("proxy", "proxy"),
    ("country", "country"),
    ("days_left", "days_left"),
    ("used_for", "used_for"),
    ("note", "note"),
    ("issued", "issued"),
)


@dataclass(frozen=True, slots=True)
class Header:
    """Row 1: each cell, and what the cells below it hold (empty: something that is none of our business).

    `missing`: how the columns are named that are needed and not there, in a sheet that had all of them before.
    """

    name: str
    columns: tuple[tuple[Cell, str], ...]
    missing: tuple[str, ...] = ()


def _renamed(**names: Cell) -> tuple[tuple[Cell, str], ...]:
    return tuple((names.get(field, name), field) for name, field in FULL)


def _without(*fields: str) -> tuple[tuple[Cell, str], ...]:
    return tuple((name, field) for name, field in FULL if field not in fields)


GOOD = (
    Header("as it should be", FULL),
    Header("the other way round", FULL[::-1]),
    Header(
        "in capitals", _renamed(proxy="PROXY", used_for="USED_FOR", issued="Issued", days_left="Days_Left")
    ),
    Header("with spaces", _renamed(proxy="  proxy ", used_for=" Used  For", issued="issued\t")),
    Header("with line breaks", _renamed(proxy="proxy\n", used_for="used\nfor", days_left="days\nleft")),
    Header("with spaces that do not break", _renamed(proxy="\u00a0proxy", used_for="used\u00a0for")),
    Header("in full width", _renamed(proxy="ｐｒｏｘｙ", issued="ＩＳＳＵＥＤ")),
    Header("under other names", _renamed(proxy="Address", used_for="Usage", country="Geo", note="Comment")),
    Header("with a date", (*_without("days_left"), ("Valid until", "expires"))),
    Header("with a date and a number", (*FULL, ("expires", "expires"))),
    Header("without what is optional", _without("country", "note")),
    Header("proxy twice, the first counts", (*FULL, ("proxy", ""))),
    Header("issued twice, the first counts", (*FULL, ("ISSUED", ""))),
    Header("used_for under two names", (*FULL, ("usage", ""))),
    Header("merged cells leave gaps", (("", ""), *FULL[:3], ("", ""), ("", ""), *FULL[3:])),
    Header("two hundred columns", (*((f"column {number}", "") for number in range(200)), *FULL)),
    Header("numbers and formulas between", ((2026, ""), (True, ""), ("=A1", ""), ("#REF!", ""), *FULL)),
    Header("markup between", (("<b>proxy</b>", ""), ("*issued*", ""), *FULL)),
    Header("a header of 50,000 characters", (*FULL, ("x" * 50_000, ""))),
)
BAD = (
    Header("nothing at all", (), ("“proxy”", "“used_for”", "“issued”", "“expires or days_left”")),
    Header("no proxy", _without("proxy"), ("“proxy”",)),
    Header("no used_for", _without("used_for"), ("“used_for”",)),
    Header("no expiry", _without("days_left"), ("“expires or days_left”",)),
    Header("no column of ours any more", _without("issued"), ("“issued”",)),
    Header("nothing but the proxy", (FULL[0],), ("“used_for”", "“issued”", "“expires or days_left”")),
    Header("a misspelt one", _renamed(proxy="prox"), ("“proxy”",)),
    Header("a hidden letter", _renamed(proxy="pro\u200bxy"), ("“proxy”",)),
    Header("a Cyrillic letter", _renamed(proxy="рroxy"), ("“proxy”",)),
    Header("in markup", _renamed(proxy="<b>proxy</b>"), ("“proxy”",)),
    Header("two names in one cell", _renamed(proxy="proxy, country"), ("“proxy”",)),
    Header("a number", _renamed(proxy=1), ("“proxy”",)),
    Header("a proxy in row 1", (("10.9.9.9:8080:anna:canary", "proxy"), *FULL[1:]), ("“proxy”",)),
)
PROMISES = ((Promise.HEADERS, (*GOOD, *BAD)),)
