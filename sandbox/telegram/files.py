"""Files: which kinds there are, what each has to be like, and how a call names one."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sandbox.telegram import limits
from sandbox.telegram.errors import bad_request, too_large
from sandbox.telegram.images import Picture, read_picture
from sandbox.telegram.records import File, JsonObject
from sandbox.telegram.requests import Parameters, Upload

if TYPE_CHECKING:
    from sandbox.telegram.world import TelegramWorld


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of file is told from others: in an id, in a download path, in a refusal, in an album."""

    id_prefix: str
    folder: str
    type_name: str
    company: str


# Only kinds that keep the same company stand in one album.
KINDS = {
    "photo": Kind("AgACAgIAAxk", "photos", "Photo", "pictures"),
    "video": Kind("BAACAgIAAxk", "videos", "Video", "pictures"),
    "document": Kind("BQACAgIAAxk", "documents", "Document", "documents"),
    "audio": Kind("CQACAgIAAxk", "music", "Audio", "music"),
}


def read_file(world: "TelegramWorld", parameters: Parameters, kind: str, field: str) -> File | None:
    """The file of a call: uploaded now, or sent before and named by its file_id; None if none is named."""
    upload = parameters.upload(field)
    if upload is not None:
        return _described(_uploaded(world, kind, upload), parameters)
    named = parameters.text(field)
    if not named or named.startswith("attach://"):
        return None
    if "." in named:
        raise bad_request("failed to get HTTP URL content")
    if named not in world.files:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return _usable(world.files[named], kind)


def new_file(world: "TelegramWorld", kind: str, upload: Upload) -> File:
    """A file with an id of its own, kept once it stands in `world.files`; 400 if it is none of its kind."""
    if not upload.content:
        raise bad_request("file must be non-empty")
    file_id = f"{KINDS[kind].id_prefix}{world.new_id():012d}"
    if kind != "photo":
        return File(file_id, upload.name, upload.mime_type, upload.content, kind)
    picture = _photo(upload.content)
    return File(file_id, "", picture.mime_type, upload.content, kind, picture.width, picture.height)


def download_path(file: File) -> str:
    """Where a file is fetched from, below `/file/bot{token}/`."""
    suffix = ".jpg" if file.kind == "photo" else PurePosixPath(file.name).suffix
    return f"{KINDS[file.kind].folder}/file_{int(file.file_id[-12:])}{suffix}"


def file_json(file: File) -> JsonObject:
    """A Document, Video or Audio, or the PhotoSize of a photo."""
    source: JsonObject = {"file_id": file.file_id, "file_unique_id": file.file_id[-12:]}
    if file.kind in ("photo", "video"):
        source |= {"width": file.width, "height": file.height}
    if file.kind in ("video", "audio"):
        source["duration"] = file.duration
    if file.kind != "photo":
        source |= {"file_name": file.name, "mime_type": file.mime_type}
    return source | {"file_size": len(file.content)}


def _uploaded(world: "TelegramWorld", kind: str, upload: Upload) -> File:
    if len(upload.content) > limits.UPLOAD_BYTES:
        raise too_large()
    return new_file(world, kind, upload)


def _described(file: File, parameters: Parameters) -> File:
    """Size and length of a video or a piece of music are what the sender says they are."""
    if file.kind == "video":
        file.width, file.height = parameters.integer("width"), parameters.integer("height")
    if file.kind in ("video", "audio"):
        file.duration = parameters.integer("duration")
    return file


def _usable(file: File, kind: str) -> File:
    if file.kind != kind:
        names = KINDS[file.kind].type_name, KINDS[kind].type_name
        raise bad_request("can't use file of type {} as {}".format(*names))
    return file


def _photo(content: bytes) -> Picture:
    if len(content) > limits.PHOTO_BYTES:
        size = f"file of size {len(content)} bytes is too big for a photo"
        raise bad_request(f"{size}; the maximum size is {limits.PHOTO_BYTES} bytes")
    picture = read_picture(content)
    if picture is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    short, long = sorted((picture.width, picture.height))
    if not short or short + long > limits.PHOTO_SIDES or long > short * limits.PHOTO_RATIO:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return picture
