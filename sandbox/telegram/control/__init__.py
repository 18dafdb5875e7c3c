"""The control side of the Telegram world: what people do in it, and what can be seen of it. No sign-in."""

from aiohttp import web

from sandbox.telegram.control.acting import Acting
from sandbox.telegram.control.grouping import Grouping
from sandbox.telegram.control.streaming import Streaming
from sandbox.telegram.control.viewing import Viewing
from sandbox.telegram.world import TelegramWorld


def control_routes(world: TelegramWorld) -> list[web.RouteDef]:
    """All routes under `/sandbox/`, for any application; `world.close()` ends the streams at its shutdown."""
    handlers = (Acting(world), Grouping(world), Viewing(world), Streaming(world))
    return [route for handler in handlers for route in handler.routes()]
