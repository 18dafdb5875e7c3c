"""The settings of the trading desk and of the market desk. Durations are in seconds, money in USD."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from bot.settings import identities, places, quantities
from bot.settings.forms import FormError, ranking
from bot.settings.section import Section

BYBIT_API = "https://api.bybit.com"
METAL_SOURCES = ("gold-api", "swissquote", "yahoo", "paxg")
COIN_SOURCES = ("binance", "coinpaprika", "coingecko", "bybit", "coincap")

CacheTTL = Annotated[float, quantities.duration(0.1, 600)]
BuyFactor = Annotated[Decimal, quantities.percentage(1, 100)]


class TradingSettings(Section):
    """Which exchanges there are, what an order may be worth, and how long looked-up numbers count as fresh."""

    exchanges: Annotated[tuple[str, ...], identities.venues()] = Field(
        default=("bybit",), validation_alias="EXCHANGES"
    )
    bybit_url: Annotated[str, places.base_url(BYBIT_API, not_with="/v5")] = Field(
        default=BYBIT_API, validation_alias="BYBIT_API_URL"
    )
    call_timeout: Annotated[float, quantities.duration(0.1, 60)] = Field(
        default=10.0, validation_alias="EXCHANGE_CALL_TIMEOUT"
    )
    paper_money: Annotated[Decimal, quantities.money(1, 1_000_000_000)] = Field(
        default=Decimal(10_000), validation_alias="PAPER_MONEY"
    )
    order_limit: Annotated[Decimal, quantities.money(1, 1_000_000_000)] = Field(
        default=Decimal(1_000), validation_alias="ORDER_LIMIT"
    )
    day_limit: Annotated[Decimal, quantities.money(1, 1_000_000_000)] = Field(
        default=Decimal(5_000), validation_alias="DAY_LIMIT"
    )
    large_order: Annotated[Decimal, quantities.money(1, 1_000_000_000)] = Field(
        default=Decimal(500), validation_alias="LARGE_ORDER"
    )
    far_from_market: Annotated[Decimal, quantities.percentage(0, 100)] = Field(
        default=Decimal("0.05"), validation_alias="FAR_FROM_MARKET"
    )
    balance_ttl: CacheTTL = Field(default=15.0, validation_alias="BALANCE_TTL")
    positions_ttl: CacheTTL = Field(default=10.0, validation_alias="POSITIONS_TTL")
    ticker_ttl: CacheTTL = Field(default=5.0, validation_alias="TICKER_TTL")
    credentials_ttl: CacheTTL = Field(default=60.0, validation_alias="CREDENTIALS_TTL")


class MarketSettings(Section):
    """Where prices come from, in order of preference, how long they are kept, and what is paid for scrap."""

    metal_sources: Annotated[tuple[str, ...], ranking(*METAL_SOURCES)] = Field(
        default=METAL_SOURCES, validation_alias="METAL_SOURCES"
    )
    coin_sources: Annotated[tuple[str, ...], ranking(*COIN_SOURCES)] = Field(
        default=("binance", "coinpaprika", "coingecko", "bybit"), validation_alias="COIN_SOURCES"
    )
    coincap_key: Annotated[SecretStr | None, identities.signing_secret()] = Field(
        default=None, validation_alias="COINCAP_KEY"
    )
    prices_url: Annotated[str | None, places.base_url("http://127.0.0.1:8094", not_with="/v1")] = Field(
        default=None, validation_alias="PRICES_API_URL"
    )
    source_timeout: Annotated[float, quantities.duration(0.1, 60)] = Field(
        default=5.0, validation_alias="SOURCE_TIMEOUT"
    )
    spot_ttl: Annotated[float, quantities.duration(1, 3600)] = Field(
        default=60.0, validation_alias="SPOT_TTL"
    )
    screener_ttl: Annotated[float, quantities.duration(10, 86_400)] = Field(
        default=3600.0, validation_alias="SCREENER_TTL"
    )
    gold_buy: BuyFactor = Field(default=Decimal("0.90"), validation_alias="GOLD_BUY")
    silver_buy: BuyFactor = Field(default=Decimal("0.70"), validation_alias="SILVER_BUY")
    platinum_buy: BuyFactor = Field(default=Decimal("0.80"), validation_alias="PLATINUM_BUY")
    palladium_buy: BuyFactor = Field(default=Decimal("0.80"), validation_alias="PALLADIUM_BUY")

    @field_validator("coincap_key")
    @classmethod
    def _is_there_for_coincap(cls, key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if key is None and "coincap" in info.data.get("coin_sources", ()):
            raise FormError("is missing: COIN_SOURCES names coincap, which answers nobody without one")
        return key
