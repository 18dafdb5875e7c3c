"""Instruments and tickers as they look on the wire."""

from decimal import Decimal
from typing import Any

from sandbox.exchange.instruments import QUOTE, Instrument
from sandbox.exchange.prices import Day, Quote
from sandbox.exchange.texts import rounded, text

JSON = dict[str, Any]


def instrument_info(instrument: Instrument) -> JSON:
    """One entry of instruments-info."""
    common: JSON = {
        "symbol": instrument.symbol,
        "baseCoin": instrument.base,
        "quoteCoin": QUOTE,
        "status": "Trading",
    }
    sizes = {"minOrderQty": text(instrument.least), "maxOrderQty": text(instrument.most)}
    if instrument.is_spot:
        lot = {"basePrecision": text(instrument.step), "quotePrecision": "0.00000001", **sizes}
        lot |= {"minOrderAmt": text(instrument.least_value), "maxOrderAmt": "8000000"}
        return common | {
            "innovation": "0",
            "marginTrading": "utaOnly",
            "lotSizeFilter": lot,
            "priceFilter": {"tickSize": text(instrument.tick)},
        }
    lot = {"qtyStep": text(instrument.step), "minNotionalValue": text(instrument.least_value), **sizes}
    lot |= {"maxMktOrderQty": text(instrument.most), "postOnlyMaxOrderQty": text(instrument.most)}
    limits = {"minPrice": text(instrument.tick), "maxPrice": text(instrument.tick * 19_999_998)}
    return common | {
        "contractType": "LinearPerpetual",
        "settleCoin": QUOTE,
        "launchTime": "1585526400000",
        "deliveryTime": "0",
        "priceScale": str(-int(instrument.tick.as_tuple().exponent)),
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
        "lotSizeFilter": lot,
        "priceFilter": limits | {"tickSize": text(instrument.tick)},
        "unifiedMarginTrade": True,
        "fundingInterval": 480,
    }


def ticker(instrument: Instrument, quote: Quote, day: Day) -> JSON:
    """One entry of tickers."""
    change = (quote.last - day.before) / day.before
    volume = instrument.amount(instrument.turnover / quote.last)
    common: JSON = {
        "symbol": instrument.symbol,
        "lastPrice": text(quote.last),
        "bid1Price": text(quote.bid),
        "bid1Size": text(instrument.least * 1000),
        "ask1Price": text(quote.ask),
        "ask1Size": text(instrument.least * 1000),
        "prevPrice24h": text(day.before),
        "price24hPcnt": text(change.quantize(Decimal("0.000001"))),
        "highPrice24h": text(day.high),
        "lowPrice24h": text(day.low),
        "turnover24h": text(instrument.turnover),
        "volume24h": text(volume),
    }
    if instrument.is_spot:
        return common | {"usdIndexPrice": text(quote.last)}
    interest = instrument.amount(volume / 3)
    return common | {
        "indexPrice": text(quote.last),
        "markPrice": text(quote.last),
        "openInterest": text(interest),
        "openInterestValue": rounded(interest * quote.last),
        "fundingRate": "0.0001",
        "nextFundingTime": "",
    }
