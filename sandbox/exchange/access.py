"""Who may come in: the checks of a signed call, in the order in which Bybit makes them."""

import hashlib
import hmac
import re
from collections.abc import Mapping

from sandbox.exchange.errors import VenueError, bad_parameter, bad_sign, bad_time
from sandbox.exchange.records import ApiKey

AHEAD_MS = 1000
USUAL_WINDOW = "5000"
MILLISECONDS = re.compile(r"[0-9]{1,18}")


def signature(secret: str, origin: str) -> str:
    """The hexadecimal HMAC-SHA256 of timestamp + key + window + (raw query or body)."""
    return hmac.new(secret.encode(), origin.encode(errors="surrogateescape"), hashlib.sha256).hexdigest()


def key_of(
    headers: Mapping[str, str], payload: str, keys: Mapping[str, ApiKey], now: float, ip: str
) -> ApiKey:
    """The key that has signed a payload; VenueError for whom it may not let in. `now` in seconds."""
    name, sign = headers.get("X-BAPI-API-KEY", ""), headers.get("X-BAPI-SIGN", "")
    stamp, window = headers.get("X-BAPI-TIMESTAMP", ""), headers.get("X-BAPI-RECV-WINDOW", USUAL_WINDOW)
    if not (name and sign and stamp):
        raise bad_parameter(f"empty value: apiTimestamp[{stamp}] apiKey[{name}] apiSignature[{sign}]")
    key = keys.get(name)
    if key is None:
        raise VenueError(10003)
    origin = stamp + name + window + payload
    if not hmac.compare_digest(signature(key.secret, origin).encode(), sign.encode(errors="replace")):
        raise bad_sign(origin)
    _demand_time(stamp, window, int(now * 1000))
    if key.expires_at is not None and key.expires_at <= now:
        raise VenueError(33004)
    if "*" not in key.ips and ip not in key.ips:
        raise VenueError(10010)
    return key


def demand_right(key: ApiKey, group: str, right: str) -> None:
    """Refuse a key that only reads, or that may not do this."""
    if key.read_only or right not in key.permissions.get(group, ()):
        raise VenueError(10005)


def _demand_time(stamp: str, window: str, server: int) -> None:
    if not (MILLISECONDS.fullmatch(stamp) and MILLISECONDS.fullmatch(window)):
        raise bad_time(stamp, server, window)
    if not server - int(window) <= int(stamp) < server + AHEAD_MS:
        raise bad_time(stamp, server, window)
