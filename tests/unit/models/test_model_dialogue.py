"""The dialogue that connects an account: its steps, what fits them, what it keeps."""

from __future__ import annotations

import pytest

from bot.models.account import Credentials
from bot.models.dialogue import (
    Dialogue,
    Problem,
    Step,
    fits,
    looks_like_a_command,
    looks_like_a_secret,
    next_step,
    steps_of,
    tail_of,
)

KEY, SECRET, PHRASE = "CanaryKey000a3f9", "canary-secret-b7", "canary phrase"


def begun(venue: str = "bybit", request: str = "r0") -> Dialogue:
    return Dialogue(7, venue, request, 100.0)


def test_a_key_and_a_secret_are_asked_for() -> None:
    """Then the venue is to be asked; nothing more can be said."""
    dialogue = begun().hear(KEY, "r1").hear(f" {SECRET}\n", "r2")
    assert (Step.CHECK, "r2") == (dialogue.step, dialogue.request)
    assert Credentials(KEY, SECRET) == dialogue.credentials
    assert dialogue is dialogue.hear("more", "r3")


def test_some_venues_have_a_passphrase_too() -> None:
    """It is asked for last."""
    dialogue = begun("okx").hear(KEY, "r1").hear(SECRET, "r2")
    assert Step.PASSPHRASE is dialogue.step
    assert Credentials(KEY, SECRET, PHRASE) == dialogue.hear(PHRASE, "r3").credentials


def test_the_same_request_is_heard_once() -> None:
    """Delivered again, a key is not taken for the secret."""
    dialogue = begun().hear(KEY, "r1")
    assert dialogue is dialogue.hear(KEY, "r1")
    assert Step.SECRET is dialogue.step


def test_what_does_not_fit_changes_nothing() -> None:
    """The dialogue stays where it is, and with the request that brought it there."""
    dialogue = begun()
    assert dialogue is dialogue.hear("two words", "r1")
    assert "r0" == dialogue.request


@pytest.mark.parametrize(
    ("step", "text", "expected"),
    [
        (Step.KEY, KEY, True),
        (Step.KEY, f"  {KEY}\n", True),
        (Step.KEY, "short", False),
        (Step.KEY, "two words of it", False),
        (Step.KEY, "ключ-ключ-ключ", False),
        (Step.KEY, "x" * 257, False),
        (Step.SECRET, "-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----", True),
        (Step.SECRET, "x" * 4097, False),
        (Step.SECRET, " \n ", False),
        (Step.PASSPHRASE, "a phrase of its own", True),
    ],
)
def test_what_fits(step: Step, text: str, expected: bool) -> None:
    """A key is one word; what goes with it may be anything."""
    assert expected is fits(step, text)


def test_its_end_keeps_nothing_of_what_was_said() -> None:
    """Only the tail, to name the account by; neither does a repr show it before."""
    dialogue = begun().hear(KEY, "r1").hear(SECRET, "r2")
    for ended in (dialogue.connected(can_trade=True), dialogue.failed(Problem.REFUSED, "no")):
        assert ((), "a3f9", Step.DONE) == (ended.said, ended.tail, ended.step)
    assert KEY not in repr(dialogue)
    assert SECRET not in repr(dialogue)


def test_steps_follow_each_other() -> None:
    """Those in which nothing is to be said have none after them."""
    assert (Step.KEY, Step.SECRET, Step.CHECK, Step.DONE) == steps_of("bybit")
    assert Step.CHECK is next_step("bybit", Step.SECRET)
    assert [None, None, None] == [next_step("bybit", s) for s in (Step.PASSPHRASE, Step.CHECK, Step.DONE)]


def test_the_tail_tells_little() -> None:
    """Four characters at most, a quarter of the key at most."""
    assert ["a3f9", "gh", "", ""] == [
        tail_of("0123456789aba3f9"),
        tail_of("abcdefgh"),
        tail_of("abc"),
        tail_of(""),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("XkD82hfRslqP0aZ91b", True), ("good morning everybody", False), ("incomprehensibilities", False)],
)
def test_what_looks_like_a_secret(text: str, expected: bool) -> None:
    """One long word with digits in it: nobody says that to people."""
    assert expected is looks_like_a_secret(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/my", True),
        ("/balnce now", True),
        ("/Help@desk_bot", True),
        ("/a8Jd+ks=", False),
        ("hello", False),
        ("", False),
    ],
)
def test_what_looks_like_a_command(text: str, expected: bool) -> None:
    """A secret may begin with a slash."""
    assert expected is looks_like_a_command(text)
