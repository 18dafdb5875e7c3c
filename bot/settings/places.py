"""Forms of addresses and files: where the bot finds things and where it keeps them."""

import ipaddress
import json
import os
import re
import stat
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from bot.settings.forms import Form, FormError

_SERVICE_ACCOUNT_KEYS = ("client_email", "private_key", "token_uri")


def base_url(default: str, *, not_with: str) -> Form:
    """The root address of an HTTP service, without a slash at its end and without the path `not_with`."""
    too_far = re.compile(rf"{re.escape(not_with)}(?![A-Za-z])")

    def read(text: str) -> str:
        parts = split(text)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FormError("is not an http:// or https:// address")
        if parts.username is not None or parts.query or parts.fragment:
            raise FormError("holds more than a scheme, a host, a port and a path")
        if too_far.search(parts.path):
            raise FormError(f"has {not_with} in it")
        return text.rstrip("/")

    return Form(f"an address such as {default}, with no {not_with} at its end", read)


def webhook_url() -> Form:
    """Where alerts are posted to; what is secret in them stays so on the way."""

    def read(text: str) -> str:
        parts = split(text)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FormError("is not an https:// address")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise FormError("is not encrypted: http:// is for this machine only")
        if parts.fragment:
            raise FormError("holds a #, which is never sent")
        return text

    return Form("an https:// address, or an http:// one of this machine", read, secret=True)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def split(text: str) -> SplitResult:
    """The parts of an address; FormError for what is none."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise FormError("is not an address") from None
    if port == 0 or any(char.isspace() for char in text):
        raise FormError("is not an address")
    return parts


def service_account_file() -> Form:
    """The path of a readable JSON key file of a Google service account."""

    def read(text: str) -> Path:
        if text.startswith("{"):
            raise FormError("holds the key itself: save it as a file")
        path = _path(text)
        _check_service_account(_read_json(path))
        return path

    return Form("the path of the JSON key file of a Google service account", read)


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        raise FormError("names a file that does not exist") from None
    except OSError as error:
        raise FormError(f"names a file that cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise FormError("names a file that is not JSON") from None


def _check_service_account(content: object) -> None:
    if not isinstance(content, dict):
        raise FormError("names a file that holds no JSON object")
    lacking = [
        key for key in _SERVICE_ACCOUNT_KEYS if not (isinstance(content.get(key), str) and content[key])
    ]
    if lacking:
        raise FormError(f"names a file without {', '.join(lacking)}")
    if not _is_private_key(content["private_key"]):
        raise FormError("names a file whose private_key is damaged: download a new key from Google Cloud")


def _is_private_key(text: str) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def readable_by_others(path: Path) -> bool:
    """Whether every user of this machine may read the file."""
    return bool(path.stat().st_mode & stat.S_IROTH)


def folder() -> Form:
    """The path of a folder, which need not exist yet."""

    def read(text: str) -> Path:
        path = _path(text)
        if os.path.exists(path) and not os.path.isdir(path):
            raise FormError("names a file")
        return path

    return Form("the path of a folder", read)


def file() -> Form:
    """The path of a file, which need not exist yet."""

    def read(text: str) -> Path:
        path = _path(text)
        if os.path.isdir(path):
            raise FormError("names a folder")
        return path

    return Form("the path of a file", read)


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise FormError("names the home of a user who does not exist") from None


def sqlite_url() -> Form:
    """The address of an SQLite database file, in the spelling of its async driver."""

    def read(text: str) -> str:
        scheme, _, address = text.partition("://")
        host, slash, path = address.partition("/")
        if scheme.lower().partition("+")[0] != "sqlite":
            raise FormError("is not an SQLite address, and SQLite is all there is so far")
        if scheme.lower() not in ("sqlite", "sqlite+aiosqlite") or host or not slash:
            raise FormError("is not the address of an SQLite file")
        if path.partition("?")[0] in ("", ":memory:"):
            raise FormError("names no file, and what is promised has to outlive a restart")
        return f"sqlite+aiosqlite:///{path}"

    return Form("sqlite:///path/to/file.db", read, secret=True)
