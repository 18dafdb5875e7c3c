"""What metals cost, by the ounce and by the gram, and their usual alloys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from bot.models.fineness import ALLOYS, OUNCE
from bot.models.lookup import Aged
from bot.models.offer import Action
from bot.models.price import Metal, Spot
from bot.models.spot import SpotBoard
from bot.views import amounts
from bot.views.holdings import source
from bot.views.reply import Button, Reply, one
from bot.views.text import ago, listed

GOOD_FOR = 6 * 3600.0
CHART_SPAN = "30d"
READING = "The price sources are slow just now; the answer follows."
JUST_REFRESHED = "Just refreshed."
METALS = {
    Metal.GOLD: "Gold",
    Metal.SILVER: "Silver",
    Metal.PLATINUM: "Platinum",
    Metal.PALLADIUM: "Palladium",
}
NO_PRICE = "No price source answers just now, and I know no older price.\nTry again in a minute."
CLOSED = "Market closed until Sunday 18:00 in New York."
FINENESS = "Karats are 24ths, 24K counts as .999; sterling is .925, coin silver .900."

Quotes = Mapping[Metal, Aged[Spot]]


def spot(board: SpotBoard) -> Reply:
    """Each metal by the ounce and by the gram, in USD."""
    quotes = _quotes(board)
    if not quotes:
        return one(NO_PRICE, Button("Try again", Action("spot again")))
    rows = [("", "ounce", "gram"), *(_row(METALS[metal], _price(quotes, metal)) for metal in Metal)]
    charts = [Button(f"{METALS[metal]} chart", Action("chart", (metal, CHART_SPAN))) for metal in quotes]
    ways = [Button("Refresh", Action("spot again")), Button("Karats", Action("karats"))]
    return _screen("Spot prices", rows, board, quotes).with_buttons(ways, charts[:2], charts[2:])


def karats(board: SpotBoard) -> Reply:
    """What the usual alloys are worth melted."""
    quotes = _quotes(board)
    if not quotes:
        return one(NO_PRICE, Button("Try again", Action("karats")))
    alloys = [_row(each.name, _price(quotes, each.metal), each.fineness) for each in ALLOYS]
    found = _screen("Melt value of alloys", [("", "ounce", "gram"), *alloys], board, quotes, FINENESS)
    return found.with_buttons([Button("Prices", Action("spot"))])


def footer(quotes: Quotes) -> str:
    """Whose prices they are and how old the oldest of them is, a line for each source."""
    by_source: dict[str, list[Metal]] = {}
    for metal, quote in quotes.items():
        by_source.setdefault(_source(quote), []).append(metal)
    lines = [
        f"{'' if len(by_source) == 1 else f'{_names(metals)}: '}{name} · "
        f"{ago(max(quotes[metal].age for metal in metals))}"
        for name, metals in by_source.items()
    ]
    return source("\n".join(lines))


def stale_line(quotes: Quotes) -> str:
    """Which prices are old, since no source has newer ones; empty where none is."""
    old = [metal for metal, quote in quotes.items() if quote.stale]
    if not old:
        return ""
    oldest = max(quotes[metal].age for metal in old)
    return f"⚠ Old prices, no source has newer ones: {_names(old).lower()}, {ago(oldest)}."


def _quotes(board: SpotBoard) -> Quotes:
    return {metal: found for metal, found in board.prices.items() if isinstance(found, Aged)}


def _price(quotes: Quotes, metal: Metal) -> Decimal | None:
    return quotes[metal].value.price if metal in quotes else None


def _row(name: str, price: Decimal | None, fineness: Decimal = Decimal(1)) -> tuple[str, str, str]:
    if price is None:
        return name, amounts.NONE, amounts.NONE
    worth = price * fineness
    return name, amounts.money(worth), amounts.money(worth / OUNCE)


def _screen(
    title: str, rows: list[tuple[str, str, str]], board: SpotBoard, quotes: Quotes, note: str = ""
) -> Reply:
    lines: Iterable[str] = (
        stale_line(quotes),
        f"<b>{title}</b>, USD",
        amounts.columns(rows),
        note,
        CLOSED if board.closed_until is not None else "",
        footer(quotes),
    )
    return Reply(("\n".join(line for line in lines if line),), good_for=GOOD_FOR)


def _source(quote: Aged[Spot]) -> str:
    return f"{quote.source}, futures" if quote.value.is_futures else quote.source


def _names(metals: Iterable[Metal]) -> str:
    first, *others = [METALS[metal] for metal in metals]
    return listed([first, *(name.lower() for name in others)]).replace(" or ", " and ")
