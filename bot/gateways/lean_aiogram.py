"""Imports aiogram without building its models: each is built where it is used first.

aiogram defers the building of its models, and then builds all of them in a loop at the end of `aiogram.types`: four
fifths of its import, and a hundred megabytes. Here that loop builds nothing, and the names that it would have given
to the models go into their modules, where pydantic looks for them. Where aiogram or pydantic is not as expected, the
models are built as aiogram does it. See docs/decisions/0017-lean-start.md.
"""

from __future__ import annotations

import asyncio
import builtins
import importlib
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from pydantic import BaseModel

log = structlog.get_logger(__name__)

Namespace = Mapping[str, Any]

PACKAGE = "aiogram"
TYPES = "aiogram.types."
TRIAL = {
    "type": "text_mention",
    "offset": 0,
    "length": 1,
    "user": {"id": 1, "is_bot": False, "first_name": "A"},
}
# What the first requests need, in this order: what is built is used again by what holds it.
SOON = {
    "types": ("Message", "CallbackQuery", "Update"),
    "methods": ("SendMessage", "EditMessageText", "AnswerCallbackQuery", "SendChatAction"),
}

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


class Unexpected(Exception):
    """aiogram or pydantic is not as it was when this was written."""


def import_aiogram() -> bool:
    """Import it, unless it is there; returns whether its models are left for later."""
    if PACKAGE in sys.modules:
        return False
    try:
        namespace = _import_unbuilt()
    except Exception as error:
        log.warning("aiogram is imported the slow way", reason=f"{type(error).__name__}: {error}")
        _import_anew()
        return False
    try:
        _prepare(namespace)
    except Exception as error:
        log.warning("aiogram's models are all built now", reason=f"{type(error).__name__}: {error}")
        _build_all(namespace)
        return False
    return True


async def build_soon() -> None:
    """Build what the first requests need, model by model, so that no one has to wait for it then."""
    for package, names in SOON.items():
        models = importlib.import_module(f"{PACKAGE}.{package}")
        for name in names:
            getattr(models, name).model_rebuild()
            await asyncio.sleep(0)


def _import_unbuilt() -> Namespace:
    """Import it with a loop that builds nothing; returns the names that the loop would have built with."""
    kept: dict[int, Namespace] = {}
    original = BaseModel.__dict__["model_rebuild"]

    def keep(model: type[BaseModel], *, _types_namespace: Namespace | None = None, **options: Any) -> Any:
        if _types_namespace is not None and model.__module__.startswith(TYPES):
            kept[id(_types_namespace)] = _types_namespace
            return None
        return original.__get__(None, model)(_types_namespace=_types_namespace, **options)

    BaseModel.model_rebuild = classmethod(keep)  # type: ignore[method-assign, assignment, arg-type]
    try:
        importlib.import_module(PACKAGE)
    finally:
        BaseModel.model_rebuild = original  # type: ignore[method-assign]
    if len(kept) != 1:
        raise Unexpected(f"its models are built with {len(kept)} sets of names")
    return next(iter(kept.values()))


def _import_anew() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
    importlib.import_module(PACKAGE)


def _prepare(namespace: Namespace) -> None:
    """Give each module the names that its models speak of, and build a model to see that this is enough."""
    for model in _models(namespace):
        place = vars(sys.modules[model.__module__])
        for name in _names_in(model):
            if name in namespace:
                place.setdefault(name, namespace[name])
            elif name not in place and not hasattr(builtins, name):
                raise Unexpected(f"nobody knows the name {name} in {model.__name__}")
    trial = namespace["MessageEntity"]
    if trial.__pydantic_complete__:
        raise Unexpected("its models are built as they are defined")
    if trial.model_validate(TRIAL).model_dump(exclude_none=True) != TRIAL:
        raise Unexpected("a model that is built later is another one")


def _models(namespace: Namespace) -> Iterator[type[BaseModel]]:
    return (each for each in namespace.values() if isinstance(each, type) and issubclass(each, BaseModel))


def _names_in(model: type[BaseModel]) -> Iterator[str]:
    """The names in its annotations, and in those it inherits, which are read in its own module."""
    for base in model.__mro__:
        if base.__module__.startswith(TYPES):
            for annotation in inspect.get_annotations(base).values():
                if isinstance(annotation, str):
                    yield from _NAME.findall(_QUOTED.sub("", annotation))


def _build_all(namespace: Namespace) -> None:
    """What aiogram does at its import."""
    for model in _models(namespace):
        model.model_rebuild(_types_namespace=namespace)
