"""What is wrong with the words of an alert, and how they are written: a sentence each."""

from __future__ import annotations

from bot.models.alert_wish import BadWish, Flaw
from bot.models.decimals import BadNumber
from bot.views import order_usage
from bot.views.text import quoted

ALERT = "Write for example: /alert BTC > 70000, /alert gold < 2700 repeat or /alert ETH +5% 1h for 7d"

_PROBLEMS = {
    Flaw.NO_SYMBOL: "Say first which coin or metal.",
    Flaw.SYMBOL: "{} is no coin or metal.",
    Flaw.NO_CONDITION: "Say at which price, or at which change.",
    Flaw.CONDITION: "I do not understand {}: after the name comes >, < or a change such as +5%.",
    Flaw.NO_PRICE: "The price is missing.",
    Flaw.SIGN: "{} may be up or down: write it with + or -.",
    Flaw.FALL: "{} does not work: nothing falls by 100% or more.",
    Flaw.RISE: "{} is more than I watch for: at most +1000%.",
    Flaw.NO_TIME: "Say how long: 1h or 7d, for example.",
    Flaw.TIME: "{} is no length of time: write 30m, 1h, 7d or 2w.",
    Flaw.CHANGE_TIME: "{} does not work: a change is measured over 5 minutes to 7 days.",
    Flaw.LASTING: "{} does not work: an alert lasts from 5 minutes to 366 days.",
    Flaw.WORD: "I do not understand {}.",
    Flaw.TWICE: "{} says what was said before.",
}


def problem(error: BadWish | BadNumber) -> str:
    """The sentence for what is wrong."""
    if isinstance(error, BadNumber):
        return order_usage.bad_number(error)
    return _PROBLEMS[error.flaw].format(quoted(error.word))
