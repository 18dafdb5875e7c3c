"""Errors of the trading desk for people: one line what happened, one line what to do."""

from __future__ import annotations

from bot.errors import (
    AccountInUse,
    CannotConnect,
    CannotTrade,
    NoAccount,
    OrderRefused,
    OrderTooLarge,
    OrderUnfit,
    QuartermasterError,
    QuoteLapsed,
    TradingPaused,
    UnknownOrder,
    UnknownSymbol,
)
from bot.views import accounts
from bot.views.amounts import money
from bot.views.order_reasons import because
from bot.views.prices import explain_symbol
from bot.views.text import escaped


def explain(error: QuartermasterError) -> str | None:
    """The text for an error of the trading desk; None for any other."""
    match error:
        case NoAccount() | AccountInUse() | CannotConnect():
            return accounts.refused(error)
        case UnknownSymbol():
            return explain_symbol(error)
        case CannotTrade():
            return f"The key of {escaped(error.label)} may only look; nothing was placed.\nChoose another in /accounts."
        case TradingPaused(everybody=True):
            return "Trading is paused for everybody; nothing was placed.\nClosing goes on: /close"
        case TradingPaused():
            return "You have paused trading; nothing was placed.\nTo trade again: /resume"
        case OrderTooLarge():
            limit, worth = money(error.limit), money(error.worth)
            return (
                f"{escaped(error.what).capitalize()} may be worth {limit} USD at most, and this comes to {worth}. "
                "Nothing was placed.\nTake less, or ask an admin."
            )
        case OrderUnfit():
            return f"That does not work: {escaped(error.problem)}. Nothing was placed.\nChange it, and send it again."
        case UnknownOrder():
            return "You have no such order.\nSee /cancel_order for those that are open."
        case QuoteLapsed():
            return "That price is not good any more; nothing was placed.\nSend the command again."
    return None


def refused(error: OrderRefused) -> str:
    """The exchange said no to something that was not a new order."""
    return f"{because(error.reason)}\nNothing was changed."
