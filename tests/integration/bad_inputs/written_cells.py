"""What people write into the sheet. Each case is one cell of row 4; the rows around it are in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bad_inputs.promises import Promise

Cell = str | int | float | bool

NO_ADDRESS = "no host:port found: write host:port:user:pass"
CONTROL = "the cell holds a line break or another control character"
NO_PASSWORD = "a user without a password: write host:port:user:pass"
NO_USER = "a password without a user: write user:pass@host:port"
NO_HOST = "the host name has letters it cannot have"
NO_PORT = "the port must be 1 to 65535"
NO_IPV6 = "the address in brackets is no IPv6 address"
NO_PROTOCOL = "unknown protocol (use one of http, https, socks4, socks5, socks5h)"
TWO_WAYS = "it can be read in two ways: write http://user:pass@host:port"
EMPTY = "the cell is empty"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A proxy cell that is none, and the reason given for its row. Every `canary` in it is a secret."""

    cell: Cell
    reason: str


@dataclass(frozen=True, slots=True)
class Readable:
    """A proxy cell that looks odd, and the line in which its proxy is handed out."""

    cell: Cell
    line: str


@dataclass(frozen=True, slots=True)
class Lasting:
    """An expiry cell, and what is said of it; None: its proxy is not handed out any more."""

    cell: Cell
    says: str | None


@dataclass(frozen=True, slots=True)
class Marked:
    """A `used_for` cell, and some of the names that it marks as used."""

    cell: Cell
    names: tuple[str, ...] = ()


UNREADABLE = tuple(
    Unreadable(cell, reason)
    for cell, reason in (
        ("canary", NO_ADDRESS),
        ("canary:", NO_ADDRESS),
        (":8080:anna:canary", NO_ADDRESS),
        ("10.9.9.9", NO_ADDRESS),
        ("10.9.9.9:", NO_ADDRESS),
        ("10.9.9.9:port:anna:canary", NO_ADDRESS),
        ("10.9.9.9:8080x:anna:canary", NO_ADDRESS),
        ("10.9.9.9:-1:anna:canary", NO_ADDRESS),
        ("10.9.9.9:80.5:anna:canary", NO_ADDRESS),
        ("10.9.9.9:٨٠:anna:canary", NO_ADDRESS),
        ("10.9.9.9:8080000:anna:canary", NO_ADDRESS),
        ("10.9.9.9 8080 anna canary", NO_ADDRESS),
        ("10.9.9.9;8080;anna;canary", NO_ADDRESS),
        ("10.9.9.9|8080|anna|canary", NO_ADDRESS),
        ("anna:canary@10.9.9.9", NO_ADDRESS),
        ("http://10.9.9.9/anna:canary", NO_ADDRESS),
        ("2001:db8::1:8080:anna:canary", NO_ADDRESS),
        ("10.9.9.9:0:anna:canary", NO_PORT),
        ("10.9.9.9:70000:anna:canary", NO_PORT),
        ("10.9.9.9:99999", NO_PORT),
        ("10.9.9.9:00000:anna:canary", NO_PORT),
        ("10.9.9.9:8080:anna", NO_PASSWORD),
        ("10.9.9.9:8080:", NO_PASSWORD),
        ("10.9.9.9:8080::canary", NO_PASSWORD),
        (":canary@10.9.9.9:8080", NO_USER),
        ("10.9.9.9:8080:anna:canary@10.9.9.8:80", TWO_WAYS),
        ("a_b!c:8080:anna:canary", NO_HOST),
        ("<b>host</b>:8080:anna:canary", NO_ADDRESS),
        ("ho st:8080:anna:canary", NO_ADDRESS),
        ("-host:8080:anna:canary", NO_HOST),
        ("host..example:8080:anna:canary", NO_HOST),
        ("хост.рф:8080:anna:canary", NO_HOST),
        ("[2001:db8::zz]:8080:anna:canary", NO_ADDRESS),
        ("[1.2.3]:8080:anna:canary", NO_IPV6),
        ("[:::]:8080:anna:canary", NO_IPV6),
        ("[2001:db8::1:8080:anna:canary", NO_ADDRESS),
        ("ftp://anna:canary@10.9.9.9:8080", NO_PROTOCOL),
        ("javascript://anna:canary@10.9.9.9:8080", NO_PROTOCOL),
        ("vless://canary@10.9.9.9:443", NO_PROTOCOL),
        ("10.9.9.9:8080:anna:can\nary", CONTROL),
        ("10.9.9.9:8080:anna:canary\n10.9.9.8:8080:boris:canary", CONTROL),
        ("10.9.9.9:8080:anna:can\x00ary", CONTROL),
        ("10.9.9.9:8080:an\u2028na:canary", CONTROL),
        ("\u200b\ufeff\u2060", EMPTY),
        ("#REF!", NO_ADDRESS),
        ("#N/A", NO_ADDRESS),
        ('=IMPORTXML("http://canary.example")', NO_ADDRESS),
        ("=1+1", NO_ADDRESS),
        ("'; DROP TABLE canary; --", NO_ADDRESS),
        ("🙂", NO_ADDRESS),
        (8080, NO_ADDRESS),
        (10.5, NO_ADDRESS),
        (True, NO_ADDRESS),
        ("canary" * 8333, NO_ADDRESS),
        ("10.9.9.9:8080:" + ":" * 40_000, NO_PASSWORD),
        ("@" * 50_000, NO_ADDRESS),
    )
)

READABLE = tuple(
    Readable(cell, line)
    for cell, line in (
        ("10.9.9.9:8080", "10.9.9.9:8080"),
        ("10.9.9.9:8080:anna:canary", "10.9.9.9:8080:anna:canary"),
        ("  10.9.9.9:8080:anna:canary  ", "10.9.9.9:8080:anna:canary"),
        ("\ufeff10.9.9.9:8080:anna:canary", "10.9.9.9:8080:anna:canary"),
        ("\u00a010.9.9.9:8080:anna:canary\u00a0", "10.9.9.9:8080:anna:canary"),
        ("10.9.9.9:8080:anna:canary\n", "10.9.9.9:8080:anna:canary"),
        ("10.9.9.9：8080：anna：canary", "10.9.9.9:8080:anna:canary"),
        ("10.9.9.9:8080:anna:can:ary:", "10.9.9.9:8080:anna:can:ary:"),
        ("10.9.9.9:8080:anna:c@nary", "10.9.9.9:8080:anna:c@nary"),
        ("10.9.9.9:8080:anna:<b>&amp;", "10.9.9.9:8080:anna:<b>&amp;"),
        ("10.9.9.9:8080:anna:=1+1", "10.9.9.9:8080:anna:=1+1"),
        ("10.9.9.9:8080:anna:*_`[x](y)", "10.9.9.9:8080:anna:*_`[x](y)"),
        ("10.9.9.9:8080:anna:пароль🙂", "10.9.9.9:8080:anna:пароль🙂"),
        ("10.9.9.9:08080:anna:canary", "10.9.9.9:8080:anna:canary"),
        ("anna:canary@10.9.9.9:8080", "10.9.9.9:8080:anna:canary"),
        ("http://u:p@h:1", "h:1:u:p"),
        ("HTTP://anna:canary@10.9.9.9:8080/", "10.9.9.9:8080:anna:canary"),
        ("socks5://anna:canary@10.9.9.9:1080", "10.9.9.9:1080:anna:canary"),
        ("http://anna:c:a:n@ary@10.9.9.9:8080", "10.9.9.9:8080:anna:c:a:n@ary"),
        ("PROXY.Example.ORG:8080:anna:canary", "proxy.example.org:8080:anna:canary"),
        ("[2001:DB8::1]:8080:anna:canary", "[2001:db8::1]:8080:anna:canary"),
        ("[2001:db8:0:0:0:0:0:1]:8080", "[2001:db8::1]:8080"),
        ("10.9.9.9:65535:anna:canary", "10.9.9.9:65535:anna:canary"),
        ("localhost:1", "localhost:1"),
    )
)

EXPIRY = tuple(
    Lasting(cell, says)
    for cell, says in (
        ("", "expiry unknown"),
        ("soon", "expiry unknown"),
        ("#REF!", "expiry unknown"),
        ("#N/A", "expiry unknown"),
        ("=TODAY()", "expiry unknown"),
        ("1.000,5", "expiry unknown"),
        ("1,5", "expiry unknown"),
        ("12 weeks", "expiry unknown"),
        ("٣", "expiry unknown"),
        ("NaN", "expiry unknown"),
        ("1e9", "expiry unknown"),
        ("1" + "0" * 400, "expiry unknown"),
        ("2027-13-45", "expiry unknown"),
        ("31/02/2027", "expiry unknown"),
        ("0000-00-00", "expiry unknown"),
        ("tomorrow", "expiry unknown"),
        ("-", "expiry unknown"),
        ("<b>12</b>", "expiry unknown"),
        ("12\n13", "expiry unknown"),
        (True, "expiry unknown"),
        (1e300, "expiry unknown"),
        (-1e300, "expiry unknown"),
        (250_000, "expiry unknown"),
        ("x" * 50_000, "expiry unknown"),
        (12, "12 days"),
        (12.9, "12 days"),
        (0, "today is the last day"),
        ("0", "today is the last day"),
        (" 12 days ", "12 days"),
        ("12,0", "12 days"),
        ("+12", "12 days"),
        ("1", "1 day"),
        (-1, None),
        ("-3", None),
        (-0.5, None),
        ("2001-01-01", None),
        ("1.1.2001", None),
        ("Jan 1, 2001", None),
        (36526, None),
    )
)

LONG = ", ".join(f"site{number}" for number in range(1200))

USED_FOR = tuple(
    Marked(cell, names)
    for cell, names in (
        ("avito,", ("avito",)),
        (",,avito,,", ("avito",)),
        ("avito;tinder", ("avito", "tinder")),
        ("avito\ntinder", ("avito", "tinder")),
        ("  AVITO  ,\tTinder ", ("avito", "tinder")),
        ("ａｖｉｔｏ", ("avito",)),
        ("avito, avito, avito", ("avito",)),
        ("avito/tinder", ("avito/tinder",)),
        ("avito (Anna, since May)", ("avito (anna",)),
        ('=HYPERLINK("http://x", "avito")', ()),
        ("=1+1", ()),
        ("+49 123, avito", ("avito",)),
        ("@avito", ()),
        ("-", ()),
        ("<b>avito</b>, tinder", ("tinder",)),
        ("<script>alert(1)</script>", ()),
        ("&lt;avito&gt;", ()),
        ("**avito**, _tinder_, `x`", ()),
        ("[avito](http://x)", ()),
        ("avito #k3f9x2qa", ()),
        ("#REF!", ()),
        ("'avito", ()),
        ('"avito"', ()),
        ("avito\u200b", ()),
        ("\u202eotiva", ()),
        ("🙂, avito", ("avito",)),
        ("a\x0bb, avito", ("avito",)),
        (LONG, ("site0", "site1199")),
        ("x" * 50_000, ()),
        (",;\n" * 3000, ()),
        (5, ("5",)),
        (1.5, ("1.5",)),
        (True, ("true",)),
        ("", ()),
    )
)
ISSUED = (
    "avito by hand",
    "avito @boris 2020-01-01",
    "avito @boris 2020-01-01 #zzzzzzz9",
    "#aaaaaaa9",
    "=1+1",
    "<b>avito</b>",
    "*avito*, _tinder_",
    "see note: ask Anna (!)",
    "avito, tinder",
    "🙂",
    "x" * 10_000,
)


def names_of(table: tuple[Unreadable | Readable | Lasting | Marked, ...]) -> Iterator[str]:
    """How the cases of a table are told from each other."""
    for case in table:
        yield f"{ascii(case.cell)[:48]} ({len(str(case.cell))})"


PROMISES = (
    (Promise.UNREADABLE_PROXY, UNREADABLE),
    (Promise.ODD_BUT_READABLE, READABLE),
    (Promise.EXPIRY, EXPIRY),
    (Promise.LEFT_AS_IT_WAS, USED_FOR),
    (Promise.LEFT_AS_IT_WAS, ISSUED),
)
