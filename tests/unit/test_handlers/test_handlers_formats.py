"""/format: how one's proxies are written."""

from __future__ import annotations

import pytest
from chat_support import USER
from holding_support import ANNA, HoldingChat


@pytest.fixture
async def chat():
    return await HoldingChat.opened()


async def test_the_same_sample_is_shown_in_every_form(chat):
    """People choose by what they see; each form can be copied by a tap."""
    await chat.write("/format")

    assert chat.texts == [
        (
            "Your proxies are written as <b>host:port:user:pass</b>.\nTap a button to change that.\n"
            "\nhost:port:user:pass\n<code>192.0.2.7:8080:anna:p@ss</code>\n"
            "\nURL\n<code>http://anna:p%40ss@192.0.2.7:8080</code>\n"
            "\ncurl\n<code>curl -x 'http://192.0.2.7:8080' -U 'anna:p@ss' https://example.org</code>"
        )
    ]
    assert chat.labels == ["✓ host:port:user:pass", "URL", "curl"]


async def test_a_tap_makes_it_ones_own(chat):
    """In the same message, twice as well as once; nobody else's proxies are written otherwise."""
    await chat.write("/format")
    url = chat.data_of("URL")
    await chat.press(url)
    await chat.press(url)

    assert chat.labels == ["host:port:user:pass", "✓ URL", "curl"]
    assert chat.texts[-1].startswith("Your proxies are written as <b>URL</b>.")
    assert chat.people.preferences_of(USER).format == "url"
    assert chat.people.preferences_of(ANNA).format == "line"
