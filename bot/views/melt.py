"""What scrap is worth: piece by piece, in all, and what is paid for it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from bot.models.fineness import Alloy, SilverCoin
from bot.models.melt import Melt, Part, Piece
from bot.views import amounts
from bot.views.reply import Reply, pack
from bot.views.spot import METALS, footer, stale_line
from bot.views.text import escaped

TABLE = "Karats are 24ths, 24K counts as .999, stamps are thousandths; 1 ozt is 31.1034768 g."
COINS = "Coins count as new: 90% silver, 0.7234 ozt a dollar of small change, 0.77345 ozt a silver dollar."
PLATED = "What is plated counts as nothing."
NO_BUY = "An old price decides no purchase: I name none to buy at."


def melt(found: Melt) -> Reply:
    """Each piece with its worth, and the table that was used."""
    lines = [_line(number, part) for number, part in enumerate(found.parts, 1)]
    top = [line for line in (stale_line(found.quotes), "<b>Melt value</b>") if line]
    return Reply(pack([*top, *lines, *_sums(found), *_tables(found), *_quoted(found)]))


def _line(number: int, part: Part) -> str:
    worth = f"{amounts.money(part.value)} USD" if part.piece.of else "nothing"
    return f"{number}. {escaped(_name(part.piece))}: {worth}"


def _name(piece: Piece) -> str:
    """`3 × 12.5 g 14K gold`, `10 × dime`."""
    times = f"{piece.count} × " if piece.count > 1 else ""
    amount = amounts.exact(piece.amount)
    match piece.of:
        case Alloy(name=name, metal=metal):
            metal_name = METALS[metal].lower()
            return f"{times}{amount} {piece.unit} {name}{'' if metal_name in name else f' {metal_name}'}"
        case SilverCoin(name=name):
            return f"{amounts.exact(piece.amount * piece.count)} × {name}"
    return f"{times}{amount} {piece.unit} plated"


def _sums(found: Melt) -> Iterable[str]:
    if len(found.parts) > 1:
        yield f"Total: <b>{amounts.money(found.total)} USD</b>"
    if found.buy is None:
        yield NO_BUY
    elif found.factors:
        paid = ", ".join(
            f"{_share(part)} of {METALS[metal].lower()}" for metal, part in found.factors.items()
        )
        yield f"To buy, at {paid}: <b>{amounts.money(found.buy)} USD</b>"


def _tables(found: Melt) -> Iterable[str]:
    yield TABLE
    if any(isinstance(part.piece.of, SilverCoin) for part in found.parts):
        yield COINS
    if any(part.piece.of is None for part in found.parts):
        yield PLATED


def _quoted(found: Melt) -> Iterable[str]:
    """The prices that it was reckoned with."""
    if found.quotes:
        prices = ", ".join(
            f"{METALS[metal].lower()} {amounts.money(quote.value.price)}"
            for metal, quote in found.quotes.items()
        )
        yield f"An ounce, USD: {prices}"
        yield footer(found.quotes)


def _share(part: Decimal) -> str:
    return f"{amounts.exact(part * amounts.PERCENT)}%"
