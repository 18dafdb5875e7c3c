"""Reads the settings out of the environment and the env file, and finds every mistake in them at once."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.settings.declared import Declared, declared
from bot.settings.env_file import EnvFile, read_env_file
from bot.settings.forms import FormError, nearest
from bot.settings.problems import SettingProblem, SettingsError
from bot.settings.sections import Settings

ENV_FILE = "ENV_FILE"
# An environment holds the variables of many programs: only a name this much like one of ours is a slip.
NEAR_MISS = 0.85


def env_file_named_by(environ: Mapping[str, str]) -> Path | None:
    """The file to read settings from: `.env`, unless ENV_FILE names another, or none by being empty."""
    name = environ.get(ENV_FILE, ".env")
    return Path(os.path.expanduser(name)) if name else None


def load_settings(environ: Mapping[str, str], env_file: Path | None) -> Settings:
    """Every setting, checked. The environment beats the file; what is set empty counts as not set.

    A file that does not exist is as good as an empty one, unless ENV_FILE asks for it.
    Raises SettingsError with all mistakes there are.
    """
    known = declared()
    file = read_env_file(env_file, required=bool(environ.get(ENV_FILE)))
    values = {**_filled(file.values, known), **_filled(environ, known)}
    unknown = [*_unknown_in_file(file, known), *_near_misses(environ, known)]
    problems = [*file.problems, *unknown]
    try:
        sections: dict[str, Any] = {**_by_section(values, known)}
        settings = Settings(**sections)
    except ValidationError as error:
        raise SettingsError([*_problems(error, values, known), *problems]) from None
    if problems:
        raise SettingsError(problems)
    return settings


def _filled(values: Mapping[str, str], known: Iterable[str]) -> dict[str, str]:
    return {name: values[name] for name in known if values.get(name, "").strip()}


def _by_section(values: Mapping[str, str], known: Mapping[str, Declared]) -> dict[str, dict[str, str]]:
    sections: dict[str, dict[str, str]] = {setting.section: {} for setting in known.values()}
    for name, value in values.items():
        sections[known[name].section][name] = value
    return sections


def _problems(
    error: ValidationError, values: Mapping[str, str], known: Mapping[str, Declared]
) -> Iterator[SettingProblem]:
    for detail in error.errors(include_url=False, include_input=False):
        # A default made of another setting can't be made when that one is wrong, and need not be told.
        if detail["type"] != "default_factory_not_called":
            name = _name_at(detail["loc"], known)
            yield _problem(name, detail, values.get(name), known[name])


def _name_at(loc: tuple[int | str, ...], known: Mapping[str, Declared]) -> str:
    """The setting's name; pydantic has it for values, but for defaults it has the attribute's."""
    section, key = loc[:2]
    by_place = {(setting.section, setting.attribute): name for name, setting in known.items()}
    return by_place.get((str(section), str(key)), str(key))


def _problem(name: str, detail: ErrorDetails, value: str | None, setting: Declared) -> SettingProblem:
    expected = setting.form.expected
    if detail["type"] == "missing":
        return SettingProblem(name, "is missing", expected, missing=True)
    shown = None if value is None else setting.form.show(value)
    cause = detail.get("ctx", {}).get("error")
    assert isinstance(cause, FormError), detail["type"]
    return SettingProblem(name, str(cause), expected, shown, cause.suggestion)


def _unknown_in_file(file: EnvFile, known: Collection[str]) -> Iterator[SettingProblem]:
    for name in file.values:
        if name not in known:
            yield _unknown(name, nearest(name, known))


def _near_misses(environ: Mapping[str, str], known: Collection[str]) -> Iterator[SettingProblem]:
    for name in sorted(environ.keys() - {*known, ENV_FILE}):
        if meant := nearest(name, known, likeness=NEAR_MISS):
            yield _unknown(name, meant)


def _unknown(name: str, meant: str | None) -> SettingProblem:
    expected = "" if meant else "one of the names in .env.example"
    return SettingProblem(name, "is not a setting", expected, suggestion=meant)
