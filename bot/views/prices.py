"""What a symbol costs, and which one may have been meant."""

from __future__ import annotations

from collections.abc import Iterable

from bot.errors import UnknownSymbol
from bot.models.lookup import Price
from bot.models.market import Ticker
from bot.models.offer import Action
from bot.views import amounts
from bot.views.charts import open_button
from bot.views.holdings import SHOWN, footer, stale_line
from bot.views.reply import Button, Reply, in_rows, one
from bot.views.text import escaped, listed, table
from bot.views.trading import GOOD_FOR, MARKETS


def price(found: Price) -> Reply:
    """The price of one instrument, and how it moved in a day."""
    instrument, ticker = found.instrument, found.ticker
    name = f"<b>{escaped(instrument.symbol)}</b> · {MARKETS[instrument.account_type]}"
    lines = (
        stale_line(ticker),
        name,
        table(_rows(ticker.value, instrument.quote[:SHOWN])),
        footer(ticker),
    )
    again = Button("Refresh", Action("price again", (instrument.symbol, instrument.account_type)))
    buttons = [again, open_button(instrument.base)]
    return Reply(("\n".join(line for line in lines if line),), good_for=GOOD_FOR).with_buttons(buttons)


def unknown_symbol(error: UnknownSymbol, *, linear: bool = False) -> Reply:
    """A name that nothing traded has; the nearest ones as buttons, among perpetuals where those were meant."""
    suffix = ":USDT" if linear else ""
    buttons = [Button(name, Action("price", (f"{name}{suffix}",))) for name in error.nearest]
    return one(explain_symbol(error)).with_buttons(*in_rows(buttons, 3))


def explain_symbol(error: UnknownSymbol) -> str:
    """The same as text."""
    remedy = (
        f"Did you mean {escaped(listed(error.nearest))}?"
        if error.nearest
        else "Write a coin or a pair, for example BTC or BTC/USDT; BTC/USDT:USDT is the perpetual."
    )
    return f"“{escaped(error.symbol)}” is not traded there.\n{remedy}"


def _rows(ticker: Ticker, quote: str) -> Iterable[tuple[str, str]]:
    yield f"Last, {quote}", amounts.exact(ticker.last)
    yield "Bid", amounts.exact(ticker.bid)
    yield "Ask", amounts.exact(ticker.ask)
    if ticker.mark is not None:
        yield "Mark", amounts.exact(ticker.mark)
    if ticker.change is not None:
        yield "24 h", amounts.percent(ticker.change)
    for label, value in (("High", ticker.high), ("Low", ticker.low)):
        if value is not None:
            yield label, amounts.exact(value)
    if ticker.turnover is not None:
        yield "Turnover", amounts.money(ticker.turnover)
