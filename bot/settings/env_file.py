"""Reads a file of `NAME=value` lines, quoted and commented as is usual in `.env` files."""

import io
from dataclasses import dataclass
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from bot.settings.problems import SettingProblem, abridge


@dataclass(frozen=True, slots=True)
class EnvFile:
    """The values of an env file by name, in order, and what is wrong with its lines."""

    values: dict[str, str]
    problems: tuple[SettingProblem, ...] = ()


def read_env_file(path: Path | None, *, required: bool = False) -> EnvFile:
    """The content of the file; of none, or of one that isn't there and isn't `required`, nothing."""
    if path is None:
        return EnvFile({})
    try:
        return parse_env(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return _unreadable(path, "does not exist") if required else EnvFile({})
    except OSError as error:
        return _unreadable(path, f"cannot be read ({error.strerror})")
    except UnicodeDecodeError:
        return _unreadable(path, "is not UTF-8 text")


def parse_env(text: str) -> EnvFile:
    """The settings in the text of an env file; of a name set twice the last value, as shells have it."""
    values: dict[str, str] = {}
    lines: dict[str, int] = {}
    problems: list[SettingProblem] = []
    for binding in parse_stream(io.StringIO(text)):
        line = _line_of(binding)
        if binding.error or (binding.key is not None and binding.value is None):
            problems.append(SettingProblem(f"line {line}", "cannot be understood", "NAME=value"))
        elif binding.key is not None and binding.value is not None:
            if binding.key in lines:
                problems.append(_twice(binding.key, lines[binding.key], line))
            lines[binding.key] = line
            values[binding.key] = binding.value
    return EnvFile(values, tuple(problems))


def _line_of(binding: Binding) -> int:
    """The line of the name itself: the parser counts blank lines before it in."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")


def _twice(name: str, first: int, second: int) -> SettingProblem:
    return SettingProblem(name, f"is set twice in the file, in lines {first} and {second}", "")


def _unreadable(path: Path, problem: str) -> EnvFile:
    return EnvFile({}, (SettingProblem(abridge(str(path)), problem, "a file of NAME=value lines"),))
