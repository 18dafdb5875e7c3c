"""Fetching files: getFile gives a path that can be downloaded from for an hour."""

from sandbox.telegram import limits
from sandbox.telegram.errors import bad_request, not_found
from sandbox.telegram.files import download_path
from sandbox.telegram.records import File, JsonObject
from sandbox.telegram.requests import Parameters
from sandbox.telegram.world import TelegramWorld


def get_file(world: TelegramWorld, parameters: Parameters) -> JsonObject:
    """A File whose path is good for an hour from now; 400 for one of more than 20 MB."""
    file_id = parameters.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    file = world.files.get(file_id)
    if file is None:
        raise bad_request("invalid file_id")
    if len(file.content) > limits.DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    path = download_path(file)
    world.links[path] = (file_id, world.clock() + limits.LINK_LIFE)
    unique = {"file_id": file_id, "file_unique_id": file_id[-12:]}
    return unique | {"file_size": len(file.content), "file_path": path}


def linked_file(world: TelegramWorld, path: str) -> File:
    """The file behind a path that getFile has given; 404 if it never has, or too long ago."""
    file_id, until = world.links.get(path, ("", 0))
    if file_id not in world.files or world.clock() > until:
        raise not_found()
    return world.files[file_id]
