"""Whose token it is, asked without aiogram, which takes seconds to import."""

from __future__ import annotations

import httpx
from pydantic import SecretStr

from bot.errors import PeerRefused, PeerUnavailable

PEER = "telegram"
NOT_KNOWN = (401, 404)


async def account_name(token: SecretStr, api_url: str, deadline: float) -> str:
    """The bot's user name, without its @; `deadline` in seconds for each step of the call.

    Raises PeerRefused where Telegram does not know the token, PeerUnavailable where it does not answer.
    """
    try:
        async with httpx.AsyncClient(timeout=deadline) as client:
            response = await client.get(f"{api_url}/bot{token.get_secret_value()}/getMe")
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        # The cause holds the address that was asked, and with it the token.
        raise PeerUnavailable(PEER, "no answer") from None
    if response.status_code in NOT_KNOWN:
        raise PeerRefused(PEER, response.status_code, "the token is not known")
    try:
        return str(response.json()["result"]["username"])
    except (ValueError, KeyError, TypeError) as error:
        raise PeerUnavailable(PEER, f"answered {response.status_code}") from error
