"""What scrap is worth: what is written is understood exactly or asked back, and the arithmetic is exact."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.models.decimals import BadNumber
from bot.models.lookup import Aged
from bot.models.melt import melt, metals_of
from bot.models.melt_words import Flaw, UnclearScrap, read_scrap
from bot.models.price import Metal, Spot

D = Decimal
PRICES = {Metal.GOLD: "2650", Metal.SILVER: "31.1034768", Metal.PLATINUM: "1000", Metal.PALLADIUM: "900"}
FACTORS = dict(zip(Metal, map(D, ("0.90", "0.70", "0.80", "0.80")), strict=True))


def quotes(text: str, **changes: bool) -> dict[Metal, Aged[Spot]]:
    return {
        metal: Aged(Spot(metal, D(PRICES[metal]), 0.0, "gold-api"), "gold-api", 5.0, **changes)
        for metal in metals_of(read_scrap(text))
    }


def worth(text: str) -> Decimal:
    return melt(read_scrap(text), quotes(text), FACTORS).total


@pytest.mark.parametrize(
    ("text", "dollars"),
    [
        ("1g fine gold", "85.11"),
        ("1 g 24k", "85.11"),
        ("1g 14k", "49.70"),
        ("1g 583", "49.67"),
        ("1g 585 gold", "49.84"),
        ("1 g 417", "35.53"),
        ("1g 9999 gold", "85.19"),
        ("10 dwt 18k", "993.75"),
        ("1 troy oz 22k", "2429.17"),
        ("1 oz troy 22 karat gold", "2429.17"),
        ("1oz t 22ct", "2429.17"),
        ("1 ozav 24k", "2412.95"),
        ("1 oz avdp 24k", "2412.95"),
        ("480 grains 24 k", "2647.35"),
        ("0.001 kg 14k", "49.70"),
        ("100 g sterling", "92.50"),
        ("100g sterling silver 925", "92.50"),
        ("100 g .925 silver", "92.50"),
        ("100g coin silver", "90.00"),
        ("100g britannia", "95.80"),
        ("100g 800", "80.00"),
        ("1 ozt pt950", "950.00"),
        ("1 ozt 900 platinum", "900.00"),
        ("1ozt 500pd", "450.00"),
        ("10 dimes", "22.50"),
        ("dime x10", "22.50"),
        ("4 quarters", "22.50"),
        ("2 silver half dollars", "22.50"),
        ("morgan dollar", "24.06"),
        ("2x peace", "48.11"),
        ("1g 14k x3", "149.10"),
        ("3 x 1g 14k", "149.10"),
        ("1g 14k × 3", "149.10"),
        ("1g 14k*3", "149.10"),
        ("12.5 g plated", "0.00"),
        ("12.5g 14kgp", "0.00"),
        ("12.5g 1/20 12k GF", "0.00"),
        ("300g EPNS", "0.00"),
        ("12.5G 14K + 1 OZT Sterling", "650.02"),
        ("1g 14k\n1g solid 14k scrap", "99.40"),
    ],
)
def test_scrap_is_worth_what_is_pure_in_it(text: str, dollars: str) -> None:
    """At 2650 an ounce a gram of gold costs 85.1995, 14K of it 49.70; karats are 24ths, 24K counts as .999."""
    assert D(dollars) == worth(text)


def test_an_ounce_is_31_1034768_grams() -> None:
    """Of pure metal, to the last digit."""
    assert "85.1995" == f"{worth('10000g 999 gold') / D('9990'):.4f}"


@pytest.mark.parametrize(
    ("text", "flaw", "word"),
    [
        ("", Flaw.NOTHING, ""),
        ("  ", Flaw.NOTHING, ""),
        ("1g 14k +", Flaw.NOTHING, ""),
        ("1g 14k ++ 1g 18k", Flaw.NOTHING, ""),
        ("1g 14k " * 100, Flaw.TOO_MUCH, ""),
        ("+".join(["1g14k"] * 21), Flaw.TOO_MUCH, ""),
        ("1 oz sterling", Flaw.WHICH_OUNCE, "oz"),
        ("2oz 14k", Flaw.WHICH_OUNCE, "oz"),
        ("5 gr 14k", Flaw.WHICH_GR, "gr"),
        ("12 14k", Flaw.NO_UNIT, "12 14k"),
        ("14k", Flaw.NO_WEIGHT, "14k"),
        ("plated", Flaw.NO_WEIGHT, "plated"),
        ("5g gold", Flaw.NO_FINENESS, "XAU"),
        ("5g", Flaw.NO_METAL, ""),
        ("5g 900", Flaw.NO_METAL, "900"),
        ("5g fine", Flaw.NO_METAL, "fine"),
        ("5g 7k", Flaw.KARATS, "7k"),
        ("5g 25k", Flaw.KARATS, "25k"),
        ("5g 14k silver", Flaw.OTHER_METAL, "14K"),
        ("5g sterling gold", Flaw.OTHER_METAL, "sterling"),
        ("500g weighted sterling", Flaw.WEIGHTED, ""),
        ("1g 14k x0", Flaw.COUNT, "x0"),
        ("1g 14k x10001", Flaw.COUNT, "x10001"),
        ("1g 14k x999999", Flaw.COUNT, "x999999"),
        ("2.5 dimes", Flaw.COUNT, "2.5"),
        ("1g 14k 18k", Flaw.TWICE, "18k"),
        ("1g 2g 14k", Flaw.TWICE, "2g"),
        ("1g gold silver", Flaw.TWICE, "silver"),
        ("1g 14k x2 x3", Flaw.TWICE, "x3"),
        ("2 g dimes", Flaw.TWICE, "dime"),
        ("2 gold dimes", Flaw.TWICE, "dime"),
        ("2 plated dimes", Flaw.TWICE, "dime"),
        ("2 dimes quarter", Flaw.TWICE, "quarter"),
        ("1g 14k shiny", Flaw.UNKNOWN, "shiny"),
        ("1lb sterling", Flaw.UNKNOWN, "1lb"),
        ("1g 14kxy", Flaw.UNKNOWN, "14kxy"),
        ("1g 14k x", Flaw.UNKNOWN, "x"),
        ("1g 14k x y", Flaw.UNKNOWN, "x"),
        ("1/2 ozt sterling", Flaw.UNKNOWN, "1/2"),
    ],
)
def test_what_is_unclear_is_asked_back(text: str, flaw: Flaw, word: str) -> None:
    """With the word it is about; nothing is guessed."""
    with pytest.raises(UnclearScrap) as refused:
        read_scrap(text)
    assert (flaw, word) == (refused.value.flaw, refused.value.word)


@pytest.mark.parametrize("text", ["12,5g 14k", "-5g 14k", "0 g 14k", "1.2.3 g 14k", "0 dimes"])
def test_a_weight_is_a_plain_number(text: str) -> None:
    """As everywhere else."""
    with pytest.raises(BadNumber):
        read_scrap(text)


WORDS = (
    *("1g", "14k", "12.5", "g", "585", "x", "3", "x3", "sterling", "fine", "gold", "silver", "dime", "half"),
    *("oz", "gp", "+", "1/20", "٣", "999", "pt950", "0", "-1", "1,5", "gr", "2x", "kg", "½"),
)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
@example("3 x")
@example("x")
def test_whatever_is_written_is_read_or_asked_back(text: str) -> None:
    """Nothing else can happen; what is read is worth something, or is plated."""
    try:
        pieces = read_scrap(text)
    except (UnclearScrap, BadNumber):
        return
    assert all((piece.pure > 0) is (piece.of is not None) for piece in pieces)


def test_what_is_paid_depends_on_the_metal() -> None:
    """Each by its factor, and nothing for what is plated."""
    text = "1 ozt fine gold + 1ozt fine silver + 3 g plated"
    found = melt(read_scrap(text), quotes(text), FACTORS)

    gold, silver = D("2647.35"), D("31.07")  # in whole cents: the sum is that of what is read
    assert 0 == found.parts[2].piece.pure
    assert [gold, silver, 0] == [part.value for part in found.parts]
    assert gold * D("0.90") + silver * D("0.70") == found.buy
    assert {Metal.GOLD: D("0.90"), Metal.SILVER: D("0.70")} == found.factors


def test_a_stale_price_decides_no_purchase() -> None:
    """What it would be worth is told, what is paid is not."""
    text = "1g 14k"
    found = melt(read_scrap(text), quotes(text, stale=True), FACTORS)
    assert (D("49.70"), None) == (found.total, found.buy)
