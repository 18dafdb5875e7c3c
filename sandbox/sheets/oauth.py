"""OAuth 2 for service accounts: a signed assertion in, an access token out."""

import base64
import binascii
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from sandbox.sheets.errors import unauthenticated
from sandbox.sheets.world import SheetsWorld

JSON = dict[str, Any]

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GOOGLE_AUDIENCE = "https://oauth2.googleapis.com/token"
SCOPES = frozenset(
    {
        "https://www.googleapis.com/auth/spreadsheets",
        "https://www.googleapis.com/auth/drive",
        "https://www.googleapis.com/auth/drive.file",
    }
)
LIFETIME = 3600
SKEW = 300


class GrantError(Exception):
    """A refused token request; `body` is the JSON of the 400."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.body = {"error": error, "error_description": description}


class TokenIssuer:
    """Hands out access tokens and knows whose they are, until they expire by the clock.

    Tokens are not part of the world: after a restart clients get a 401 and ask anew, as Google's do.
    """

    def __init__(
        self,
        world: SheetsWorld,
        clock: Callable[[], float],
        new_token: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        self._world, self._clock, self._new_token = world, clock, new_token
        self._tokens: dict[str, tuple[str, float]] = {}

    def grant(self, form: Mapping[str, str], token_uri: str) -> JSON:
        """Answer a token request made to `token_uri`; GrantError if it is refused."""
        if form.get("grant_type") != GRANT_TYPE:
            raise GrantError("unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}")
        claims = self._claims(form.get("assertion", ""))
        self._demand_claims(claims, {GOOGLE_AUDIENCE, token_uri})
        token = "ya29." + self._new_token()
        self._tokens[token] = (claims["iss"], self._clock() + LIFETIME)
        return {"access_token": token, "expires_in": LIFETIME - 1, "token_type": "Bearer"}

    def user_of(self, authorization: str | None) -> str:
        """The e-mail behind an Authorization header; raise the API's 401 for none."""
        kind, _, token = (authorization or "").partition(" ")
        email, expires = self._tokens.get(token, ("", 0.0))
        if kind.lower() != "bearer" or not email or self._clock() >= expires:
            raise unauthenticated()
        return email

    def _claims(self, assertion: str) -> JSON:
        try:
            signed, _, signature = assertion.rpartition(".")
            header, claims = (json.loads(_decode(part)) for part in signed.split("."))
            self._world.key.public_key().verify(
                _decode(signature), signed.encode(), padding.PKCS1v15(), SHA256()
            )
        except InvalidSignature as error:
            raise GrantError("invalid_grant", "Invalid JWT Signature.") from error
        except (ValueError, binascii.Error) as error:
            raise GrantError("invalid_grant", "Invalid JWT: Failed to parse assertion.") from error
        if not isinstance(claims, dict) or not isinstance(header, dict) or header.get("alg") != "RS256":
            raise GrantError("invalid_grant", "Invalid JWT: Failed to parse assertion.")
        return claims

    def _demand_claims(self, claims: JSON, audiences: set[str]) -> None:
        if claims.get("iss") not in self._world.accounts:
            raise GrantError("invalid_grant", "Invalid grant: account not found")
        if claims.get("aud") not in audiences:
            right = f"The right audience is {GOOGLE_AUDIENCE}"
            raise GrantError("invalid_grant", f"Invalid JWT: Failed audience check. {right}")
        if not self._is_short_lived(claims.get("iat"), claims.get("exp")):
            raise GrantError(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
                "Check your iat and exp values in the JWT claim.",
            )
        if not SCOPES.intersection(str(claims.get("scope", "")).split()):
            raise GrantError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")

    def _is_short_lived(self, issued: object, expires: object) -> bool:
        if not isinstance(issued, int) or not isinstance(expires, int):
            return False
        now = self._clock()
        return issued <= now + SKEW and now - SKEW <= expires and expires - issued <= LIFETIME


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
