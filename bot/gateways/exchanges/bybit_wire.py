"""Bybit v5 on the wire: how a request is signed, and what an answer as a whole means. Nothing here talks to anybody."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from bot.errors import (
    KeyRefused,
    OrderRefused,
    OutcomeUnknown,
    PeerBusy,
    PeerError,
    PeerRefused,
    PeerUnavailable,
)
from bot.gateways.exchanges.gate import AddressBusy
from bot.gateways.http_client import Answer
from bot.models.account import Credentials
from bot.models.order import Refusal

PEER = "bybit"
RECV_WINDOW = 5.0  # seconds a signed request is good for
BANNED_FOR = 600.0  # "stop all sessions and wait for 10 minutes" after a 403
LONGEST_MESSAGE = 200

WRONG_CLOCK = 10002
TOO_OFTEN = {10006: PeerBusy, 10018: AddressBusy}  # the account, everybody at our address
KEY_REFUSALS = {
    10003: "the key is not known",
    10004: "the secret does not fit the key",
    10005: "the key may not do this",
    10007: "the key was not accepted",
    10008: "the account is barred",
    10010: "the key may not be used from this address",
    10024: "the account may not do this where it is registered",
    10027: "the account may not trade",
    10028: "the account is not a unified one",
    33004: "the key has lapsed",
}
# Said when the venue itself lost track of the request: its words promise nothing.
NO_VERDICT = {10000, 10016, 10019, 110079, 170007, 170032, 170146, 170147}
REFUSALS = {
    **dict.fromkeys(
        (110004, 110006, 110007, 110012, 110014, 110044, 110045, 110051, 110052, 110053), Refusal.FUNDS
    ),
    **dict.fromkeys((170033, 170131), Refusal.FUNDS),
    **dict.fromkeys((110030, 110072, 170141), Refusal.DUPLICATE),
    **dict.fromkeys((110001, 110008, 110010, 110019, 170139, 170142, 170143, 170213), Refusal.NOT_FOUND),
    **dict.fromkeys((10001, 110003, 110017, 110020, 110021, 110092, 110093, 110094), Refusal.RULES),
    **dict.fromkeys((170124, 170132, 170133, 170134, 170135, 170136, 170137, 170140), Refusal.RULES),
    **dict.fromkeys((170193, 170194, 170217), Refusal.RULES),
    **dict.fromkeys((10029, 110066, 110074, 170121, 170190, 170344), Refusal.MARKET),
}


SPELLED_KEY = re.compile(r"[!-~]+")


class Call(Enum):
    """What a request is for, and so what it means when there is no whole answer to it."""

    READ = auto()
    ORDER = auto()

    def lost(self, detail: str) -> PeerError:
        """There is no answer that can be relied on."""
        return PeerUnavailable(PEER, detail) if self is Call.READ else OutcomeUnknown(PEER, detail)


@dataclass(frozen=True, slots=True)
class Result:
    """The part of an answer that matters, and the venue's clock (seconds since the epoch) when it was made."""

    data: Mapping[str, Any]
    at: float


class WrongClock(Exception):
    """The request's time is too far from the venue's; it was not looked at any further."""


def signed(credentials: Credentials, payload: str, now: float) -> dict[str, str]:
    """The headers of a request; `payload` is the raw query (GET) or the body (POST), byte for byte as it is sent.

    `now` is the venue's time. Raises KeyRefused where the key is none that could be sent.
    """
    if not SPELLED_KEY.fullmatch(credentials.key):
        raise _key_refused(10003)
    timestamp, window = str(int(now * 1000)), str(int(RECV_WINDOW * 1000))
    text = timestamp + credentials.key + window + payload
    return {
        "X-BAPI-API-KEY": credentials.key,
        "X-BAPI-TIMESTAMP": timestamp,
        "X-BAPI-RECV-WINDOW": window,
        "X-BAPI-SIGN": hmac.new(credentials.secret.encode(), text.encode(), hashlib.sha256).hexdigest(),
    }


def read(answer: Answer, call: Call) -> Result:
    """The result of an answer that says yes.

    Raises WrongClock, PeerBusy, KeyRefused, OrderRefused (to orders), PeerRefused (to reads), and for an answer that
    is not whole, or in which the venue speaks of trouble of its own, what a lost answer to such a call means.
    """
    _judge_status(answer, call)
    envelope = _envelope(answer, call)
    code, at = envelope["retCode"], _seconds(envelope.get("time"))
    if code == 0 and isinstance(envelope.get("result"), dict):
        return Result(envelope["result"], at)
    if code == 0:
        raise call.lost("an answer that cannot be read")
    raise _refusal(code, str(envelope.get("retMsg", "")), call, _reset_in(answer, at))


def _judge_status(answer: Answer, call: Call) -> None:
    status = answer.status
    if status == 403:
        raise AddressBusy(PEER, "this address is shut out for a while", BANNED_FOR)
    if status == 429:
        raise AddressBusy(PEER, "asked too often", _reset_in(answer, 0.0))
    if status == 401:
        raise _key_refused(10003, status)
    if 400 <= status < 500 and status != 408:
        raise _refused(status, "the request was not understood", call, Refusal.OTHER)
    if status != 200:
        raise call.lost(f"answered {status}")


def _envelope(answer: Answer, call: Call) -> Mapping[str, Any]:
    try:
        envelope = json.loads(answer.content)
    except (ValueError, RecursionError):
        envelope = None
    code = envelope.get("retCode") if isinstance(envelope, dict) else None
    if not isinstance(code, int) or isinstance(code, bool):
        raise call.lost("an answer that cannot be read")
    return dict(envelope)


def _refusal(code: int, message: str, call: Call, reset_in: float | None) -> Exception:
    if code == WRONG_CLOCK:
        return WrongClock()
    if code in TOO_OFTEN:
        return TOO_OFTEN[code](PEER, "asked too often", reset_in)
    if code in KEY_REFUSALS:
        return _key_refused(code)
    if code in NO_VERDICT:
        return call.lost(f"answered {code}")
    return _refused(code, message[:LONGEST_MESSAGE], call, REFUSALS.get(code, Refusal.OTHER))


def _key_refused(code: int, status: int | None = None) -> KeyRefused:
    """In our own words: the venue's repeat the key."""
    return KeyRefused(PEER, status or code, KEY_REFUSALS[code])


def _refused(code: int, message: str, call: Call, reason: Refusal) -> PeerRefused:
    if call is Call.READ:
        return PeerRefused(PEER, code, message)
    return OrderRefused(PEER, code, message, reason.value)


def _seconds(milliseconds: object) -> float:
    return milliseconds / 1000 if isinstance(milliseconds, int) else 0.0


def _reset_in(answer: Answer, at: float) -> float | None:
    """Seconds until more may be asked, where the answer says."""
    reset = answer.headers.get("x-bapi-limit-reset-timestamp", "")
    if at and _is_number(reset):
        return max(0.0, int(reset) / 1000 - at)
    after = answer.headers.get("retry-after", "")
    return float(after) if _is_number(after) else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16
