"""The settings as far as they can be used: for who looks after what is wrong with them."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from bot.settings.declared import declared
from bot.settings.env_file import read_env_file
from bot.settings.section import Section

S = TypeVar("S", bound=Section)


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
