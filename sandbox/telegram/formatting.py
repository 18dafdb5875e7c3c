"""From a call's text parameters to the text and entities that are stored."""

from collections.abc import Iterator
from typing import Any

from sandbox.telegram import limits
from sandbox.telegram.entities import (
    ARGUMENTS,
    BLOCKQUOTES,
    CODE,
    SPLITTABLE,
    Entity,
    FormattedText,
    clean,
    fixed,
    utf16_length,
)
from sandbox.telegram.errors import bad_request
from sandbox.telegram.html_parser import parse_html
from sandbox.telegram.requests import Parameters


def read_message_text(parameters: Parameters) -> FormattedText:
    """`text` of a message: 1-4096 characters after parsing."""
    formatted = _read(parameters, "text", "entities")
    if not formatted.text:
        raise bad_request("message text is empty")
    if len(formatted.text) > limits.TEXT_LENGTH:
        raise bad_request("message is too long")
    return formatted


def read_caption(parameters: Parameters) -> FormattedText:
    """`caption` of a file: 0-1024 characters after parsing."""
    formatted = _read(parameters, "caption", "caption_entities")
    if len(formatted.text) > limits.CAPTION_LENGTH:
        raise bad_request("message caption is too long")
    return formatted


def _read(parameters: Parameters, field: str, entities_field: str) -> FormattedText:
    text = clean(parameters.text(field))
    mode = parameters.text("parse_mode").lower()
    if mode == "html":
        return fixed(parse_html(text))
    if mode in ("markdown", "markdownv2"):
        raise bad_request(f"parse_mode {mode} is not built in this sandbox yet")
    if mode not in ("", "none"):
        raise bad_request("unsupported parse_mode")
    entities = parameters.json(entities_field, "message entities")
    if entities is not None and not isinstance(entities, list):
        raise bad_request("can't parse message entities: expected an Array of MessageEntity")
    return fixed(FormattedText(text, tuple(_given(entities or [], utf16_length(text)))))


def _given(sources: list[Any], length: int) -> Iterator[Entity]:
    """The entities that a caller may set; others are left out, as the real service finds them by itself."""
    for source in sources:
        if not isinstance(source, dict) or not {"type", "offset", "length"} <= source.keys():
            raise bad_request("can't parse MessageEntity: an object with type, offset and length is expected")
        kind, offset = str(source["type"]), _whole(source["offset"])
        size = min(_whole(source["length"]), length - offset)
        argument = _argument(source, kind)
        if offset >= 0 and size > 0 and argument is not None:
            yield Entity(kind, offset, size, argument)


def _argument(source: dict[str, Any], kind: str) -> str | None:
    """What the kind needs beside its place; None if that is missing or the kind may not be set."""
    value = source.get(ARGUMENTS.get(kind, ""), "")
    argument = str(value.get("id", "")) if isinstance(value, dict) else str(value or "")
    if kind in {*SPLITTABLE, *CODE, *BLOCKQUOTES} or (kind == "text_link" and argument):
        return argument
    return argument if kind in ARGUMENTS and argument.isdecimal() else None


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise bad_request("can't parse MessageEntity: offset and length must be of type Number")
    return value
