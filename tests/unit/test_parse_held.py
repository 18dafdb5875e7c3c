"""The words after /release and /bad, and what they mean among what one holds."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handlers.arguments import BadArgs, BadArgument, Everything, parse_bad, parse_release
from bot.models.held import Place, Reading, Tag, at, in_order, readings
from bot.models.proxy import Endpoint, Proxy
from bot.models.results import BadReason, Held

RELEASE = "Write for example: /release 192.0.2.7, /release 3 or /release all"
BAD = "Write for example: /bad 192.0.2.7, or choose it in /my"


def held(name: str, resource: str = "beboo", days_left: int | None = 12, host: str = "") -> Held:
    endpoint = Endpoint("http", host or f"{name}.example.org", 8080, "anna", "secret")
    return Held(name, resource, Proxy(2, name, endpoint, "DE", days_left), "2026-11-22", settled=True)


def not_a_count(word: str) -> str:
    return f"“{word}” does not work here: it is 1 to 999, in digits."


@pytest.mark.parametrize(
    ("args", "meant"),
    [
        (None, None),
        ("  ", None),
        ("all", Everything()),
        ("ALL", Everything()),
        ("3", 3),
        ("007", 7),
        ("999", 999),
        ("192.0.2.7", Place("192.0.2.7")),
        ("１９２.0.2.7", Place("192.0.2.7")),
        ("192.0.2.7:8080", Place("192.0.2.7", 8080)),
        ("Proxy.Example.org", Place("proxy.example.org")),
        ("Proxy.Example.org:80", Place("proxy.example.org", 80)),
        ("192.0.2.7:8080:anna:se:cret", Place("192.0.2.7", 8080)),
        ("anna:secret@192.0.2.7:8080", Place("192.0.2.7", 8080)),
        ("socks5://anna:secret@192.0.2.7:1080", Place("192.0.2.7", 1080)),
        ("2001:DB8::1", Place("2001:db8::1")),
        ("2001:80:a:b::1", Place("2001:80:a:b::1")),
        ("[2001:db8:0::1]", Place("2001:db8::1")),
        ("[2001:db8::1]:1080", Place("2001:db8::1", 1080)),
        ("beboo", Place("beboo")),
        ("авито.рф", Place("авито.рф")),
    ],
)
def test_what_release_understands(args, meant):
    """Nothing, everything, a number, or a place, however it is written."""
    assert parse_release(args) == meant


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        ("0", not_a_count("0")),
        ("-1", not_a_count("-1")),
        ("−1", not_a_count("−1")),
        ("1.5", not_a_count("1.5")),
        ("٣", not_a_count("٣")),
        ("1e9", not_a_count("1e9")),
        ("1000", not_a_count("1000")),
        ("1" + "0" * 400, not_a_count("1" + "0" * 19 + "…")),
        ("192.0.2", not_a_count("192.0.2")),
        ("3 beboo", "Those are too many words: one host, one number or “all” is enough."),
        ("all\nall", "Those are too many words: one host, one number or “all” is enough."),
        ("x" * 1001, "That is too long to be a host."),
    ],
)
def test_what_release_refuses(args, problem):
    """What is wrong, and what to write instead."""
    with pytest.raises(BadArgument) as refused:
        parse_release(args)
    assert (refused.value.problem, refused.value.remedy) == (problem, RELEASE)


@pytest.mark.parametrize(
    ("args", "meant"),
    [
        ("192.0.2.7", BadArgs(Place("192.0.2.7"), None)),
        ("192.0.2.7:8080 dead", BadArgs(Place("192.0.2.7", 8080), BadReason.DEAD)),
        ("proxy.example.org SLOW", BadArgs(Place("proxy.example.org"), BadReason.SLOW)),
        ("2001:db8::1 other", BadArgs(Place("2001:db8::1"), BadReason.OTHER)),
    ],
)
def test_what_bad_understands(args, meant):
    """A place, and perhaps a reason."""
    assert parse_bad(args) == meant


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        (None, "Say which proxy does not work."),
        ("", "Say which proxy does not work."),
        ("3", "“3” is no host."),
        ("1.5 dead", "“1.5” is no host."),
        ("192.0.2.7 kaputt", "“kaputt” is no reason: dead, banned, slow, other are."),
        ("192.0.2.7 \u202edead", "“dead” is no reason: dead, banned, slow, other are."),
        ("192.0.2.7 is dead", "Those are too many words: a host and a reason are enough."),
        ("x" * 1001, "That is too long to be a host."),
    ],
)
def test_what_bad_refuses(args, problem):
    """What is wrong, and what to write instead."""
    with pytest.raises(BadArgument) as refused:
        parse_bad(args)
    assert (refused.value.problem, refused.value.remedy) == (problem, BAD)


@given(st.text())
def test_any_text_is_understood_or_refused(args):
    """No text makes a parser fail otherwise."""
    for parse in (parse_release, parse_bad):
        with suppress(BadArgument):
            parse(args)


def test_the_list_is_by_resource_and_best_first():
    """Unknown expiry comes last, after what lasts for one day."""
    mine = [held("a", days_left=None), held("b", days_left=0), held("c", days_left=9), held("d", "avito")]
    assert [each.allocation for each in in_order(mine)] == ["d", "c", "b", "a"]


def test_a_place_fits_the_host_and_the_port_where_one_is_given():
    """Only exactly the same host: a part of it may be another proxy's."""
    mine = [held("a", host="192.0.2.7"), held("b", host="192.0.2.70"), held("c", "avito", host="192.0.2.7")]
    assert [each.allocation for each in at(Place("192.0.2.7"), mine)] == ["c", "a"]
    assert [each.allocation for each in at(Place("192.0.2.7", 8080), mine)] == ["c", "a"]
    assert at(Place("192.0.2.7", 80), mine) == []


def test_a_name_that_is_no_host_may_be_a_resource():
    """A host beats a resource of the same name; with a port it is a host."""
    mine = [held("a"), held("b", "avito"), held("c", "avito", host="beboo")]
    assert [each.allocation for each in at(Place("avito"), mine)] == ["b", "c"]
    assert [each.allocation for each in at(Place("beboo"), mine)] == ["c"]
    assert at(Place("avito", 80), mine) == []


def test_a_number_means_so_many_of_each_resource_or_that_one_of_the_list():
    """Those with the fewest days left go first; who holds too few is left out."""
    a, b, c = held("a", "avito"), held("b", days_left=9), held("c", days_left=3)
    assert readings(2, [c, b, a]) == [Reading((b, c)), Reading((b,), 2)]
    assert readings(3, [c, b, a]) == [Reading((c,), 3)]
    assert readings(4, [c, b, a]) == []


def test_what_means_the_same_is_said_once():
    """The only one of a resource is also number 1."""
    a = held("a")
    assert readings(1, [a]) == [Reading((a,))]


def test_a_tag_survives_its_way_through_a_button():
    """What stands behind the tag's arguments is left alone."""
    tag = Tag.of(held("a"), 2)
    assert Tag.read((*tag.args, "dead", 1)) == tag
    assert tag == Tag("a", "beboo", "a.example.org:8080", 2)
