"""Why an order had no effect, in people's words; the venue's own words behind them."""

from __future__ import annotations

from bot.models.order import Refusal
from bot.models.order_record import Cause
from bot.views.text import escaped

_REASONS = {
    Refusal.FUNDS.value: "The account does not have enough for it.",
    Refusal.RULES.value: "The exchange does not take that amount or price.",
    Refusal.DUPLICATE.value: "The exchange has that order already.",
    Refusal.NOT_FOUND.value: "There is nothing of that kind at the exchange.",
    Refusal.KEY.value: "The exchange does not take the account's key. See /accounts.",
    Refusal.MARKET.value: "It is not traded there just now.",
    Refusal.OTHER.value: "The exchange refused it.",
    Cause.UNREACHED.value: "The exchange could not be reached, so it was not sent. Try again in a minute.",
    Cause.ABSENT.value: "It never arrived at the exchange. You can send it again.",
    Cause.BY_HAND.value: "Somebody has looked, and it is not at the exchange.",
}
_SAID_BY_US = (Cause.UNREACHED.value, Cause.ABSENT.value, Cause.BY_HAND.value)


def because(reason: str | None) -> str:
    """A sentence for a reason as `bot.models.order_record.because` keeps it."""
    cause, _, words = (reason or "").partition(": ")
    text = _REASONS.get(cause, _REASONS[Refusal.OTHER.value])
    if not words or cause in _SAID_BY_US:
        return text
    return f"{text} It says: “{escaped(words)}”"
