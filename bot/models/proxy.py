"""A proxy: one endpoint as people write it in the sheet, and the key that stays its own."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import unicodedata
from dataclasses import dataclass, field

SCHEMES = ("http", "https", "socks4", "socks5", "socks5h")
DEFAULT_SCHEME = "http"

_INVISIBLE = "\ufeff\u00a0\u200b\u200c\u200d\u2060 \t\r\n"
_NOT_TEXT = ("Cc", "Cs", "Zl", "Zp")
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]{0,15})://")
_HOST_PORT = re.compile(r"^(\[[0-9A-Fa-f:.]{2,45}\]|[^\s:@/\[\]]{1,253}):([0-9]{1,5})$")
_HOST_PORT_REST = re.compile(r"^(\[[0-9A-Fa-f:.]{2,45}\]|[^\s:@/\[\]]{1,253}):([0-9]{1,5}):(.*)$")
_HOSTNAME = re.compile(r"^(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?$")


class UnreadableProxy(ValueError):
    """The text is no proxy; the message says why, without quoting it."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a proxy listens and how to log in; `host` is lower case, IPv6 without brackets."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)

    @property
    def address(self) -> str:
        """`host:port`, with brackets round an IPv6 host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def line(self) -> str:
        """`host:port:user:pass`, or `host:port` where there is no login."""
        return f"{self.address}:{self.user}:{self.password}" if self.user else self.address


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy as handed to a person: `row` is where it was last seen, `days_left` None where unknown."""

    row: int
    key: str
    endpoint: Endpoint
    country: str
    days_left: int | None
    note: str = ""


def parse_endpoint(text: str) -> Endpoint:
    """Read `[scheme://]host:port[:user:pass]` or `[scheme://]user:pass@host:port`; raises UnreadableProxy.

    A password may hold `:` and `@`, a user name no `:`. IPv6 stands in brackets. What can be read in two ways
    is not guessed, unless a scheme tells that it is a URL.
    """
    body = _checked_text(text.strip(_INVISIBLE))
    if ":" not in body:
        body = body.replace("：", ":")  # the full-width colon of phones that type Chinese or Japanese
    if not body:
        raise UnreadableProxy("the cell is empty")
    scheme, rest = _split_scheme(body)
    host, port, user, password = _split_login(rest, is_url=rest != body)
    return Endpoint(scheme, _checked_host(host), _checked_port(port), user, password)


def proxy_key(endpoint: Endpoint, salt: bytes) -> str:
    """The proxy's identity: host:port:user and a MAC of the password (keyed BLAKE2b, RFC 7693).

    It survives sorting, inserting and deleting rows, and tells nothing of the password.
    """
    mac = hashlib.blake2b(endpoint.password.encode(), key=salt, digest_size=8).hexdigest()
    return f"{endpoint.address}:{endpoint.user}:{mac}"


def endpoint_of(key: str, scheme: str, password: str) -> Endpoint:
    """The endpoint with that key: all but the protocol and the password is written in it."""
    address, _, user = login_of(key).rpartition(":")
    host, _, port = address.rpartition(":")
    return Endpoint(scheme, host.strip("[]"), int(port), user, password)


def address_of(key: str) -> str:
    """`host:port` out of a key, for whoever may not see the login."""
    host, _, rest = key.rpartition("]") if key.startswith("[") else ("", "", key)
    if host:
        return f"{host}]:{rest.split(':')[1]}"
    return ":".join(key.split(":")[:2])


def login_of(key: str) -> str:
    """`host:port:user` out of a key: what stays when only the password is changed."""
    return key.rpartition(":")[0]


def _checked_text(body: str) -> str:
    if not body.isprintable() and any(unicodedata.category(letter) in _NOT_TEXT for letter in body):
        raise UnreadableProxy("the cell holds a line break or another control character")
    return body


def _split_scheme(body: str) -> tuple[str, str]:
    found = _SCHEME.match(body)
    if not found:
        return DEFAULT_SCHEME, body
    scheme = found[1].lower()
    if scheme not in SCHEMES:
        raise UnreadableProxy(f"unknown protocol (use one of {', '.join(SCHEMES)})")
    return scheme, body[found.end() :].rstrip("/")


def _split_login(body: str, *, is_url: bool) -> tuple[str, str, str, str]:
    login, at, address = body.rpartition("@")
    behind, before = _HOST_PORT.match(address), _HOST_PORT_REST.match(body)
    if at and behind:
        user, _, password = login.partition(":")
        if before and not is_url:
            raise UnreadableProxy("it can be read in two ways: write http://user:pass@host:port")
        if password and not user:
            raise UnreadableProxy("a password without a user: write user:pass@host:port")
        return behind[1], behind[2], user, password
    if behind:
        return behind[1], behind[2], "", ""
    if before:
        user, colon, password = before[3].partition(":")
        if user and colon:
            return before[1], before[2], user, password
        raise UnreadableProxy("a user without a password: write host:port:user:pass")
    raise UnreadableProxy("no host:port found: write host:port:user:pass")


def _checked_host(host: str) -> str:
    host = host.lower()
    if host.startswith("["):
        try:
            return str(ipaddress.IPv6Address(host[1:-1]))
        except ValueError:
            raise UnreadableProxy("the address in brackets is no IPv6 address") from None
    if not _HOSTNAME.match(host):
        raise UnreadableProxy("the host name has letters it cannot have")
    return host


def _checked_port(port: str) -> int:
    number = int(port)
    if not 1 <= number <= 65535:
        raise UnreadableProxy("the port must be 1 to 65535")
    return number
