"""Coins as several sources list them, made one list: which are the same, whose numbers count, and in what order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from bot.errors import PeerBusy, PeerRefused
from bot.models.price import Coin

AGREE = Decimal("0.05")  # of the price: so far apart may two sources be
JUMP = 10  # times up or down since the last reading
MOST = 2000  # coins that are kept, the largest ones
LONGEST_SYMBOL = 20
TWIN = "#"
ZERO, LOST = Decimal(0), Decimal(-1)

Prices = Mapping[tuple[str, str], Sequence[Decimal]]  # by source and symbol: a source may list a symbol twice


class Trouble(StrEnum):
    """Why a source is not in the list."""

    BUSY = "busy"  # it asks to be asked less often
    LATE = "late"  # no answer in time
    REFUSED = "refused"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class SourceNote:
    """What one source brought: so many coins, or the trouble that there was."""

    name: str
    coins: int = 0
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One coin of the merged list. `source` is whose price it is, for the time `at`; `sources` all who list it.

    `volume` (24 h) and `cap` in USD; changes are fractions. What nobody tells is None. Another coin under the same
    symbol is `SYMBOL#2`, and so on.
    """

    symbol: str
    price: Decimal
    at: float
    source: str
    sources: tuple[str, ...]
    name: str | None = None
    volume: Decimal | None = None
    cap: Decimal | None = None
    rank: int | None = None
    change_1h: Decimal | None = None
    change_24h: Decimal | None = None

    @property
    def ticker(self) -> str:
        """The symbol as the sources write it."""
        return self.symbol.partition(TWIN)[0]


@dataclass(frozen=True, slots=True)
class Screening:
    """One reading of all sources, put together at `at` (epoch seconds); rows in no order that matters."""

    rows: tuple[Listed, ...]
    sources: tuple[SourceNote, ...]
    at: float

    @property
    def is_partial(self) -> bool:
        """Whether a source is missing in it."""
        return any(note.trouble for note in self.sources)

    def find(self, symbol: str) -> Listed | None:
        """The coin with that symbol."""
        return next((row for row in self.rows if row.symbol == symbol), None)


@dataclass(frozen=True, slots=True)
class Screen:
    """The first rows of a list made at `at` (epoch seconds); so many coins in all were within the bounds.

    `stale`: a newer list was asked for, and no source has answered.
    """

    rows: tuple[Listed, ...]
    sources: tuple[SourceNote, ...]
    at: float
    found: int
    stale: bool = False


def merge(lists: Iterable[tuple[str, Sequence[Coin]]], before: Prices | None = None) -> tuple[Listed, ...]:
    """One list of the lists of several sources, which stand in order of preference.

    The same symbol is the same coin only where the prices agree within 5 %, and one source never lists a coin twice;
    all others are kept apart: the one with the highest volume has the plain symbol, the next ones `SYMBOL#2` and so on.
    Price, volume and name are those of the first source that tells a volume, cap and rank those of the first that
    tells a cap; a change comes from the first that tells it. Nothing is added up or averaged.

    A price that is no number above zero is left out. So is one ten times up or down from what its source said
    `before`, unless another source agrees with it.
    """
    by_symbol: dict[str, list[list[Coin]]] = {}
    for source, coins in lists:
        for coin in coins:
            if usable := checked(coin, source):
                _place(usable, by_symbol.setdefault(usable.symbol, []))
    rows: list[Listed] = []
    for symbol, groups in by_symbol.items():
        sound = [_listed(group) for group in groups if len(group) > 1 or not is_jump(group[0], before or {})]
        sound.sort(key=_weight, reverse=True)
        rows += sound[:1]
        rows += [replace(row, symbol=f"{symbol}{TWIN}{place}") for place, row in enumerate(sound[1:], 2)]
    rows.sort(key=_size, reverse=True)
    return tuple(rows[:MOST])


def checked(coin: Coin, source: str) -> Coin | None:
    """The coin as `source` lists it, without numbers that make no sense; None where its price or symbol does not."""
    price, symbol = coin.price, coin.symbol.strip().upper()
    if not price.is_finite() or price <= ZERO or not _is_symbol(symbol):
        return None
    if coin.source == source and coin.symbol == symbol and _makes_sense(coin):
        return coin  # as nearly all are
    return replace(
        coin,
        symbol=symbol,
        source=source,
        volume=_at_least(coin.volume, ZERO),
        cap=_at_least(coin.cap, ZERO) or None,
        rank=coin.rank if coin.rank and coin.rank > 0 else None,
        change_1h=_at_least(coin.change_1h, LOST),
        change_24h=_at_least(coin.change_24h, LOST),
    )


def is_jump(coin: Coin, before: Prices) -> bool:
    """Whether the price is ten times up or down from all that its source has said of the symbol."""
    prices = before.get((coin.source, coin.symbol), ())
    return bool(prices) and not any(price / JUMP < coin.price < price * JUMP for price in prices)


def prices_of(rows: Iterable[Listed]) -> dict[tuple[str, str], tuple[Decimal, ...]]:
    """What each source has said, as far as the merged list tells: all sources of a row agree on its price."""
    found: dict[tuple[str, str], tuple[Decimal, ...]] = {}
    for row in rows:
        for source in row.sources:
            key = source, row.ticker
            found[key] = (*found.get(key, ()), row.price)
    return found


def trouble_of(error: Exception) -> Trouble:
    """Why a source did not answer."""
    match error:
        case PeerBusy():
            return Trouble.BUSY
        case PeerRefused():
            return Trouble.REFUSED
        case TimeoutError():
            return Trouble.LATE
    return Trouble.AWAY


def _is_symbol(symbol: str) -> bool:
    if symbol.isascii() and symbol.isalnum() and len(symbol) <= LONGEST_SYMBOL:
        return True
    fits = 0 < len(symbol) <= LONGEST_SYMBOL and symbol.isprintable()
    return fits and TWIN not in symbol and " " not in symbol


def _makes_sense(coin: Coin) -> bool:
    return (
        coin.volume is _at_least(coin.volume, ZERO)
        and coin.cap is (_at_least(coin.cap, ZERO) or None)
        and (coin.rank is None or coin.rank > 0)
        and coin.change_1h is _at_least(coin.change_1h, LOST)
        and coin.change_24h is _at_least(coin.change_24h, LOST)
    )


def _at_least(value: Decimal | None, least: Decimal) -> Decimal | None:
    return value if value is not None and value.is_finite() and value >= least else None


def _place(coin: Coin, groups: list[list[Coin]]) -> None:
    """Into the group of coins whose first price is nearest and agrees, or into a new one."""
    nearest, distance = None, ZERO
    for group in groups:
        price = group[0].price
        apart = abs(price - coin.price)
        agrees = apart <= AGREE * max(price, coin.price) and all(each.source != coin.source for each in group)
        if agrees and (nearest is None or apart < distance):
            nearest, distance = group, apart
    if nearest is None:
        groups.append([coin])
    else:
        nearest.append(coin)


def _listed(group: Sequence[Coin]) -> Listed:
    leader = next((coin for coin in group if coin.volume is not None), group[0])
    ranked = next((coin for coin in group if coin.cap is not None), leader)
    in_turn = group if leader is group[0] else (leader, *(coin for coin in group if coin is not leader))
    return Listed(
        symbol=leader.symbol,
        price=leader.price,
        at=leader.at,
        source=leader.source,
        sources=tuple(coin.source for coin in group),
        name=next((coin.name for coin in in_turn if coin.name), None),
        volume=leader.volume,
        cap=ranked.cap,
        rank=ranked.rank,
        change_1h=next((coin.change_1h for coin in in_turn if coin.change_1h is not None), None),
        change_24h=next((coin.change_24h for coin in in_turn if coin.change_24h is not None), None),
    )


def _weight(row: Listed) -> tuple[Decimal, Decimal]:
    """Who has the plain symbol."""
    return row.volume or ZERO, row.cap or ZERO


def _size(row: Listed) -> Decimal:
    return max(row.cap or ZERO, row.volume or ZERO)
