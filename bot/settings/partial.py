"""The settings as far as they can be used: for who looks after what is wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from bot.settings.declared import declared
from bot.settings.desks import MarketSettings, TradingSettings
from bot.settings.env_file import read_env_file
from bot.settings.loading import load_settings
from bot.settings.problems import SettingsError
from bot.settings.section import Section
from bot.settings.sections import StorageSettings

S = TypeVar("S", bound=Section)


@dataclass(frozen=True, slots=True)
class PriceSettings:
    """What it takes to ask for prices: the sources, Bybit's address, and the folder of what is kept."""

    markets: MarketSettings
    trading: TradingSettings
    storage: StorageSettings


def load_markets(environ: Mapping[str, str], env_file: Path | None) -> PriceSettings:
    """The settings that prices need, whatever may be missing of the others.

    Raises SettingsError with the mistakes in these, and names that are no setting: they may be meant for these.
    """
    try:
        settings = load_settings(environ, env_file)
    except SettingsError as error:
        known = declared()
        needed = {name for name, setting in known.items() if setting.section in PriceSettings.__slots__}
        problems = [
            problem for problem in error.problems if problem.name in needed or problem.name not in known
        ]
        if problems:
            raise SettingsError(problems) from None
        markets = load_section(MarketSettings, "markets", environ, env_file)
        trading = load_section(TradingSettings, "trading", environ, env_file)
        storage = load_section(StorageSettings, "storage", environ, env_file)
        if not (markets and trading and storage):
            raise
        return PriceSettings(markets, trading, storage)
    return PriceSettings(settings.markets, settings.trading, settings.storage)


def load_section(
    section: type[S], attribute: str, environ: Mapping[str, str], env_file: Path | None
) -> S | None:
    """One section, read as `load_settings` reads it; None where something in it is wrong or missing."""
    written = {**read_env_file(env_file).values, **_filled(environ)}
    names = {name for name, setting in declared().items() if setting.section == attribute}
    try:
        return section.model_validate({name: written[name] for name in names & _filled(written).keys()})
    except ValidationError:
        return None


def _filled(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value.strip()}
