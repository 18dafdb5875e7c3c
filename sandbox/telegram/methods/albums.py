"""Several files in one go: messages of their own that are shown as one."""

from dataclasses import replace
from typing import Any

from sandbox.telegram import limits
from sandbox.telegram.errors import BotApiError, bad_request
from sandbox.telegram.media import WRONG, Media, demand_media, read_media
from sandbox.telegram.methods.sending import post, read_envelope
from sandbox.telegram.records import JsonObject
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld

FIRST_GROUP_ID = 13_000_000_000_000_000
# Found only when a message is really sent, so that an album's refusal names the message.
FOUND_LATE = ("Bad Request: IMAGE_PROCESS_FAILED", "Bad Request: PHOTO_INVALID_DIMENSIONS")


def send_media_group(world: TelegramWorld, parameters: Parameters) -> list[JsonObject]:
    """Up to 10 photos and videos, or documents, or pieces of music; one alone is an ordinary message."""
    album = _read_album(world, parameters)
    envelope = replace(read_envelope(world, parameters, messages=len(album)), markup=None)
    group_id = str(FIRST_GROUP_ID + world.new_id()) if len(album) > 1 else None
    return [post(world, envelope, media.caption, media.file, group_id) for media in album]


def _read_album(world: TelegramWorld, parameters: Parameters) -> list[Media]:
    sources = demand_media(parameters, "media")
    if not isinstance(sources, list):
        raise bad_request("expected an Array of InputMedia")
    if not sources:
        raise bad_request("there are no messages to send")
    _refuse_animations(sources)
    album = [_item(world, parameters, number, source) for number, source in enumerate(sources, 1)]
    if len(album) > limits.ALBUM:
        raise bad_request("too many messages to send as an album")
    if len({media.company for media in album}) > 1:
        stranger = next(media for media in album if media.company != "pictures")
        raise bad_request(f"{stranger.file.kind} can't be mixed with other media types")
    return album


def _refuse_animations(sources: list[Any]) -> None:
    if any(isinstance(source, dict) and source.get("type") == "animation" for source in sources):
        raise bad_request(f'{WRONG}type "animation" can\'t be used in sendMediaGroup')


def _item(world: TelegramWorld, parameters: Parameters, number: int, source: Any) -> Media:
    try:
        return read_media(world, parameters, source)
    except BotApiError as error:
        if error.description not in FOUND_LATE:
            raise
        reason = error.description.removeprefix("Bad Request: ")
        raise bad_request(f'failed to send message #{number} with the error message "{reason}"') from error
