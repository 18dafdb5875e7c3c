"""What the answer to a delivered update asks for: one method and its parameters, in any of the usual forms."""

from urllib.parse import parse_qsl

import aiohttp

from sandbox.telegram.errors import BotApiError
from sandbox.telegram.requests import Parameters, Upload, from_json

# An answer may not carry these out, nor anything that only asks.
NOT_IN_ANSWERS = frozenset({"setwebhook", "deletewebhook", "close", "logout"})


async def asked_in(answer: aiohttp.ClientResponse) -> tuple[str, Parameters] | None:
    """The method and its parameters; None where the body names none that an answer may call."""
    values, uploads = await _fields(answer)
    method = values.get("method", "")
    if not method or not _may_be_called(method):
        return None
    return method, Parameters(values, uploads, lambda: True)


def _may_be_called(method: str) -> bool:
    name = method.lower()
    return name not in NOT_IN_ANSWERS and not name.startswith("get")


async def _fields(answer: aiohttp.ClientResponse) -> tuple[dict[str, str], dict[str, Upload]]:
    if answer.content_type.startswith("multipart/"):
        return await _parts(answer)
    body = await answer.read()
    if answer.content_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode(errors="replace"))), {}
    try:
        return from_json(body), {}
    except BotApiError:
        return {}, {}


async def _parts(answer: aiohttp.ClientResponse) -> tuple[dict[str, str], dict[str, Upload]]:
    values: dict[str, str] = {}
    uploads: dict[str, Upload] = {}
    async for part in aiohttp.MultipartReader.from_response(answer):
        if not isinstance(part, aiohttp.BodyPartReader) or not part.name:
            continue
        content = bytes(await part.read(decode=True))
        if part.filename:
            kind = part.headers.get("Content-Type", "application/octet-stream")
            uploads[part.name] = Upload(part.filename, kind, content)
        else:
            values[part.name] = content.decode(errors="replace")
    return values, uploads
