"""Whose token it is, asked without aiogram, which takes seconds to import."""

from __future__ import annotations

import json

from pydantic import SecretStr

from bot.errors import PeerRefused, PeerUnavailable
from bot.gateways.http_client import Answer, HttpClient, HttpFailure
from bot.resilience.tasks import Supervisor

PEER = "telegram"
NOT_KNOWN = (401, 404)


async def account_name(token: SecretStr, api_url: str, deadline: float) -> str:
    """The bot's user name, without its @; `deadline` in seconds for the call.

    Raises PeerRefused where Telegram does not know the token, PeerUnavailable where it does not answer.
    """
    answer = await _get(f"{api_url}/bot{token.get_secret_value()}/getMe", deadline)
    if answer.status in NOT_KNOWN:
        raise PeerRefused(PEER, answer.status, "the token is not known")
    try:
        return str(json.loads(answer.content)["result"]["username"])
    except (ValueError, KeyError, TypeError) as error:
        raise PeerUnavailable(PEER, f"answered {answer.status}") from error


async def _get(url: str, deadline: float) -> Answer:
    http = HttpClient(Supervisor(), timeout=deadline)
    try:
        return await http.request("GET", url)
    except HttpFailure:
        raise PeerUnavailable(PEER, "no answer") from None
    finally:
        await http.close()
