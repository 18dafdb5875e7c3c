"""Alerts to an address of the desk's own: signed JSON over HTTP."""

from __future__ import annotations

import hashlib
import hmac
import json

from bot.errors import OutcomeUnknown, PeerBusy, PeerRefused, PeerUnavailable
from bot.gateways.http_client import HttpClient, HttpFailure
from bot.models.notice import Notice
from bot.resilience.clock import Clock

PEER = "alert webhook"
CALL_SECONDS = 10.0
BUSY = (408, 429)


def signature(secret: str, timestamp: str, content: bytes) -> str:
    """`sha256=` and the HMAC (hex) of `<timestamp>.<content>`: an old call cannot be passed off as a new one."""
    signed = hmac.new(secret.encode(), timestamp.encode() + b"." + content, hashlib.sha256)
    return f"sha256={signed.hexdigest()}"


class AlertWebhook:
    """Posts each alert as `{"event", "id", "at", …}`; the same id is the same alert, come again."""

    def __init__(
        self, http: HttpClient, url: str, secret: str, clock: Clock, *, call_seconds: float = CALL_SECONDS
    ) -> None:
        self._http = http
        self._url = url
        self._secret = secret
        self._clock = clock
        self._call_seconds = call_seconds

    async def deliver(self, notice: Notice, number: int, created_at: float) -> None:
        """Any 2xx is an answer. Raises PeerRefused, PeerBusy (408, 429), PeerUnavailable (5xx), OutcomeUnknown."""
        event = {"event": notice.kind.value, "id": f"{number}-{int(created_at)}", "at": created_at}
        content = json.dumps({**notice.data, **event}, ensure_ascii=False).encode()
        try:
            answer = await self._http.request(
                "POST",
                self._url,
                content=content,
                headers=self._headers(content),
                timeout=self._call_seconds,
                status_only=True,
            )
        except HttpFailure as failure:
            raise OutcomeUnknown(PEER, str(failure)) from None
        _judge(answer.status, answer.headers.get("retry-after"))

    def _headers(self, content: bytes) -> dict[str, str]:
        timestamp = str(int(self._clock.time()))
        return {
            "Content-Type": "application/json",
            "X-Quartermaster-Timestamp": timestamp,
            "X-Quartermaster-Signature": signature(self._secret, timestamp, content),
        }


def _judge(status: int, retry_after: str | None) -> None:
    if 200 <= status < 300:
        return
    if status in BUSY:
        seconds = float(retry_after) if retry_after and retry_after.isdecimal() else None
        raise PeerBusy(PEER, f"answered {status}", seconds)
    if status >= 500:
        raise PeerUnavailable(PEER, f"answered {status}")
    raise PeerRefused(PEER, status, "the alert is not wanted")
