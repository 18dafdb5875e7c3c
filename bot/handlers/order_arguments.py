"""The words of an order, as typed values. Nothing is guessed: what is unclear is asked back."""

from __future__ import annotations

import re
from decimal import Decimal

from bot.handlers.arguments import BadArgument
from bot.models.decimals import BadNumber, read_number
from bot.models.market import Side
from bot.models.order_draft import OrderWish
from bot.views import order_usage as usage

ALL = "all"

_SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9/:_.-]{0,31}")
_UNIT = re.compile(r"[A-Za-z][A-Za-z0-9]{1,15}")
_NUMBER_LIKE = re.compile(r"[-+−–.,]?[0-9].*")
_NOTHING_BUT_NUMBER = re.compile(r"[-+−–.,]?[0-9][0-9.,]*")
_KEYWORDS = {
    "@": "price",
    "at": "price",
    "limit": "price",
    "sl": "sl",
    "stop": "sl",
    "tp": "tp",
    "target": "tp",
}
_ORDER_NUMBER = re.compile(r"#?([1-9][0-9]{0,8})")


def parse_order(args: str | None, side: Side) -> OrderWish:
    """`SYMBOL AMOUNT [UNIT] [@ PRICE] [sl PRICE] [tp PRICE]`, AMOUNT perhaps `all`; raises BadArgument."""
    words = re.sub(r"@", " @ ", args or "").split()
    if not words:
        raise BadArgument(usage.NO_SYMBOL, usage.ORDER[side])
    try:
        return _order(words, side)
    except BadNumber as error:
        raise BadArgument(usage.bad_number(error), usage.ORDER[side]) from error


def parse_close(args: str | None) -> str | None:
    """A symbol in any spelling, or `all`; None where nothing is said. Raises BadArgument."""
    words = (args or "").split()
    if len(words) > 1:
        raise BadArgument(usage.ONE_SYMBOL, usage.CLOSE)
    if not words:
        return None
    return ALL if words[0].casefold() == ALL else _symbol(words[0], usage.CLOSE)


def parse_order_number(args: str | None) -> int | None:
    """`17` or `#17`; None where nothing is said. Raises BadArgument."""
    words = (args or "").split()
    if not words:
        return None
    if len(words) > 1:
        raise BadArgument(usage.ONE_NUMBER, usage.CANCEL_ORDER)
    found = _ORDER_NUMBER.fullmatch(words[0])
    if found is None:
        raise BadArgument(usage.no_order_number(words[0]), usage.CANCEL_ORDER)
    return int(found[1])


def parse_pause(args: str | None) -> bool:
    """Whether everybody is meant: `all`. Raises BadArgument."""
    words = (args or "").casefold().split()
    if words not in ([], [ALL]):
        raise BadArgument(usage.ALL_OR_NOTHING, usage.PAUSE)
    return bool(words)


def _order(words: list[str], side: Side) -> OrderWish:
    remedy = usage.ORDER[side]
    first, *rest = words
    if _is_amount(first, rest):
        raise BadArgument(usage.SYMBOL_FIRST, remedy)
    symbol = _symbol(first, remedy)
    if not rest:
        raise BadArgument(usage.NO_AMOUNT, remedy)
    amount = _amount(rest.pop(0), side)
    unit = rest.pop(0) if rest and rest[0].casefold() not in _KEYWORDS else ""
    if unit and (amount is None or not _UNIT.fullmatch(unit)):
        raise BadArgument(usage.unclear(unit), remedy)
    prices = _prices(rest, remedy)
    return OrderWish(
        side,
        symbol,
        amount,
        unit.upper(),
        price=prices.get("price"),
        stop_loss=prices.get("sl"),
        take_profit=prices.get("tp"),
    )


def _is_amount(first: str, rest: list[str]) -> bool:
    """Whether the first word is how much; there are coins whose names begin with a digit."""
    if not rest:
        return first.casefold() == ALL or _NOTHING_BUT_NUMBER.fullmatch(first) is not None
    return _NUMBER_LIKE.fullmatch(first) is not None and not _NUMBER_LIKE.fullmatch(rest[0])


def _prices(words: list[str], remedy: str) -> dict[str, Decimal]:
    """The numbers behind the keywords, each said once."""
    found: dict[str, Decimal] = {}
    left = iter(words)
    for word in left:
        name = _KEYWORDS.get(word.casefold())
        if name is None:
            raise BadArgument(usage.unclear(word), remedy)
        if name in found:
            raise BadArgument(usage.twice(name), remedy)
        number = next(left, None)
        if number is None:
            raise BadArgument(usage.missing(name), remedy)
        found[name] = read_number(number)
    return found


def _amount(word: str, side: Side) -> Decimal | None:
    if word.casefold() != ALL:
        return read_number(word)
    if side is Side.BUY:
        raise BadArgument(usage.ALL_IS_FOR_SELLING, usage.ORDER[side])
    return None


def _symbol(word: str, remedy: str) -> str:
    if not _SYMBOL.fullmatch(word):
        raise BadArgument(usage.bad_symbol(word), remedy)
    return word
