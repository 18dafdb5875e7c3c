"""What somebody writes or sends, read from a control request."""

from base64 import b64decode
from typing import Any

from sandbox.telegram.control.answers import Fields
from sandbox.telegram.errors import BotApiError
from sandbox.telegram.files import KINDS, new_file
from sandbox.telegram.people import Draft
from sandbox.telegram.records import File
from sandbox.telegram.requests import Upload
from sandbox.telegram.world import TelegramWorld


def read_draft(world: TelegramWorld, fields: Fields) -> Draft:
    """A text, or a `file` (`kind`, `content` in base64, `name`?, `mime_type`?) with a text as caption."""
    source = fields.source.get("file")
    return Draft(
        text=fields.text("text") if source is None else fields.text("text", ""),
        file=None if source is None else _file(world, source),
        media_group_id=fields.text("media_group_id", None) if source is not None else None,
        reply_to=fields.integer("reply_to", None),
        forward=fields.flag("forward", False),
        date=fields.integer("date", None),
    )


def _file(world: TelegramWorld, source: Any) -> File:
    fields = Fields(source)
    kind = fields.text("kind", "document")
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    mime_type = fields.text("mime_type", "application/octet-stream")
    content = b64decode(fields.text("content"), validate=True)
    try:
        return new_file(world, kind, Upload(fields.text("name", "file.bin"), mime_type, content))
    except BotApiError as error:
        raise ValueError(error.description.removeprefix("Bad Request: ")) from error
