"""What is wrong with the words of an order, and how they are written: a sentence each."""

from __future__ import annotations

from bot.models.decimals import BadNumber, Flaw
from bot.models.market import Side
from bot.views.text import quoted

ORDER = {
    Side.BUY: "Write for example: /buy BTC 0.01, /buy BTC 100 USDT or /buy BTC 0.01 @ 60000",
    Side.SELL: "Write for example: /sell BTC 0.01, /sell BTC all or /sell BTC 0.01 @ 70000",
}
CLOSE = "Write for example: /close BTC, or /close all"
CANCEL_ORDER = "Write for example: /cancel_order 17, or /cancel_order to choose"
PAUSE = "Write /pause or /resume; admins can add: all"

NO_SYMBOL = "Say what, and how much."
NO_AMOUNT = "Say how much."
SYMBOL_FIRST = "Say first what, then how much."
ALL_IS_FOR_SELLING = "“all” is for selling: say how much to buy."
ONE_SYMBOL = "One symbol is enough, or “all”."
ONE_NUMBER = "One order's number is enough."
ALL_OR_NOTHING = "Only “all” may follow."

_NAMES = {"price": "the price", "sl": "the stop-loss", "tp": "the take-profit"}
_FLAWS = {
    Flaw.SIGN: "does not work: it must be more than zero.",
    Flaw.ZERO: "does not work: it must be more than zero.",
    Flaw.LONG: "is too long: at most 12 digits before the point and 12 after it.",
    Flaw.DIGITS: "is no number I can use: write plain digits and one point, as in 0.01.",
}


def bad_number(error: BadNumber) -> str:
    """A word where a number belongs."""
    if error.flaw is Flaw.COMMA:
        point, whole = error.readings
        return f"{quoted(error.word)} may be {point} or {whole}: write it with a point, or without the comma."
    return f"{quoted(error.word)} {_FLAWS[error.flaw]}"


def bad_symbol(word: str) -> str:
    """A word where a symbol belongs."""
    return f"{quoted(word)} is no symbol."


def no_order_number(word: str) -> str:
    """A word where the number of an order belongs."""
    return f"{quoted(word)} is no order's number."


def twice(what: str) -> str:
    """`what`: price, sl, tp."""
    return f"You have said {_NAMES[what]} twice."


def missing(what: str) -> str:
    """A keyword without its number."""
    return f"The number of {_NAMES[what]} is missing."


def unclear(word: str) -> str:
    """A word that has no place in an order."""
    return f"I do not understand {quoted(word)}."
