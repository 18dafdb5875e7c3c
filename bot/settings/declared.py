"""Every setting by its name, as the sections declare it."""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic.fields import FieldInfo

from bot.settings.forms import Form
from bot.settings.section import Section
from bot.settings.sections import Settings


@dataclass(frozen=True, slots=True)
class Declared:
    """Which attribute of which section a setting becomes, and how it is written."""

    section: str
    attribute: str
    form: Form


def declared() -> dict[str, Declared]:
    """Every setting by name, in the order they stand here."""
    return {
        str(field.validation_alias): Declared(section, attribute, _form_of(field))
        for section, holder in Settings.model_fields.items()
        for attribute, field in _fields_of(holder)
    }


def _fields_of(holder: FieldInfo) -> Iterable[tuple[str, FieldInfo]]:
    section = holder.annotation
    assert section is not None
    assert issubclass(section, Section)
    return section.model_fields.items()


def _form_of(field: FieldInfo) -> Form:
    return next(part for part in field.metadata if isinstance(part, Form))
