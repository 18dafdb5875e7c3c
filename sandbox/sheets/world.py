"""All spreadsheets and the service accounts that may open them: the state that outlives a restart."""

import random
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.sheets.book import Book

JSON = dict[str, Any]

PROJECT = "quartermaster-sandbox"
DEFAULT_ACCOUNT = "quartermaster"


def account_email(name: str = DEFAULT_ACCOUNT) -> str:
    """The e-mail address of a service account, to share books with."""
    return f"{name}@{PROJECT}.iam.gserviceaccount.com"


class SheetsWorld:
    """Books by id and one RSA key for all service accounts. `rng` draws sheet ids."""

    def __init__(self, rng: random.Random | None = None) -> None:
        self.books: dict[str, Book] = {}
        self.accounts = {account_email()}
        self._rng = rng or random.Random()
        self._pem: str | None = None

    def put_book(self, book_id: str, source: Mapping[str, Any]) -> Book:
        """Create or replace a book; shared with the default account unless it says otherwise. ValueError."""
        book = Book.from_json(book_id, source, [account_email()], self._rng)
        self.books[book_id] = book
        return book

    @cached_property
    def key(self) -> rsa.RSAPrivateKey:
        """The key that signs and checks assertions; made when first needed."""
        if self._pem is None:
            return rsa.generate_private_key(public_exponent=65537, key_size=2048)
        loaded = serialization.load_pem_private_key(self._pem.encode(), password=None)
        assert isinstance(loaded, rsa.RSAPrivateKey)
        return loaded

    def make_service_account(self, token_uri: str, name: str = DEFAULT_ACCOUNT) -> JSON:
        """The key file of a service account, as `google.oauth2.service_account` reads it."""
        email = account_email(name)
        self.accounts.add(email)
        return {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "sandbox-key",
            "private_key": self._key_text(),
            "client_email": email,
            "client_id": "100000000000000000000",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": token_uri,
        }

    def _key_text(self) -> str:
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(encoding, form, serialization.NoEncryption()).decode()

    def dump(self) -> JSON:
        """The whole world as JSON."""
        books = {book_id: book.dump() for book_id, book in self.books.items()}
        return {"key": self._key_text(), "accounts": sorted(self.accounts), "books": books}

    @classmethod
    def load(cls, source: Mapping[str, Any], rng: random.Random | None = None) -> "SheetsWorld":
        """The world that `dump` described."""
        world = cls(rng)
        world._pem = source["key"]
        world.accounts = set(source["accounts"])
        for book_id, book in source["books"].items():
            world.put_book(book_id, book)
        return world
