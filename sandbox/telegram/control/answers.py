"""Reading control requests and answering them, refusals included."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from aiohttp import web

Handler = Callable[[Any, web.Request], Awaitable[web.StreamResponse]]
MISSING = object()


class NotThereError(Exception):
    """What the path or query names does not exist."""


def answering(handler: Handler) -> Handler:
    """Turn ValueError into 400 and NotThereError into 404, each with the reason as `error`."""

    @wraps(handler)
    async def handle(self: Any, request: web.Request) -> web.StreamResponse:
        try:
            return await handler(self, request)
        except NotThereError as error:
            return web.json_response({"error": str(error)}, status=404)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)

    return handle


class Fields:
    """The JSON object of a request, read field by field; ValueError names what is missing or wrong."""

    def __init__(self, source: object) -> None:
        if not isinstance(source, dict):
            raise ValueError("a JSON object is expected")  # noqa: TRY004 - answered as 400, like all of these
        self.source: dict[str, Any] = source

    def integer(self, name: str, default: Any = MISSING) -> Any:
        """A whole number."""
        return self._field(name, int, default)

    def text(self, name: str, default: Any = MISSING) -> Any:
        """A string that can be encoded."""
        value = self._field(name, str, default)
        str(value).encode()
        return value

    def flag(self, name: str, default: Any = MISSING) -> Any:
        """A boolean."""
        return self._field(name, bool, default)

    def _field(self, name: str, kind: type, default: Any) -> Any:
        value = self.source.get(name)
        if value is None:
            if default is MISSING:
                raise ValueError(f"{name} is missing")
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise ValueError(f"{name} must be of type {kind.__name__}")
        return value


async def read_fields(request: web.Request) -> Fields:
    """The fields of a request's JSON body; ValueError if it has none."""
    return Fields(await request.json())


def query_number(request: web.Request, name: str, default: float | None = None) -> Any:
    """A number of the query; a whole one stays an int."""
    value = request.query.get(name)
    if value is None or value == "":
        return default
    return float(value) if "." in value else int(value)
