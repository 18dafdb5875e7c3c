"""How proxies are written."""

from __future__ import annotations

import shlex
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.proxy import Endpoint, Proxy, parse_endpoint
from bot.models.results import Issued, Receipt
from bot.views import formats, proxies

IPV6 = Endpoint("socks5", "2001:db8::1", 1080, "", "")
words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("line", "[2001:db8::1]:1080"),
        ("url", "socks5://[2001:db8::1]:1080"),
        ("curl", "curl -x 'socks5://[2001:db8::1]:1080' https://example.org"),
        ("a form of another version", "[2001:db8::1]:1080"),
    ],
)
def test_a_proxy_without_a_login(form, text):
    """Nothing is put where the login would be; IPv6 keeps its brackets."""
    assert formats.spelled(IPV6, form) == text


@given(words, words)
def test_a_url_holds_the_login_whatever_it_is_made_of(user, password):
    """Programs that read URLs find the very same user and password; so do we."""
    user = user.replace(":", "")
    if not user:
        return
    endpoint = Endpoint("socks5", "192.0.2.7", 1080, user, password)
    read = urlsplit(formats.spelled(endpoint, "url"))

    assert (read.scheme, read.hostname, read.port) == ("socks5", "192.0.2.7", 1080)
    assert (unquote(read.username), unquote(read.password)) == (user, password)


@given(words, words)
def test_a_shell_reads_the_curl_line_as_it_is_meant(user, password):
    """No password can end its quotes."""
    endpoint = Endpoint("http", "192.0.2.7", 8080, user, password)
    assert shlex.split(formats.spelled(endpoint, "curl")) == [
        *("curl", "-x", "http://192.0.2.7:8080", "-U", f"{user}:{password}", "https://example.org")
    ]


def test_the_line_is_what_the_sheet_can_hold():
    """What people copy out of the chat can be pasted back."""
    assert parse_endpoint(formats.spelled(formats.SAMPLE, "line")) == formats.SAMPLE


def some(count: int) -> Issued:
    given = tuple(
        Proxy(row, f"key{row}", Endpoint("http", f"192.0.2.{row}", 80, "anna", "<&>"), "DE", 12)
        for row in range(2, 2 + count)
    )
    return Issued("beboo", given, (), Receipt(1042, 1, 1, 0.0))


def test_more_than_ten_come_as_a_file_as_well():
    """One a line, as the person likes them written, nothing escaped."""
    reply = proxies.issued(some(11), 0.0, "url")

    assert reply.file is not None
    assert reply.file.name == "beboo-11.txt"
    assert reply.file.content.splitlines()[0] == "http://anna:%3C%26%3E@192.0.2.2:80"
    assert len(reply.file.content.splitlines()) == 11
    assert "<code>http://anna:%3C%26%3E@192.0.2.2:80</code> · DE · 12 days" in reply.texts[0]


def test_ten_are_few_enough_for_the_chat():
    """No file is sent that nobody needs."""
    assert proxies.issued(some(10), 0.0).file is None


def test_what_the_sheet_does_not_show_yet_is_said():
    """The mode is named where it is not the usual one."""
    outcome = Issued("beboo", some(2).proxies, (), Receipt(1042, 0, 0, 0.0), pending=True)
    assert (
        "\n\nSheet pending: they are yours; the sheet follows by itself.\n"
        in proxies.issued(outcome, 0.0).texts[0]
    )


def test_the_protocol_is_named_beside_a_line_that_does_not():
    """A URL says it itself."""
    proxy = Proxy(7, "key", IPV6, "", None)
    assert proxies.proxy_line(proxy) == "<code>[2001:db8::1]:1080</code> · socks5 · expiry unknown"
    assert proxies.proxy_line(proxy, "url") == "<code>socks5://[2001:db8::1]:1080</code> · expiry unknown"
