"""Encryption at rest: Fernet tokens that carry the id of their key, so that keys can be rotated."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from bot.errors import StorageError


class Cipher:
    """Encrypts with the first key, decrypts with whichever made the token (`<key id>.<Fernet token>`)."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = {_key_id(key): Fernet(key) for key in keys}
        self._current = _key_id(keys[0])

    def encrypt(self, plain: bytes) -> bytes:
        """The token for `plain`."""
        return self._current + b"." + self._keys[self._current].encrypt(plain)

    def decrypt(self, token: bytes) -> bytes:
        """The plain bytes; StorageError when the key is not among ours or the token was changed."""
        key_id, _, body = token.partition(b".")
        try:
            return self._keys[key_id].decrypt(body)
        except (KeyError, InvalidToken) as error:
            raise StorageError(
                "stored data cannot be decrypted: SECRET_KEY is not the one it was written with"
            ) from error


def _key_id(key: str) -> bytes:
    return hashlib.sha256(key.encode()).hexdigest()[:8].encode()


def load_or_make_key(path: Path) -> str:
    """The key in `path`; made on first start, readable by its owner alone."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        key = Fernet.generate_key().decode()
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key + "\n")
        return key
