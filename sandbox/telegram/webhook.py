"""The webhook as setWebhook leaves it: where updates go, how, and what went wrong on the way."""

import ipaddress
import re
from dataclasses import dataclass, field, replace
from urllib.parse import SplitResult, urlsplit

from sandbox.telegram.errors import BotApiError, bad_request
from sandbox.telegram.records import JsonObject
from sandbox.telegram.requests import Parameters

SECRET = re.compile(r"[A-Za-z0-9_-]*")
SECRET_LENGTH = 256
CONNECTIONS = 40
MOST_CONNECTIONS = 100
PORTS = {80, 88, 443, 8443}
ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
REPLACED = "terminated by setWebhook request"


@dataclass(frozen=True, slots=True)
class WebhookError:
    """The last delivery that failed: unix time, and why."""

    date: int
    message: str


@dataclass(slots=True)
class Webhook:
    """No webhook is one without a `url`."""

    url: str = ""
    secret: str = field(default="", repr=False)
    max_connections: int = CONNECTIONS
    error: WebhookError | None = None

    def info(self) -> JsonObject:
        """Its part of what getWebhookInfo says."""
        info: JsonObject = {"url": self.url, "has_custom_certificate": False}
        if self.url:
            info["max_connections"] = self.max_connections
        if self.error is not None:
            info |= {"last_error_date": self.error.date, "last_error_message": self.error.message}
        return info

    def replaced_by(self, new: "Webhook") -> "Webhook":
        """The webhook after another setWebhook: `new`, which the same one again does not make begin anew."""
        return self if new == replace(self, error=None) else new


def requested_webhook(parameters: Parameters) -> Webhook:
    """What a setWebhook call asks for; 400 in the real service's words where it refuses.

    `ip_address` is ignored; a number of connections out of bounds is brought within them.
    """
    url = parameters.text("url")
    if not url:
        return Webhook()
    if parameters.upload("certificate") is not None:
        raise bad_request("certificates are not built in this sandbox: it delivers to this machine only")
    secret = parameters.text("secret_token")
    if len(secret) > SECRET_LENGTH:
        raise bad_request("secret token is too long")
    if not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    _check(url)
    connections = parameters.integer("max_connections", CONNECTIONS)
    return Webhook(url, secret, min(max(connections, 1), MOST_CONNECTIONS))


def _check(url: str) -> None:
    """On loopback any port and plain HTTP will do; elsewhere the real rules come before our own."""
    parts = _split(url)
    if _is_loopback(parts.hostname or ""):
        return
    if parts.scheme == "http":
        raise _bad_webhook("An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in PORTS:
        raise _bad_webhook("Webhook can be set up only on ports 80, 88, 443 or 8443")
    raise _bad_webhook("this sandbox delivers to loopback addresses only")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = None
    if not usable or any(char.isspace() for char in url):
        raise bad_request("invalid webhook URL specified")
    return parts


def _bad_webhook(reason: str) -> BotApiError:
    return bad_request(f"bad webhook: {reason}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
