"""Formatted text: what may stand inside what, what Telegram finds by itself (commands, links, mentions)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sandbox.telegram import limits

CODE = frozenset({"code", "pre"})
BLOCKQUOTES = frozenset({"blockquote", "expandable_blockquote"})
SPLITTABLE = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
ARGUMENTS = {
    "text_link": "url",
    "pre": "language",
    "text_mention": "user",
    "custom_emoji": "custom_emoji_id",
    "date_time": "unix_time",
}
# Of two entities over the same piece the one named first is outside, and wins where only one may stay.
OUTSIDE_FIRST = ("blockquote", "expandable_blockquote", "pre", "code", "text_link", "text_mention")
FOUND = {
    "url": re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?')\]]"),
    "bot_command": re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{4,32})?(?![\w/<>])"),
    "mention": re.compile(r"(?<!\w)@[A-Za-z0-9_]{4,32}\b"),
    "hashtag": re.compile(r"(?<!\w)#\w*[^\W\d_]\w*"),
}
CONTROL = {code: " " for code in range(32) if chr(code) not in "\r\n"} | {ord("\r"): None}


@dataclass(frozen=True, slots=True)
class Entity:
    """A formatted piece; `offset` and `length` count UTF-16 units, `argument` is what ARGUMENTS names."""

    type: str
    offset: int
    length: int
    argument: str = ""

    @property
    def end(self) -> int:
        """The offset behind the last unit."""
        return self.offset + self.length

    def overlaps(self, other: "Entity") -> bool:
        """Whether the two share a unit."""
        return self.offset < other.end and other.offset < self.end


@dataclass(frozen=True, slots=True)
class FormattedText:
    """A text without markup, and its entities by offset, outer ones first."""

    text: str
    entities: tuple[Entity, ...] = ()


def utf16_length(text: str) -> int:
    """How Telegram counts: characters outside the basic plane are two units."""
    return len(text) + sum(character > "\uffff" for character in text)


def clean(text: str) -> str:
    """Control characters become spaces, carriage returns vanish."""
    return text.translate(CONTROL)


def fixed(formatted: FormattedText) -> FormattedText:
    """As Telegram stores it: nesting rules applied, blank edges cut, commands and links found."""
    trimmed = _trimmed(FormattedText(formatted.text, tuple(_nested(formatted.entities))))
    found = [entity for entity in find_entities(trimmed.text) if not _taken(entity, trimmed.entities)]
    return FormattedText(trimmed.text, tuple(_ordered([*trimmed.entities, *found])[: limits.ENTITIES]))


def find_entities(text: str) -> list[Entity]:
    """What Telegram marks in plain text; the kinds listed first win where two overlap."""
    found: list[Entity] = []
    for kind, pattern in FOUND.items():
        for match in pattern.finditer(text):
            offset = utf16_length(text[: match.start()])
            entity = Entity(kind, offset, utf16_length(match[0]))
            if not any(entity.overlaps(other) for other in found):
                found.append(entity)
    return _ordered(found)


def as_json(entity: Entity) -> dict[str, Any]:
    """A MessageEntity; the user of a text_mention is known by id only."""
    source: dict[str, Any] = {"type": entity.type, "offset": entity.offset, "length": entity.length}
    if not entity.argument:
        return source
    if entity.type == "text_mention":
        return source | {"user": {"id": int(entity.argument), "is_bot": False, "first_name": "User"}}
    if entity.type == "date_time":
        return source | {"unix_time": int(entity.argument)}
    return source | {ARGUMENTS[entity.type]: entity.argument}


def _ordered(entities: Iterable[Entity]) -> list[Entity]:
    return sorted(entities, key=lambda entity: (entity.offset, -entity.length, _rank(entity.type)))


def _rank(kind: str) -> tuple[int, str]:
    return OUTSIDE_FIRST.index(kind) if kind in OUTSIDE_FIRST else len(OUTSIDE_FIRST), kind


def _nested(entities: Iterable[Entity]) -> Iterator[Entity]:
    """Nothing inside code, no quote inside a quote, no link inside a link, nothing twice."""
    ordered = _ordered(entities)
    solid: list[Entity] = []
    for entity in ordered:
        rivals = [other for other in solid if (other.type in BLOCKQUOTES) == (entity.type in BLOCKQUOTES)]
        if entity.type not in SPLITTABLE and not any(entity.overlaps(other) for other in rivals):
            solid.append(entity)
    yield from solid
    yield from _split([entity for entity in ordered if entity.type in SPLITTABLE], solid)


def _split(entities: list[Entity], solid: list[Entity]) -> Iterator[Entity]:
    code = [entity for entity in solid if entity.type in CODE]
    for kind in SPLITTABLE:
        covered = 0
        for entity in (entity for entity in entities if entity.type == kind):
            start = max(covered, entity.offset)
            yield from _around(replace(entity, offset=start, length=max(0, entity.end - start)), code)
            covered = max(covered, entity.end)


def _around(entity: Entity, holes: list[Entity]) -> Iterator[Entity]:
    start = entity.offset
    for hole in (hole for hole in holes if entity.overlaps(hole)):
        if hole.offset > start:
            yield replace(entity, offset=start, length=hole.offset - start)
        start = max(start, hole.end)
    if entity.end > start:
        yield replace(entity, offset=start, length=entity.end - start)


def _trimmed(formatted: FormattedText) -> FormattedText:
    text = formatted.text.rstrip(" \n")
    first = min((entity.offset for entity in formatted.entities), default=len(text))
    cut = min(len(text) - len(text.lstrip(" \n")), first)
    length = utf16_length(text)
    kept = (
        replace(entity, offset=entity.offset - cut, length=min(entity.end, length) - entity.offset)
        for entity in formatted.entities
    )
    return FormattedText(text[cut:], tuple(_ordered(entity for entity in kept if entity.length > 0)))


def _taken(entity: Entity, entities: Iterable[Entity]) -> bool:
    solid = (other for other in entities if other.type not in SPLITTABLE | BLOCKQUOTES)
    return any(entity.overlaps(other) for other in solid)
