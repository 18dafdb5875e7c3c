"""Proxies as people see them."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.offer import Action
from bot.models.proxy import Endpoint, Proxy
from bot.models.results import Failure, Issued, Reason, Receipt
from bot.views import proxies, reasons
from bot.views.reply import MESSAGE_LIMIT, pack, utf16
from bot.views.text import ago, duration, listed, ranges, table

NOW = 1_800_000_000.0
RECEIPT = Receipt(1042, 1, 1, NOW - 3)
PROXY = Proxy(7, "key", Endpoint("http", "192.0.2.7", 8080, "anna", "secret"), "DE", 12)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "<code>192.0.2.7:8080:anna:secret</code> · DE · 12 days"),
        ({"country": ""}, "<code>192.0.2.7:8080:anna:secret</code> · 12 days"),
        ({"days_left": None}, "<code>192.0.2.7:8080:anna:secret</code> · DE · expiry unknown"),
        ({"days_left": 1}, "<code>192.0.2.7:8080:anna:secret</code> · DE · 1 day"),
        ({"days_left": 0}, "<code>192.0.2.7:8080:anna:secret</code> · DE · today is the last day"),
        ({"days_left": -1}, "<code>192.0.2.7:8080:anna:secret</code> · DE · expired"),
        ({"country": "<i>"}, "<code>192.0.2.7:8080:anna:secret</code> · &lt;i&gt; · 12 days"),
        (
            {"endpoint": Endpoint("socks5", "2001:db8::1", 1080, "", "")},
            "<code>[2001:db8::1]:1080</code> · socks5 · DE · 12 days",
        ),
        (
            {"endpoint": Endpoint("http", "192.0.2.7", 1, "a", "x" * 2000)},
            "Row 7 is too long to be shown here: copy it from the sheet.",
        ),
    ],
)
def test_a_proxy_is_one_copyable_line(changes, line):
    """The credentials alone are in the code part; what is unknown is said or left out."""
    assert proxies.proxy_line(replace(PROXY, **changes)) == line


@given(st.text(), st.text())
def test_whatever_a_password_holds_arrives_as_it_is(user, password):
    """Between the code tags stands exactly the proxy's line, escaped."""
    line = proxies.proxy_line(replace(PROXY, endpoint=Endpoint("http", "h", 1, "u" + user, password)))
    if line.startswith("<code>"):
        shown = re.fullmatch(r"<code>([^<>]*)</code> · DE · 12 days", line)
        assert shown is not None
        assert html.unescape(shown[1]) == html.unescape(html.escape(f"h:1:u{user}:{password}", quote=False))


def test_what_failed_is_listed_with_its_reason():
    """Rows of one reason stand together."""
    outcome = Issued(
        "beboo",
        (PROXY,),
        (Failure(2, Reason.EXPIRED), Failure(9, Reason.TAKEN_IN_SHEET), Failure(3, Reason.EXPIRED)),
        replace(RECEIPT, reads=2, writes=2),
    )
    assert proxies.issued(outcome, NOW).texts == (
        (
            "1 proxy for <b>beboo</b>. Tap a line to copy it.\n"
            "<code>192.0.2.7:8080:anna:secret</code> · DE · 12 days\n"
            "\nNot given:\n"
            "rows 2, 3: expired\n"
            "row 9: marked as used in the sheet meanwhile\n"
            "\n<i>1 proxy · row 7 · request #1042 · sheet read 3 s ago</i>"
        ),
    )


def test_when_all_failed_it_is_said_first():
    """Nobody looks for proxies that are not there."""
    outcome = Issued("beboo", (), (Failure(2, Reason.SHEET_UNAVAILABLE),), RECEIPT)
    assert proxies.issued(outcome, NOW).texts == (
        (
            "Nothing could be given for <b>beboo</b>.\n"
            "\nNot given:\n"
            "row 2: Google did not answer in time\n"
            "\n<i>request #1042 · sheet read 3 s ago</i>"
        ),
    )


@pytest.mark.parametrize(
    ("count", "rows", "changes", "line"),
    [
        (5, "2, 7–9", {}, "5 proxies · rows 2, 7–9 · request #1042 · sheet read 3 s ago"),
        (1, "7", {}, "1 proxy · row 7 · request #1042 · sheet read 3 s ago"),
        (0, "", {}, "request #1042 · sheet read 3 s ago"),
        (1, "7", {"repeated": True}, "1 proxy · row 7 · request #1042 · sheet read 3 s ago · repeated"),
    ],
)
def test_a_receipt_reads_like_this(count, rows, changes, line):
    """How many, where, the number to ask about and how fresh it is; none of what it cost us."""
    assert proxies.receipt(replace(RECEIPT, **changes), count, rows, NOW) == line


def test_a_receipt_of_a_request_that_met_no_sheet_names_no_time_of_reading():
    """A request that ended before anything was read, or whose readings all failed, has no age of the sheet."""
    for reads in (0, 1):
        line = proxies.receipt(replace(RECEIPT, reads=reads, writes=0, read_at=0.0), 0, "", NOW)
        assert line == "request #1042"


def test_every_reason_has_words():
    """No reason reaches a person as a bare name."""
    assert set(reasons.REASONS) == set(Reason)


def test_fifty_long_proxies_come_in_whole_lines_and_order():
    """Too much for one message is split between lines, every message within Telegram's limit."""
    many = tuple(
        replace(PROXY, row=row, endpoint=Endpoint("http", f"host{row}", 8080, "u" * 40, "🙂" * 40))
        for row in range(2, 52)
    )
    reply = proxies.issued(Issued("beboo", many, (), RECEIPT), NOW)

    assert len(reply.texts) == 3
    assert all(utf16(text) <= MESSAGE_LIMIT for text in reply.texts)
    hosts = re.findall(r"<code>(host\d+):.*?</code> · DE · 12 days", "\n".join(reply.texts))
    assert hosts == [f"host{row}" for row in range(2, 52)]
    assert "rows 2–51" in reply.texts[-1]


@pytest.mark.parametrize(
    ("asked", "available", "text"),
    [
        (10, 3, "Only 3 of 10 are free for beboo. Nothing was taken."),
        (10, 1, "Only 1 of 10 is free for beboo. Nothing was taken."),
        (1, 0, "None is free for beboo. Nothing was taken; try again later."),
    ],
)
def test_fewer_than_asked(asked, available, text):
    """How many there are, and that nothing happened."""
    assert proxies.not_enough("beboo", asked, available).texts == (text,)


def test_foreign_names_are_escaped_and_cut():
    """A name out of the sheet cannot bring markup or fill the screen."""
    reply = proxies.unknown_resource("x", 5, ["<a>", "y" * 500])
    [text] = reply.texts
    assert "<b>&lt;a&gt;</b>" in text
    assert len(text) < 200
    assert max(len(button.text) for button in reply.buttons) < 100


def test_what_is_there_and_what_was_meant_are_offered():
    """Each button takes at once what it says; one that begins a new name says so."""
    assert [
        (button.text, button.action) for button in proxies.unknown_resource("bebo", 5, ["beboo"]).buttons
    ] == [
        ("Take 5 for beboo", Action("take", ("beboo", 5, 0))),
        ("Take 5 for bebo", Action("take", ("bebo", 5, 1))),
    ]
    [button] = proxies.not_enough("bebo", 5, 2, new=True).buttons
    assert (button.text, button.action) == ("Take 2", Action("take", ("bebo", 2, 1)))


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([], ""),
        ([2], "2"),
        ([15, 7, 8, 9, 2], "2, 7–9, 15"),
        ([1, 2, 4, 4], "1, 2, 4"),
        ([5, 6, 7, 8], "5–8"),
    ],
)
def test_rows_are_drawn_together(numbers, text):
    """Runs of three and more become a range."""
    assert ranges(numbers) == text


@given(st.lists(st.text(max_size=60), max_size=60), st.integers(min_value=60, max_value=300))
def test_packing_keeps_every_block_whole_and_in_order(blocks, limit):
    """Joined again, the messages are the blocks; a message is too long only if a single block is."""
    messages = pack(blocks, limit=limit)
    assert "\n".join(messages) == "\n".join(blocks)
    assert all(utf16(message) <= limit or message in blocks for message in messages)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (-5, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (86400, "1 d"),
        (273600, "3 d 4 h"),
    ],
)
def test_durations(seconds, text):
    """Two units at most."""
    assert duration(seconds) == text


def test_small_words():
    """Ages, lists and tables as the views use them."""
    assert [ago(0.4), ago(3.2)] == ["just now", "3 s ago"]
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        "",
        "a",
        "a or b",
        "a, b or c",
    ]
    assert table([("free", 5), ("<long>" * 9, 12)], width=12) == (
        "<pre>free       5\n&lt;long&gt;&lt;l… 12</pre>"
    )
