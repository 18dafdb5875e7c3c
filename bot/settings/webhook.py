"""Forms of the webhook: where Telegram brings updates to, what it proves itself by, and where the bot listens."""

import ipaddress
import re
from urllib.parse import urlsplit

from bot.settings.forms import Form, FormError
from bot.settings.places import is_loopback, split

HEALTH_PATH = "/health"
PORTS = (443, 80, 88, 8443)

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?")


def update_url() -> Form:
    """The public address of the bot; what Telegram wants of it beyond its form depends on the server."""

    def read(text: str) -> str:
        parts = split(text)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FormError("is not an https:// address")
        if parts.username is not None:
            raise FormError("holds a user name: WEBHOOK_SECRET is what keeps others out")
        if parts.fragment:
            raise FormError("holds a #, which is never sent")
        if parts.path == HEALTH_PATH:
            raise FormError(f"has {HEALTH_PATH} as its path, where the bot tells how it is")
        return text

    return Form("an https:// address, at port 443, 80, 88 or 8443", read)


def check_reachable(url: str, api_url: str) -> None:
    """What Telegram refuses, FormError; a Bot API server of one's own takes any address."""
    if is_local(urlsplit(api_url).hostname or ""):
        return
    parts = urlsplit(url)
    if parts.scheme != "https":
        raise FormError("is not encrypted: http:// is for a Bot API server of your own")
    if (parts.port or PORTS[0]) not in PORTS:
        raise FormError("has a port that Telegram does not call")


def is_local(host: str) -> bool:
    """Whether a host is this machine, in its private network, or known by a short name to it alone."""
    try:
        return is_loopback(host) or ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host


def update_secret() -> Form:
    """What every update has to bring along, in the characters that Telegram allows."""

    def read(text: str) -> str:
        if not _SECRET.fullmatch(text):
            raise FormError(
                "is too long" if len(text) > 256 else "has a character that Telegram does not allow"
            )
        return text

    return Form("1 to 256 characters of A-Z a-z 0-9 _ -", read, secret=True)


def listening_host() -> Form:
    """An address of this machine, by number or name."""

    def read(text: str) -> str:
        bare = text.removeprefix("[").removesuffix("]")
        try:
            return str(ipaddress.ip_address(bare))
        except ValueError:
            if not _HOST_NAME.fullmatch(text):
                raise FormError("is not the address of a network interface") from None
            return text

    return Form("an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them", read)
