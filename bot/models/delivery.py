"""The way of a notice to its reader: whether it is wanted, how long it waits, how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Protocol

from bot.models.notice import ANSWERS, AT_ANY_TIME, FOR_ADMINS, FOR_ANYBODY, Kind, Notice

GIVE_UP_AFTER = 2 * 86_400.0


class Outcome(StrEnum):
    """How a notice ended."""

    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"  # its reader cannot be reached, or it was refused
    UNWANTED = "unwanted"  # muted, or not for somebody of that role any more
    LAPSED = "lapsed"  # too late to be of use


@dataclass(frozen=True, slots=True)
class Parcel:
    """A notice in the outbox; `number` gives the order, `attempts` counts the failed ones, times are epoch seconds.

    `notice` is None where it cannot be decrypted.
    """

    number: int
    to: int
    notice: Notice | None
    created_at: float
    attempts: int = 0


class Wishes(Protocol):
    """What a person has set: quiet hours in minutes of the day, names of kinds."""

    @property
    def quiet_from(self) -> int | None: ...
    @property
    def quiet_to(self) -> int | None: ...
    @property
    def muted(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Reader:
    """Who a notice is for, as far as that matters for its delivery."""

    wishes: Wishes
    blocked: bool
    admin: bool
    member: bool = True


def is_wanted(kind: Kind, reader: Reader) -> bool:
    """Whether the reader gets notices of the kind at all, once they can be reached."""
    if kind in FOR_ADMINS and not reader.admin:
        return False
    if kind not in FOR_ANYBODY and not reader.member:
        return False
    return kind in ANSWERS or kind not in reader.wishes.muted


def is_lapsed(notice: Notice, now: float) -> bool:
    """Whether it would come too late."""
    until = notice.data.get("until")
    return isinstance(until, int | float) and until <= now


def waits_until(kind: Kind, wishes: Wishes, now: float, zone: tzinfo) -> float | None:
    """When the quiet hours end (epoch seconds) that the kind has to wait for; None where it need not."""
    if kind in AT_ANY_TIME or wishes.quiet_from is None or wishes.quiet_to is None:
        return None
    return quiet_until(datetime.fromtimestamp(now, zone), wishes.quiet_from, wishes.quiet_to)


def quiet_until(here: datetime, begin: int, end: int) -> float | None:
    """The end (epoch seconds) of the quiet hours that `here` lies in; None outside of them.

    `begin` and `end` are minutes of the day; the hours may go past midnight, equal ones are none.
    """
    minute = here.hour * 60 + here.minute
    inside = begin <= minute < end if begin <= end else minute >= begin or minute < end
    if not inside:
        return None
    ends = here.replace(hour=end // 60, minute=end % 60, second=0, microsecond=0)
    return (ends if ends > here else ends + timedelta(days=1)).timestamp()
