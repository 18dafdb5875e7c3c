"""InputMedia: a file and its caption, as albums and edits name them."""

from dataclasses import dataclass
from typing import Any

from sandbox.telegram.entities import FormattedText
from sandbox.telegram.errors import bad_request
from sandbox.telegram.files import KINDS, read_file
from sandbox.telegram.formatting import read_caption
from sandbox.telegram.records import File
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld

WRONG = "can't parse InputMedia: "


@dataclass(frozen=True, slots=True)
class Media:
    """What one InputMedia asks to show."""

    file: File
    caption: FormattedText

    @property
    def company(self) -> str:
        """With what it may stand in one album."""
        return KINDS[self.file.kind].company


def demand_media(parameters: Parameters, what: str) -> Any:
    """The decoded parameter `media`, which no call may leave out."""
    if not parameters.text("media"):
        raise bad_request('parameter "media" is required')
    return parameters.json("media", what)


def read_media(world: TelegramWorld, parameters: Parameters, source: Any) -> Media:
    """The file and caption of one InputMedia; uploads are parts of the same request."""
    if not isinstance(source, dict):
        raise bad_request(f"{WRONG}expected an Object")
    if not source.get("type"):
        raise bad_request(f'{WRONG}Can\'t find field "type"')
    kind = str(source["type"])
    if kind not in KINDS:
        raise bad_request(f'{WRONG}type "{kind}" is unsupported')
    fields = parameters.within(source)
    caption = read_caption(fields)
    file = read_file(world, fields, kind, "media")
    if file is None:
        raise bad_request(f"{WRONG}media not found")
    return Media(file, caption)
