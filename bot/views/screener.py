"""The list of coins: a page of it for a phone, all of it for the terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal

from bot.models.offer import Action
from bot.models.screen_query import Order, Query, typed
from bot.models.screening import Listed, Screen, SourceNote, Trouble
from bot.views import amounts
from bot.views.reply import EARLIER, FURTHER, Button, Reply
from bot.views.text import count_of, cut, duration, escaped

A_PAGE = 10
PHONE = 30  # characters that fit beside each other
SYMBOL = 8  # of them for the symbol
TINY = Decimal("0.0001")  # prices below have their zeros counted
GOOD_FOR = 6 * 3600.0
READING = "The price sources are slow just now; the answer follows."
JUST_REFRESHED = "You have refreshed it just now: again in 30 s."
NO_ANSWER = "No source of prices answers just now, and no list is kept."
TITLES = {Order.TOP: "Coins by cap", Order.MOVERS: "Movers in 24 h", Order.VOLUME: "Coins by volume in 24 h"}
LABELS = {Order.TOP: "Top", Order.MOVERS: "Movers", Order.VOLUME: "Volume"}
NAMES = {
    "binance": "Binance",
    "coinpaprika": "CoinPaprika",
    "coingecko": "CoinGecko",
    "bybit": "Bybit",
    "coincap": "CoinCap",
}
TROUBLES = {
    Trouble.BUSY: "asked too often",
    Trouble.LATE: "too slow",
    Trouble.REFUSED: "refused",
    Trouble.AWAY: "no answer",
}
_THOUSANDS = ((12, "T"), (9, "B"), (6, "M"), (3, "k"))
_SMALL = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def screen(found: Screen, query: Query, now: float, page: int = 0, *, note: str = "") -> Reply:
    """Ten coins of the list, with its sources and age; `page` from 0, one that is not there is the nearest."""
    last = max(0, (len(found.rows) - 1) // A_PAGE)
    page = min(max(0, page), last)
    shown = found.rows[page * A_PAGE : (page + 1) * A_PAGE]
    lines = (
        note,
        stale_line(found, now),
        f"<b>{TITLES[query.order]}</b>{_limits(query)}",
        _where(found, page, last) if shown else _nothing(query),
        _table(shown, query.order) if shown else "",
        f"<i>{escaped(sources_line(found, now))}</i>",
    )
    reply = Reply(("\n".join(line for line in lines if line),), good_for=GOOD_FOR)
    return reply.with_buttons(*_ways(query, page, last))


def stale_line(found: Screen, now: float) -> str:
    """That the list is old, and why; empty where it is not."""
    if not found.stale:
        return ""
    return f"⚠ No source answers just now: these are the numbers of {duration(now - found.at)} ago."


def sources_line(found: Screen, now: float) -> str:
    """`✓ Binance 412 · ✗ CoinGecko asked too often · data 15 min old`."""
    age = max(0.0, now - found.at)
    return " · ".join(
        [*map(_source, found.sources), "data just now" if age < 1 else f"data {duration(age)} old"]
    )


def terminal(found: Screen, query: Query, now: float) -> str:
    """The list as plain lines, and where it is from."""
    limits = f" ({typed(query.limits)})" if query.limits else ""
    head = f"{TITLES[query.order]}{limits}: {len(found.rows)} of {found.found}"
    rows = [
        ("#", "symbol", "price", "24 h", "volume", "cap", "name"),
        *map(_cells, range(1, 1000), found.rows),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (_padded(row, widths) for row in rows)
    parts = (stale_line(found, now), head, *(lines if found.rows else ()), sources_line(found, now))
    return "\n".join(part for part in parts if part)


def as_json(found: Screen, query: Query, now: float) -> str:
    """The same for programs: times in epoch seconds, exact decimals as text, changes as fractions."""
    content = {
        "order": query.order,
        "filters": typed(query.limits),
        "at": found.at,
        "age_seconds": round(max(0.0, now - found.at), 3),
        "stale": found.stale,
        "found": found.found,
        "sources": [
            {"name": each.name, "coins": each.coins, "trouble": each.trouble} for each in found.sources
        ],
        "coins": [_for_programs(row) for row in found.rows],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def brief(value: Decimal) -> str:
    """A price in five digits or less: `61,235`, `3.1234`, `0.08123`; `0.0₈12` has eight zeros behind the point."""
    if not value.is_finite() or abs(value.adjusted()) > amounts.LONGEST:
        return amounts.NONE
    if value >= 10_000:
        return compact(value) if value >= 10_000_000 else f"{value:,.0f}"
    digits = 5 if value >= 1 else 4 if value >= TINY else 2
    rounded = Context(prec=digits, rounding=ROUND_HALF_EVEN).plus(value)
    if not rounded or rounded >= TINY:
        return amounts.exact(rounded)
    zeros = str(-1 - rounded.adjusted()).translate(_SMALL)
    return f"0.0{zeros}{''.join(map(str, rounded.normalize().as_tuple().digits))}"


def compact(value: Decimal | None) -> str:
    """USD in three digits: `1.21T`, `412M`, `35.1k`, `7`."""
    if value is None or not value.is_finite() or abs(value.adjusted()) > amounts.LONGEST:
        return amounts.NONE
    rounded = Context(prec=3, rounding=ROUND_HALF_EVEN).plus(value)
    for power, letter in _THOUSANDS:
        if rounded >= 10**power:
            return f"{amounts.exact(rounded.scaleb(-power))}{letter}"
    return f"{rounded:.0f}"


def change(fraction: Decimal | None) -> str:
    """`+1.2%`, `−0.5%`; from a hundred per cent on without decimals."""
    if fraction is None:
        return amounts.NONE
    percent = fraction * 100
    if abs(percent) >= 100_000:
        return f"{'+' if percent > 0 else amounts.MINUS}{compact(abs(percent))}%"
    text = f"{abs(percent):.{0 if abs(percent) >= 100 else 1}f}"
    sign = "" if not text.strip("0.") else "+" if percent > 0 else amounts.MINUS
    return f"{sign}{text}%"


_FIGURES: dict[Order, Callable[[Listed], str]] = {
    Order.TOP: lambda row: compact(row.cap),
    Order.MOVERS: lambda row: compact(row.volume),
    Order.VOLUME: lambda row: compact(row.volume),
}


def _limits(query: Query) -> str:
    return f" · {escaped(typed(query.limits))}" if query.limits else ""


def _where(found: Screen, page: int, last: int) -> str:
    total, size = len(found.rows), count_of(found.found, "coin")
    first, end = page * A_PAGE + 1, min((page + 1) * A_PAGE, total)
    return f"{first}–{end} of {total}, out of {size}." if last else f"{end} out of {size}."


def _nothing(query: Query) -> str:
    if not query.limits:
        return "No coin is known with what this list goes by."
    return f"No coin fits {escaped(typed(query.limits))}.\nWrite fewer filters, or wider ones."


def _table(rows: Sequence[Listed], order: Order) -> str:
    """Symbol, price, what the list goes by, and the change; the last is left out where it has no room."""
    figure = _FIGURES[order]
    cells = [(_symbol(row), brief(row.price), figure(row), change(row.change_24h)) for row in rows]
    if _width(cells) > PHONE:
        keep = (0, 1, 3) if order is Order.MOVERS else (0, 1, 2)
        return _lines([tuple(row[place] for place in keep) for row in cells])
    return _lines(cells)


def _symbol(row: Listed) -> str:
    return cut(row.symbol, SYMBOL)


def _width(rows: Sequence[Sequence[str]]) -> int:
    return sum(max(map(len, column)) + 1 for column in zip(*rows, strict=True)) - 1


def _lines(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "<pre>" + "\n".join(escaped(_line(row, widths)) for row in rows) + "</pre>"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    (first, width), *others = zip(row, widths, strict=True)
    return " ".join([first.ljust(width), *(cell.rjust(width) for cell, width in others)])


def _source(note: SourceNote) -> str:
    name = NAMES.get(note.name, note.name)
    return f"✓ {name} {note.coins}" if note.trouble is None else f"✗ {name} {TROUBLES[note.trouble]}"


def _ways(query: Query, page: int, last: int) -> Iterable[Sequence[Button]]:
    """Other pages, other lists, and the same anew."""
    back = [_button(EARLIER, query, query.order, page - 1)] if page else []
    more = [_button(FURTHER, query, query.order, page + 1)] if page < last else []
    yield [*back, *more]
    yield [_button(LABELS[order], query, order, 0) for order in Order if order is not query.order]
    yield [_button("Refresh", query, query.order, page, verb="screen again")]


def _button(label: str, query: Query, order: Order, page: int, verb: str = "screen") -> Button:
    return Button(label, Action(verb, (order, query.count, typed(query.bounds), page)))


def _cells(number: int, row: Listed) -> tuple[str, ...]:
    price, moved = amounts.exact(row.price), change(row.change_24h)
    figures = (compact(row.volume), compact(row.cap))
    return (str(number), _printable(row.symbol), price, moved, *figures, _printable(row.name or ""))


def _padded(row: Sequence[str], widths: Sequence[int]) -> str:
    number, symbol, *figures, name = row
    cells = [number.rjust(widths[0]), symbol.ljust(widths[1])]
    cells += [cell.rjust(width) for cell, width in zip(figures, widths[2:-1], strict=True)]
    return "  ".join([*cells, name]).rstrip()


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:40]


def _for_programs(row: Listed) -> dict[str, object]:
    figures = (row.price, row.volume, row.cap, row.change_1h, row.change_24h)
    texts = (None if figure is None else f"{figure:f}" for figure in figures)
    return {
        "symbol": row.symbol,
        "name": row.name,
        "rank": row.rank,
        **dict(zip(("price", "volume", "cap", "change_1h", "change_24h"), texts, strict=True)),
        "source": row.source,
        "sources": list(row.sources),
        "at": row.at,
    }
