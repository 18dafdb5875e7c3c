"""From what people type to what a venue trades: BTC, btc-usdt, BTC/USDT, and BTC/USDT:USDT for the perpetual."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.errors import UnknownSymbol
from bot.models.market import AccountType, Instrument

QUOTE = "USDT"  # what is meant where only a coin is named
MOST_NEAREST = 3
LIKE_ENOUGH = 0.5
MAX_LENGTH = 32

_DIVIDERS = re.compile(r"[/_\-]")
_NAME = re.compile(r"[A-Z0-9]{1,32}")
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """A symbol or a coin, in capitals and without dividers; `linear`: the perpetual is meant, whatever else is set."""

    name: str
    linear: bool = False

    def market(self, account_type: AccountType) -> AccountType:
        """Where it is to be looked for by somebody who trades there."""
        return AccountType.LINEAR if self.linear else account_type


def read_symbol(typed: str) -> Wanted:
    """What was typed, in one spelling; raises UnknownSymbol for what cannot be one anywhere."""
    if len(typed) > 2 * MAX_LENGTH:
        raise UnknownSymbol(_printable(typed))
    pair, colon, settle = unicodedata.normalize("NFKC", typed).strip().upper().partition(":")
    name = _DIVIDERS.sub("", pair)
    if not _NAME.fullmatch(name) or (colon and settle != QUOTE):
        raise UnknownSymbol(_printable(typed))
    return Wanted(name, linear=bool(colon))


def find_instrument(wanted: Wanted, known: Mapping[str, Instrument]) -> Instrument:
    """The one that is meant: by its symbol, else by its coin; raises UnknownSymbol where none or several could be.

    A coin means its pair with USDT; where there is none, its only pair.
    """
    exact = known.get(wanted.name) or known.get(wanted.name + QUOTE)
    if exact is not None:
        return exact
    pairs = [each for each in known.values() if each.base == wanted.name]
    if len(pairs) == 1:
        return pairs[0]
    close = sorted(each.symbol for each in pairs) or _alike(wanted.name, known.values())
    raise UnknownSymbol(wanted.name, tuple(close[:MOST_NEAREST]))


def _alike(name: str, known: Iterable[Instrument]) -> list[str]:
    """Pairs of coins that hold the name, or look like it; the closest first."""
    coin = name.removesuffix(QUOTE).removesuffix("USD") or name
    pairs: dict[str, str] = {}
    for each in known:
        if each.quote == QUOTE or each.base not in pairs:
            pairs[each.base] = each.symbol
    holding = [base for base in pairs if coin in base] if len(coin) > 1 else []
    similar = difflib.get_close_matches(coin, pairs, MOST_NEAREST, LIKE_ENOUGH)
    return [pairs[base] for base in dict.fromkeys([*sorted(holding, key=len)[:MOST_NEAREST], *similar])]


def _printable(typed: str) -> str:
    kept = "".join(letter for letter in typed[:_SHOWN] if letter.isprintable())
    return kept + ("…" if len(typed) > _SHOWN else "")
