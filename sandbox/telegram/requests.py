"""The parameters of a Bot API call, whichever way they were sent."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.telegram.errors import bad_request, too_large

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came as a part of the request."""

    name: str
    mime_type: str
    content: bytes


class Parameters:
    """Named values; as on the wire all of them are text: objects are JSON, booleans `true` or `false`.

    `connected()` tells whether the caller is still there.
    """

    def __init__(
        self, values: Mapping[str, str], uploads: Mapping[str, Upload], connected: Callable[[], bool]
    ) -> None:
        self._values = values
        self._uploads = uploads
        self.connected = connected

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        """The value, empty when left out; 400 for what cannot be encoded."""
        value = self._values.get(name, "")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise bad_request("strings must be encoded in UTF-8") from error
        return value

    def integer(self, name: str, default: int = 0) -> int:
        """A whole number; what is none counts as left out."""
        try:
            return int(self._values.get(name, ""))
        except ValueError:
            return default

    def boolean(self, name: str) -> bool:
        """True for `true`, `yes` and `1`."""
        return self._values.get(name, "").lower() in ("true", "yes", "1")

    def json(self, name: str, what: str) -> Any:
        """The decoded object, None when left out; 400 `can't parse {what} JSON object`."""
        value = self.text(name)
        if not value:
            return None
        try:
            return json.loads(value)
        except (ValueError, RecursionError) as error:
            raise bad_request(f"can't parse {what} JSON object") from error

    def within(self, source: Mapping[str, Any]) -> "Parameters":
        """The fields of an object of this call, read as the call's own are; uploads are those of the call."""
        return Parameters(_as_texts(source), self._uploads, self.connected)

    def upload(self, name: str) -> Upload | None:
        """The file sent under this name, directly or as `attach://part`."""
        part = self.text(name).removeprefix("attach://")
        return self._uploads.get(part or name)


async def read_parameters(request: web.Request) -> Parameters:
    """Query and body (urlencoded, multipart or JSON) together, the body first; 413 for a body too large."""
    values = dict(request.query)

    def connected() -> bool:
        return request.transport is not None and not request.transport.is_closing()

    try:
        if request.content_type == "application/json":
            return Parameters(values | from_json(await request.read()), {}, connected)
        fields = await request.post() if request.content_type in FORMS else {}
    except web.HTTPRequestEntityTooLarge as error:
        raise too_large() from error
    except ValueError as error:
        raise bad_request("can't parse the request body") from error
    uploads = {}
    for name, field in fields.items():
        if isinstance(field, web.FileField):
            uploads[name] = Upload(field.filename, field.content_type, field.file.read())
        else:
            values[name] = field if isinstance(field, str) else bytes(field).decode(errors="replace")
    return Parameters(values, uploads, connected)


def from_json(body: bytes) -> dict[str, str]:
    """The values of a JSON object, as text; 400 for anything else."""
    try:
        source = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise bad_request("can't parse request JSON object") from error
    if not isinstance(source, dict):
        raise bad_request("can't parse request JSON object")
    return _as_texts(source)


def _as_texts(source: Mapping[str, Any]) -> dict[str, str]:
    return {name: _as_text(value) for name, value in source.items() if value is not None}


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
