"""What metals and scrap are worth, to the letter."""

from __future__ import annotations

from decimal import Decimal

from bot.errors import PeerUnavailable
from bot.models.lookup import Aged
from bot.models.melt import melt as melted
from bot.models.melt_words import read_scrap
from bot.models.price import Metal, Spot
from bot.models.spot import SpotBoard
from bot.views import attention
from bot.views.melt import melt
from bot.views.spot import karats, spot

D = Decimal
PRICES = {Metal.GOLD: "4392", Metal.SILVER: "51.2", Metal.PLATINUM: "1570", Metal.PALLADIUM: "1410.5"}
FACTORS = dict(zip(Metal, map(D, ("0.90", "0.70", "0.80", "0.825")), strict=True))


def quote(metal: Metal, source: str = "gold-api", age: float = 12.0, stale: bool = False) -> Aged[Spot]:
    return Aged(Spot(metal, D(PRICES[metal]), 0.0, source, source == "yahoo"), source, age, stale)


def board(**others: Aged[Spot] | PeerUnavailable) -> SpotBoard:
    """Every metal; `others` by their names."""
    return SpotBoard({metal: others.get(metal.name.lower(), quote(metal)) for metal in Metal})


def test_the_four_metals() -> None:
    """By the ounce and by the gram; a phone has room for it."""
    reply = spot(board())
    assert (
        "<b>Spot prices</b>, USD\n"
        "<pre>              ounce    gram\n"
        "Gold       4,392.00  141.21\n"
        "Silver        51.20    1.65\n"
        "Platinum   1,570.00   50.48\n"
        "Palladium  1,410.50   45.35</pre>\n"
        "<i>gold-api · 12 s ago</i>"
    ) == reply.texts[0]
    assert [("spot again", ()), ("karats", ()), ("chart", ("XAU", "30d"))] == [
        (button.action.verb, button.action.args) for button in reply.buttons[:3]
    ]
    assert [2, 2, 2] == [len(row) for row in reply.rows]


def test_each_number_has_its_source_and_age() -> None:
    """What is old says so, what is a future too, and what there is no price of is no number."""
    away = PeerUnavailable("price sources", "no price so far")
    found = board(silver=quote(Metal.SILVER, "yahoo", 8000.0, True), palladium=away)
    lines = spot(SpotBoard(found.prices, 1.0)).texts[0].splitlines()
    assert "⚠ Old prices, no source has newer ones: silver, 2 h 13 min ago." == lines[0]
    assert "Palladium         –       –</pre>" == lines[6]
    assert [
        "Market closed until Sunday 18:00 in New York.",
        "<i>Gold and platinum: gold-api · 12 s ago",
        "Silver: yahoo, futures · 2 h 13 min ago</i>",
    ] == lines[7:]


def test_the_usual_alloys() -> None:
    """With the table that was used."""
    assert (
        "<b>Melt value of alloys</b>, USD\n"
        "<pre>             ounce    gram\n"
        "8K        1,464.00   47.07\n"
        "9K        1,647.00   52.95\n"
        "10K       1,830.00   58.84\n"
        "14K       2,562.00   82.37\n"
        "18K       3,294.00  105.90\n"
        "21K       3,843.00  123.56\n"
        "22K       4,026.00  129.44\n"
        "24K       4,387.61  141.06\n"
        "Sterling     47.36    1.52\n"
        "Coin         46.08    1.48\n"
        "950 Pt    1,491.50   47.95\n"
        "950 Pd    1,339.98   43.08</pre>\n"
        "Karats are 24ths, 24K counts as .999; sterling is .925, coin silver .900.\n"
        "<i>gold-api · 12 s ago</i>"
    ) == karats(board()).texts[0]


def test_without_any_price() -> None:
    """A way to try again, for both."""
    nothing = SpotBoard(dict.fromkeys(Metal, PeerUnavailable("price sources", "no price so far")))
    for reply, verb in ((spot(nothing), "spot again"), (karats(nothing), "karats")):
        assert reply.texts[0].startswith("No price source answers just now")
        assert [verb] == [button.action.verb for button in reply.buttons]


def worth(text: str, stale: bool = False) -> str:
    pieces = read_scrap(text)
    metals = {piece.metal for piece in pieces if piece.metal}
    quotes = {metal: quote(metal, stale=stale) for metal in Metal if metal in metals}
    [found] = melt(melted(pieces, quotes, FACTORS)).texts
    return found


def test_one_piece() -> None:
    """Its worth is the total."""
    assert (
        "<b>Melt value</b>\n"
        "1. 1 ozt 950 palladium: 1,339.98 USD\n"
        "To buy, at 82.5% of palladium: <b>1,105.48 USD</b>\n"
        "Karats are 24ths, 24K counts as .999, stamps are thousandths; 1 ozt is 31.1034768 g.\n"
        "An ounce, USD: palladium 1,410.50\n"
        "<i>gold-api · 12 s ago</i>"
    ) == worth("1ozt pd950")


def test_coins_and_what_is_plated() -> None:
    """Named as what they are taken for."""
    text = worth("3 dimes + 2x morgan + 10g coin silver + 2 x 5g 14kgp")
    assert (
        "1. 3 × dime: 11.11 USD\n"
        "2. 2 × Morgan dollar: 79.20 USD\n"
        "3. 10 g coin silver: 14.82 USD\n"
        "4. 2 × 5 g plated: nothing\n"
        "Total: <b>105.13 USD</b>\n"
    ) in text
    assert (
        "Coins count as new: 90% silver, 0.7234 ozt a dollar of small change, 0.77345 ozt a silver dollar.\n"
        "What is plated counts as nothing.\n"
    ) in text


def test_an_old_price_names_none_to_buy_at() -> None:
    """What it would be worth is told, as old."""
    text = worth("1g 14k", stale=True)
    assert text.startswith("⚠ Old prices, no source has newer ones: gold, 12 s ago.\n<b>Melt value</b>\n")
    assert "An old price decides no purchase: I name none to buy at." in text
    assert "To buy" not in text


def test_only_plated() -> None:
    """There is no price to name."""
    assert (
        "<b>Melt value</b>\n"
        "1. 12.5 g plated: nothing\n"
        "Karats are 24ths, 24K counts as .999, stamps are thousandths; 1 ozt is 31.1034768 g.\n"
        "What is plated counts as nothing."
    ) == worth("12.5g plated")


def test_admins_read_what_was_refused() -> None:
    """And why the old price stands."""
    assert (
        "I have refused a price of XAU: gold-api 4392000 against 4392. "
        "The last good one stays until a second source confirms a new one; see METAL_SOURCES."
    ) == attention.sentence("price XAU: gold-api 4392000 against 4392")
