"""Faults of the local world's price sources, set through its control routes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.errors import PeerRefused, PeerUnavailable
from bot.gateways.http_client import HttpClient, HttpFailure
from bot.models.drill import Fault

PEER = "local world"
OK = 200
PREFIXES = {"paxg": "kraken"}  # where a source goes by another name there


class LocalFaults:
    """`url` is the root of the local price sources; a slow source answers `slow` seconds later than usual."""

    def __init__(self, http: HttpClient, url: str, *, slow: float) -> None:
        self._http = http
        self._rules = f"{url}/sandbox/faults/rules"
        self._kinds: Mapping[Fault, dict[str, Any]] = {
            Fault.STORM: {"kind": "status", "status": 429},
            Fault.OUTAGE: {"kind": "reset"},
            Fault.SLOW: {"kind": "slow", "seconds": slow},
        }

    async def strike(self, source: str, fault: Fault, seconds: float) -> None:
        """Every call to the source, for so many seconds. Raises PeerUnavailable, PeerRefused."""
        path = f"^/{PREFIXES.get(source, source)}/"
        rule = {**self._kinds[fault], "name": _name(source), "path": path, "lasts": seconds}
        await self._call("POST", self._rules, json.dumps(rule).encode())

    async def heal(self, source: str) -> None:
        """No drill any more. Raises like `strike`."""
        await self._call("DELETE", f"{self._rules}/{quote(_name(source))}")

    async def _call(self, method: str, url: str, content: bytes = b"") -> None:
        headers = {"Content-Type": "application/json"} if content else {}
        try:
            answer = await self._http.request(method, url, content=content, headers=headers, status_only=True)
        except HttpFailure as failure:
            raise PeerUnavailable(PEER, str(failure)) from failure
        if answer.status != OK:
            raise PeerRefused(PEER, answer.status, "it takes no such fault")


def _name(source: str) -> str:
    return f"drill {source}"
