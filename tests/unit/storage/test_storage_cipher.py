"""Encryption at rest: keys rotate, tampering is told, the key file is its owner's alone."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StorageError
from bot.storage.cipher import Cipher, load_or_make_key

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@given(st.binary(max_size=200))
def test_what_was_encrypted_comes_back(plain: bytes) -> None:
    """Any bytes; the token holds none of it."""
    token = Cipher([NEW]).encrypt(plain)
    assert plain == Cipher([NEW]).decrypt(token)
    assert len(plain) < 8 or plain not in token


def test_the_same_secret_never_looks_the_same() -> None:
    """Two tokens do not tell that they hold the same."""
    cipher = Cipher([NEW])
    assert cipher.encrypt(b"secret") != cipher.encrypt(b"secret")


def test_keys_rotate() -> None:
    """With the new key in front, old tokens are read and new ones are the new key's."""
    written_before = Cipher([OLD]).encrypt(b"secret")
    both = Cipher([NEW, OLD])
    assert b"secret" == both.decrypt(written_before)
    assert b"secret" == Cipher([NEW]).decrypt(both.encrypt(b"secret"))


def test_a_lost_key_is_told() -> None:
    """What cannot be decrypted names the setting, not the secret."""
    with pytest.raises(StorageError, match="SECRET_KEY"):
        Cipher([NEW]).decrypt(Cipher([OLD]).encrypt(b"secret"))


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "a dot": lambda _: b".",
    "other text": lambda _: b"garbage",
    "cut": lambda token: token[:-1],
    "without its key's id": lambda token: token[9:],
    "without the dot": lambda token: token.replace(b".", b"", 1),
    "one letter changed": lambda token: token[:60] + (b"B" if token[60:61] == b"A" else b"A") + token[61:],
    "another key's id": lambda token: Cipher([OLD]).encrypt(b"x")[:9] + token[9:],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_token_is_told(change: Callable[[bytes], bytes]) -> None:
    """Cut, altered, or under another key's id: StorageError, never wrong bytes."""
    with pytest.raises(StorageError):
        Cipher([NEW, OLD]).decrypt(change(Cipher([NEW]).encrypt(b"secret")))


def test_the_key_file_is_made_once(tmp_path: Path) -> None:
    """On first start, with its folder, for its owner's eyes; the second start finds it."""
    path = tmp_path / "new" / "secret.key"
    key = load_or_make_key(path)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert key == load_or_make_key(path) == path.read_text().strip()
    assert b"x" == Cipher([key]).decrypt(Cipher([key]).encrypt(b"x"))


def test_a_key_file_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    """Blanks round the key are no part of it."""
    path = tmp_path / "secret.key"
    path.write_text(f"  {OLD}\n\n")
    assert OLD == load_or_make_key(path)
