"""What has a price: metals, and coins by size; two coins may share a symbol, as they do outside."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from sandbox.exchange.instruments import INSTRUMENTS, QUOTE, SPOT, Instrument

METAL, TWIN = "metal", "twin"
MILLION = 1_000_000
DIGITS = 6  # of a price


@dataclass(frozen=True, slots=True)
class Coin:
    """One coin. `supply` in coins; `traded`: there is a pair with USDT at the local Binance."""

    symbol: str
    name: str
    rank: int
    supply: Decimal
    instrument: Instrument
    traded: bool

    @property
    def id(self) -> str:
        """A name of its own, as lists have it: `btc-bitcoin`."""
        return f"{self.symbol}-{self.name}".lower().replace(" ", "-")


# symbol · name · price · supply in millions · daily turnover in millions of USD
_TRADED = """
BTC    Bitcoin         84250      19.95    1900
ETH    Ethereum        2940       120.7    1100
XRP    XRP             2.214      60200    310
BNB    BNB             842.5      137.7    45
SOL    Solana          141.2      555      420
USDC   USD_Coin        1          76000    950
TRX    TRON            0.28135    94700    35
DOGE   Dogecoin        0.15212    151800   120
ADA    Cardano         0.4318     36600    60
BCH    Bitcoin_Cash    512.4      19.95    28
LINK   Chainlink       13.215     697      40
XLM    Stellar         0.2516     32100    22
LTC    Litecoin        88.41      76.5     22
HBAR   Hedera          0.1432     42500    18
AVAX   Avalanche       14.62      428      31
SUI    Sui             1.587      3680     74
SHIB   Shiba_Inu       0.00000881 589240000 18
TON    Toncoin         1.612      2440     12
DOT    Polkadot        2.318      1640     16
UNI    Uniswap         6.124      630      27
AAVE   Aave            172.9      15.3     24
NEAR   NEAR_Protocol   1.871      1270     33
PEPE   Pepe            0.00000462 420690000 75
ETC    Ethereum_Classic 13.42     154      9
ICP    Internet_Computer 4.216    539      14
FIL    Filecoin        1.684      698      13
ATOM   Cosmos          2.537      473      8
ARB    Arbitrum        0.2153     5500     19
JUP    Jupiter         0.2465     3160     11
SYRUP  Maple           0.2912     1140     5
"""
_UNTRADED = """
USDT   Tether          1          184000   52000
LEO    LEO_Token       9.412      922      3
MNT    Mantle          1.064      3250     70
OKB    OKB             108.3      21       25
"""
_TWINS = """
SOL    Sollet          0.01734    120      0.02
UNI    Unison          0.000214   9000     0.01
SUI    Suite           0.2391     14       0.03
DOT    Dotcoin         41.7       0.4      0.005
PEPE   Pepe_Classic    0.0183     6.9      0.04
"""
_METALS = {
    "XAU": ("Gold", "4392"),
    "XAG": ("Silver", "52.4"),
    "XPT": ("Platinum", "1612"),
    "XPD": ("Palladium", "1398"),
}


def _instrument(category: str, symbol: str, base: str, start: Decimal, turnover: Decimal) -> Instrument:
    tick = Decimal(1).scaleb(start.adjusted() - DIGITS + 1)
    limits = (Decimal("0.000001"), Decimal("0.000001"), Decimal(10**9), Decimal(5))
    return Instrument(category, symbol, base, start, tick, *limits, turnover)


def _table(table: str, category: str) -> Iterator[Coin]:
    """Coins of the local exchange are its own instruments: they cost the same here and there."""
    for symbol, name, *numbers in filter(None, map(str.split, table.split("\n"))):
        start, supply, turnover = map(Decimal, numbers)
        base = symbol if category == SPOT else name
        made = _instrument(category, base + QUOTE, base, start, turnover * MILLION)
        instrument = INSTRUMENTS.get((category, made.symbol), made)
        yield Coin(symbol, name.replace("_", " "), 0, supply * MILLION, instrument, table is _TRADED)


def _ranked() -> Iterator[Coin]:
    """By what all of a coin is worth; the namesakes of others come far behind, as outside."""
    coins = [*_table(_TRADED, SPOT), *_table(_UNTRADED, SPOT), *_table(_TWINS, TWIN)]
    coins.sort(key=lambda coin: coin.supply * coin.instrument.start, reverse=True)
    for place, coin in enumerate(coins, 1):
        rank = place + 1000 if coin.instrument.category == TWIN else place
        yield replace(coin, rank=rank)


COINS = tuple(_ranked())
STABLE = ("USDC", "USDT")
METALS = {
    code: _instrument(METAL, code, code, Decimal(start), Decimal(0)) for code, (_, start) in _METALS.items()
}
METAL_NAMES = {code: name for code, (name, _) in _METALS.items()}
