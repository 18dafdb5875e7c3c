"""The queue of updates: confirmed by offset, kept for a day, delivered again on demand."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sandbox.telegram import limits
from sandbox.telegram.records import JsonObject
from sandbox.telegram.signals import Signal

# An empty list of allowed updates means all kinds but these.
ASKED_FOR_ONLY = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
CONFIRMED_KEPT = 1000
FIRST_ID = 100_000_001


@dataclass(frozen=True, slots=True)
class _Pending:
    update: JsonObject
    since: float


class UpdateQueue:
    """What the bot has still to hear of. `arrived` fires with each update that can be fetched."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._pending: dict[int, _Pending] = {}
        self._confirmed: dict[int, JsonObject] = {}
        self._again: dict[int, bool] = {}
        self.allowed: list[str] = []
        self.next_id = FIRST_ID
        self.confirmed_offset = 0
        self.arrived = Signal()

    def __len__(self) -> int:
        self._expire()
        return len(self._pending.keys() | self._again.keys())

    def push(self, kind: str, payload: JsonObject) -> int | None:
        """Queue an update and return its id; None if the bot did not ask for this kind."""
        wanted = kind in self.allowed if self.allowed else kind not in ASKED_FOR_ONLY
        return self.push_raw({kind: payload}) if wanted else None

    def push_raw(self, source: JsonObject) -> int:
        """Queue an update as it is, under the next id."""
        self._expire()
        update_id = self.next_id
        self.next_id += 1
        self._pending[update_id] = _Pending({"update_id": update_id, **source}, self._clock())
        self.arrived.fire()
        return update_id

    def redeliver(self, update_id: int) -> None:
        """Deliver an update once more, whatever was confirmed since; KeyError if it is not known any more."""
        if update_id not in self._pending and update_id not in self._confirmed:
            raise KeyError(update_id)
        self._again[update_id] = False
        self.arrived.fire()

    def confirm(self, offset: int) -> bool:
        """Forget what lies below the offset; a negative one keeps that many of the latest, 0 keeps all.

        True if anything was forgotten.
        """
        self._expire()
        if offset < 0:
            offset = next(islice(reversed(self._pending), -offset - 1, None), 0)
        below = self._below(offset)
        for update_id in below:
            self._confirmed[update_id] = self._pending.pop(update_id).update
        repeated = [known for known, handed in self._again.items() if handed and known < offset]
        for update_id in repeated:
            del self._again[update_id]
        self._trim()
        self.confirmed_offset = max(self.confirmed_offset, offset)
        return bool(below or repeated)

    def fetch(self, limit: int) -> list[JsonObject]:
        """The oldest unconfirmed updates by id; those to be repeated come first."""
        self._expire()
        repeated = sorted(self._again.keys() - self._pending.keys())[:limit]
        self._again.update(dict.fromkeys(repeated, True))
        pending = islice(self._pending.values(), limit - len(repeated))
        return [self._confirmed[known] for known in repeated] + [entry.update for entry in pending]

    def waiting(self) -> list[JsonObject]:
        """Everything that is to be delivered, the oldest first; those to be repeated come first."""
        self._expire()
        repeated = sorted(self._again.keys() - self._pending.keys())
        return [self._confirmed[known] for known in repeated] + [e.update for e in self._pending.values()]

    def sending(self, update_id: int) -> None:
        """An update is on its way; who wants it repeated from now on wants it once more."""
        if update_id in self._again:
            self._again[update_id] = True

    def delivered(self, update_id: int) -> None:
        """Forget one update that was on its way, and none before it; nothing to do if it is gone already."""
        if (entry := self._pending.pop(update_id, None)) is not None:
            self._confirmed[update_id] = entry.update
        elif self._again.get(update_id):
            del self._again[update_id]
        self._trim()

    def drop(self) -> None:
        """Forget everything that was not delivered."""
        self.confirm(self.next_id)
        self._again.clear()

    def allow(self, kinds: Collection[str]) -> None:
        """Which kinds are queued from now on; empty: all but ASKED_FOR_ONLY."""
        self.allowed = list(kinds)

    def dump(self) -> JsonObject:
        """The queue as JSON-able data."""
        return {
            "pending": [[entry.since, entry.update] for entry in self._pending.values()],
            "confirmed": list(self._confirmed.values()),
            "again": list(self._again),
            "allowed": self.allowed,
            "next_id": self.next_id,
            "confirmed_offset": self.confirmed_offset,
        }

    def load(self, data: Any, ids_skipped: int) -> None:
        """Take over what `dump` gave; ids go on `ids_skipped` later than they stood."""
        pending = {update["update_id"]: _Pending(update, since) for since, update in data["pending"]}
        confirmed = {update["update_id"]: update for update in data["confirmed"]}
        again, allowed = dict.fromkeys(data["again"], False), list(data["allowed"])
        self.next_id, self.confirmed_offset = data["next_id"] + ids_skipped, data["confirmed_offset"]
        self._pending, self._confirmed, self._again, self.allowed = pending, confirmed, again, allowed

    def _below(self, offset: int) -> list[int]:
        # Ids only grow, so what is confirmed stands at the front.
        below = []
        for update_id in self._pending:
            if update_id >= offset:
                break
            below.append(update_id)
        return below

    def _trim(self) -> None:
        for update_id in list(islice(self._confirmed, max(0, len(self._confirmed) - CONFIRMED_KEPT))):
            del self._confirmed[update_id]
            self._again.pop(update_id, None)

    def _expire(self) -> None:
        oldest = self._clock() - limits.UPDATE_LIFE
        while self._pending:
            update_id = next(iter(self._pending))
            if self._pending[update_id].since > oldest:
                return
            del self._pending[update_id]
            self._again.pop(update_id, None)
