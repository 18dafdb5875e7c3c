"""The words of /melt, as pieces."""

from __future__ import annotations

import pytest

from bot.handlers.arguments import BadArgument
from bot.handlers.melting import parse_scrap
from bot.models.melt_words import Flaw, UnclearScrap
from bot.views.melt_usage import unclear

EXAMPLE = "Write for example: /melt 12.5g 14k + 1 ozt sterling, with g, dwt, ozt or grain"


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "Say what to melt; between two “+” there must be something."),
        (
            "1 oz 14k",
            "“oz” may be two things: write ozt for troy ounces (31.1 g), ozav for kitchen ounces (28.35 g).",
        ),
        ("5 gr 14k", "“gr” may be two things: write g for grams, or grain."),
        ("12,5g 14k", "“12,5” may be 12.5 or 125: write it with a point, or without the comma."),
        ("5 14k", "“5 14k” has no unit."),
        ("14k", "“14k” has no weight."),
        ("5g gold", "Say how fine the gold is, as in 14k or 585."),
        ("5g silver", "Say how fine the silver is, as in sterling, coin or 999 silver."),
        ("5g pt", "Say how fine the platinum is, as in pt950."),
        ("5g pd", "Say how fine the palladium is, as in pd950."),
        ("5g 999", "“999” may be several metals: say which."),
        ("5g", "Say which metal, and how fine it is."),
        ("5g 25k", "“25k” does not work: karats are 8 to 24."),
        ("5g 14k silver", "“14K” belongs to another metal."),
        ("5g 14k x0", "“x0” does not work: a count is a whole number, 1 to 10000."),
        ("5g 14k 18k", "“18k” is one thing too many: write “+” between two pieces."),
        ("5g <b>", "I do not understand “<b>”."),
        ("5g " + "y" * 100, "I do not understand “" + "y" * 20 + "…”."),
        (
            "5g weighted sterling",
            "Of weighted silver only the silver counts: write its own weight, without “weighted”.",
        ),
        ("5g 14k" * 100, "That is too much at once: at most 20 pieces, in a few words each."),
    ],
)
def test_what_is_unclear_is_one_line_that_says_what_to_do(typed: str, problem: str) -> None:
    """And an example."""
    with pytest.raises(BadArgument) as refused:
        parse_scrap(typed)
    assert (problem, EXAMPLE) == (refused.value.problem, refused.value.remedy)


def test_every_flaw_has_its_sentence() -> None:
    """None is left without."""
    assert all(unclear(UnclearScrap(flaw, "XAU")) for flaw in Flaw)


def test_nothing_said_is_nothing_to_melt() -> None:
    """A bare command."""
    with pytest.raises(BadArgument):
        parse_scrap(None)
    assert 2 == len(parse_scrap("1g 14k + dime"))
