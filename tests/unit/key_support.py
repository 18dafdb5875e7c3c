"""A service account's key file as Google makes it; the key in it opens nothing."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

PRIVATE_KEY = (
    generate_private_key(SECP256R1())
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)
ACCOUNT = {"client_email": "a@b.iam", "private_key": PRIVATE_KEY, "token_uri": "http://t"}
