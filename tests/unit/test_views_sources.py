"""/sources and /drill as admins read them on a phone."""

from __future__ import annotations

from dataclasses import replace

from bot.errors import PeerUnavailable
from bot.models.drill import Drill, Fault
from bot.models.source_status import SourceGroup, SourceStatus, State
from bot.views.drill import choose_fault, choose_source, failed, not_here
from bot.views.reply import MESSAGE_LIMIT, Reply, utf16
from bot.views.sources import sources

NOW = 1_800_000_000.0
UP = SourceStatus("gold-api", State.UP, 0.0, 12.0, 0.31, 120, 2, 0, 1.62)
RESTING = SourceStatus("yahoo", State.RESTING, 42.2, 300.0, 5.0, 40, 9, 5)
FAILING = SourceStatus("<b>", State.FAILING, 0.0, None, 5.0, 1, 1, 1)
REFUSING = replace(UP, name="swissquote", state=State.REFUSING, delay=8.0)
NEW = SourceStatus("paxg", State.NEW, 0.0, None, None, 0, 0, 0)
STORM = Drill("yahoo", Fault.STORM, NOW + 240)


def labels(reply: Reply) -> list[list[str]]:
    return [[button.text for button in row] for row in reply.rows]


def test_each_source_is_told_of_in_two_lines() -> None:
    """State, who is next; last answer, p95, failures, pace."""
    groups = (
        SourceGroup("Metals", (RESTING, UP, FAILING, REFUSING, NEW)),
        SourceGroup("Exchanges", (replace(UP, name="bybit (reads)", delay=0.0),), ranked=False),
    )
    reply = sources(groups, (), NOW)
    assert (
        "<b>Sources</b>\n\n"
        "<b>Metals</b>\n"
        "✗ <b>yahoo</b> · resting, back in 42 s\n"
        "   answered 5 min ago · p95 5.0s · 9 of 40 calls failed\n"
        "✓ <b>gold-api</b> · asked next\n"
        "   answered 12 s ago · p95 0.3s · 2 of 120 calls failed · one call in 1.6s\n"
        "⚠ <b>&lt;b&gt;</b> · failing, 1 in a row\n"
        "   nothing told yet · p95 5.0s · 1 of 1 call failed\n"
        "⚠ <b>swissquote</b> · refused last time\n"
        "   answered 12 s ago · p95 0.3s · 2 of 120 calls failed · one call in 8.0s\n"
        "– <b>paxg</b> · not asked yet\n\n"
        "<b>Exchanges</b>\n"
        "✓ <b>bybit (reads)</b>\n"
        "   answered 12 s ago · p95 0.3s · 2 of 120 calls failed\n\n"
        "<i>p95 of the last 256 calls each · failures since the start · nothing was asked for this</i>"
    ) == reply.texts[0]
    assert [["Refresh"]] == labels(reply)


def test_where_all_rest_it_says_so() -> None:
    """And for how long; no source at all is a sentence too."""
    [text] = sources((SourceGroup("Metals", (RESTING, replace(RESTING, back_in=7.0))),), (), NOW).texts
    assert "<b>Metals</b>\nAll rest; the first is asked again in 7 s.\n✗ <b>yahoo</b>" in text
    assert ("<b>Sources</b>\n\nNo source is in use.",) == sources((), (), NOW).texts


def test_drills_stand_above_the_sources() -> None:
    """With the ways to end them, and to begin another."""
    reply = sources((SourceGroup("Metals", (UP,)),), (STORM,), NOW, can_drill=True)
    assert reply.texts[0].startswith(
        "<b>Sources</b>\n\nDrill: yahoo · 429 storm, 4 min left\n\n<b>Metals</b>"
    )
    assert [["Refresh"], ["Heal yahoo"], ["Drill"]] == labels(reply)


def test_a_crowd_of_sources_is_several_messages() -> None:
    """None longer than Telegram allows."""
    groups = tuple(SourceGroup(f"Kind {number}", (RESTING,) * 10) for number in range(12))
    assert all(utf16(text) <= MESSAGE_LIMIT for text in sources(groups, (), NOW).texts)


def test_a_drill_is_chosen_in_two_steps() -> None:
    """Which source, what happens to it."""
    first = choose_source(("gold-api", "swissquote", "yahoo"), (STORM,), NOW)
    assert first.texts[0].endswith("Which one?\n\nDrill: yahoo · 429 storm, 4 min left")
    assert [["gold-api", "swissquote"], ["yahoo"], ["Heal yahoo"], ["Sources"]] == labels(first)
    second = choose_fault("gold-api")
    assert "<b>Drill: gold-api</b>\nWhat is to happen to it, for five minutes?" == second.texts[0]
    assert [["429 storm", "Outage", "Slow"], ["Heal", "‹ Back"]] == labels(second)


def test_where_no_drill_is_possible_a_line_says_why() -> None:
    """And what to do about a local world that does not answer."""
    assert (
        "/drill is for the local world only: there PRICES_API_URL is an address of this machine.",
    ) == not_here().texts
    told = failed(PeerUnavailable("local world", "ConnectError"))
    assert ("The local world does not do it (ConnectError). Is it running?",) == told.texts
