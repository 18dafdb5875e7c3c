"""Proxies as people write them: every spelling of one is one, and what is doubtful is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.proxy import SCHEMES, Endpoint, UnreadableProxy, parse_endpoint, proxy_key

SALT = b"salt"
PLAIN = Endpoint("http", "h.example", 1080, "u", "p")

HOSTS = st.one_of(
    st.from_regex(r"([a-z0-9][a-z0-9_-]{0,9}\.){0,2}[a-z]{1,5}", fullmatch=True),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
)
LETTERS = st.characters(exclude_categories=("C", "Z"))
USERS = st.text(LETTERS.filter(lambda letter: letter not in ":@"), min_size=1, max_size=20)
PASSWORDS = st.text(LETTERS.filter(lambda letter: letter not in "@"), min_size=1, max_size=20)
ENDPOINTS = st.builds(Endpoint, st.sampled_from(SCHEMES), HOSTS, st.integers(1, 65535), USERS, PASSWORDS)


@pytest.mark.parametrize(
    "text",
    [
        "h.example:1080:u:p",
        "u:p@h.example:1080",
        "http://u:p@h.example:1080",
        "HTTP://u:p@H.Example:1080/",
        "http://h.example:1080:u:p",
        "  h.example:1080:u:p \r\n",
        "\ufeffh.example:1080:u:p",
        "\u00a0h.example:1080:u:p\u200b",
        "h.example：1080：u：p",
        "h.example:01080:u:p",
    ],
)
def test_spellings_of_one_proxy_are_one(text: str) -> None:
    """Order, scheme, case of the host, blanks, BOM, NBSP and full-width colons make no difference."""
    assert PLAIN == parse_endpoint(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("h:1", Endpoint("http", "h", 1, "", "")),
        ("h:1:u:p:q", Endpoint("http", "h", 1, "u", "p:q")),
        ("u:p:q@h:1", Endpoint("http", "h", 1, "u", "p:q")),
        ("h:1:u:p@ss", Endpoint("http", "h", 1, "u", "p@ss")),
        ("u:p@ss@h:1", Endpoint("http", "h", 1, "u", "p@ss")),
        ("h:1:u:", Endpoint("http", "h", 1, "u", "")),
        ("u@h:1", Endpoint("http", "h", 1, "u", "")),
        ("h:1:me@mail.example:p", Endpoint("http", "h", 1, "me@mail.example", "p")),
        ("[::1]:65535:u:p", Endpoint("http", "::1", 65535, "u", "p")),
        ("u:p@[2001:DB8:0::1]:1", Endpoint("http", "2001:db8::1", 1, "u", "p")),
        ("socks5h://u:p@h:1", Endpoint("socks5h", "h", 1, "u", "p")),
        ("http://h:1:u:p@q:5", Endpoint("http", "q", 5, "h", "1:u:p")),
        ("h:1:u:p/", Endpoint("http", "h", 1, "u", "p/")),
    ],
)
def test_every_form_is_understood(text: str, expected: Endpoint) -> None:
    """No login, a login on either side, IPv6 in brackets, passwords that hold the separators."""
    assert expected == parse_endpoint(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        (" \ufeff\u00a0", "empty"),
        ("h", "no host:port"),
        ("h:", "no host:port"),
        ("h:port:u:p", "no host:port"),
        ("h:0", "port"),
        ("h:70000:u:p", "port"),
        ("h:-1", "no host:port"),
        ("h:٨٠", "no host:port"),
        ("h:1:u", "without a password"),
        ("h:1::p", "without a password"),
        (":p@h:1", "without a user"),
        ("::1:80", "no host:port"),
        ("[::g]:80", "no host:port"),
        ("[1:2]:80", "IPv6"),
        ("-h:80", "host name"),
        ("h..x:80", "host name"),
        ("hôst:80", "host name"),
        ("ftp://u:p@h:1", "protocol"),
        ("http://u:p@h:1/path", "no host:port"),
        ("h:1:u:p@q:5", "two ways"),
        ("h:1:me@mail.example:12345", "two ways"),
        ("h:1:u:p\nh:2:u:p", "line break"),
        ("h:1:u:p\x00", "control character"),
        ("h:1:u:\ud800", "control character"),
        ("h:1:u:p\u2028q", "line break"),
        ("#REF!", "no host:port"),
        ("=IMPORTXML(A1)", "no host:port"),
    ],
)
def test_what_is_doubtful_is_refused(text: str, why: str) -> None:
    """A cell that is no proxy, or could be two, is unreadable for a reason that a person can act on."""
    with pytest.raises(UnreadableProxy, match=why):
        parse_endpoint(text)


@pytest.mark.parametrize("text", ["h:99999:u:secret-word", "secret-word@h:0", "ftp://u:secret-word@h:1"])
def test_a_refusal_never_quotes_the_cell(text: str) -> None:
    """The reason goes to admins and logs, the password does not."""
    with pytest.raises(UnreadableProxy) as caught:
        parse_endpoint(text)
    assert "secret-word" not in str(caught.value)


@given(st.text(st.characters(exclude_categories=())) | st.text("h.:@[]0123456789/u \n："))
def test_no_text_breaks_the_parser(text: str) -> None:
    """Any text is a proxy with a key that can be stored, or UnreadableProxy."""
    try:
        endpoint = parse_endpoint(text)
    except UnreadableProxy:
        return
    assert proxy_key(endpoint, SALT).encode()
    assert 1 <= endpoint.port <= 65535


def address_of(endpoint: Endpoint) -> str:
    return (
        f"[{endpoint.host}]:{endpoint.port}" if ":" in endpoint.host else f"{endpoint.host}:{endpoint.port}"
    )


@given(ENDPOINTS)
def test_a_url_round_trips(endpoint: Endpoint) -> None:
    """`scheme://user:pass@host:port` is read as what it was made of."""
    login = f"{endpoint.user}:{endpoint.password}"
    assert endpoint == parse_endpoint(f"{endpoint.scheme}://{login}@{address_of(endpoint)}/")


@given(ENDPOINTS)
def test_a_line_round_trips(endpoint: Endpoint) -> None:
    """What is handed out as `host:port:user:pass` is read as the same login at the same place."""
    read = parse_endpoint(endpoint.line)
    assert (endpoint.address, endpoint.user, endpoint.password) == (read.address, read.user, read.password)


@given(st.builds(Endpoint, st.just("http"), HOSTS, st.integers(1, 65535), st.just(""), st.just("")))
def test_an_open_proxy_round_trips(endpoint: Endpoint) -> None:
    """Without a login the line is the address alone."""
    assert endpoint.address == endpoint.line
    assert endpoint == parse_endpoint(endpoint.line)


def test_the_key_tells_proxies_apart_and_no_password() -> None:
    """The key depends on place, user and password, not on the scheme; the password is not in it."""
    spellings = ["h:1:u:pass-word", "socks5://u:pass-word@h:1"]
    others = ["h:1:u:other", "h:2:u:pass-word", "h:1:v:pass-word", "i:1:u:pass-word"]
    keys = {proxy_key(parse_endpoint(text), SALT) for text in spellings}
    assert len(keys) == 1
    assert keys.isdisjoint(proxy_key(parse_endpoint(text), SALT) for text in others)
    assert "pass-word" not in "".join(keys)


def test_the_key_depends_on_the_salt() -> None:
    """Two desks cannot compare their passwords by their keys."""
    endpoint = parse_endpoint("h:1:u:p")
    assert proxy_key(endpoint, b"one") != proxy_key(endpoint, b"two")
