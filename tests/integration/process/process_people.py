"""People as they use the bot: they write, tap what stands before them, tap twice, and lose their way."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from chat_stream import ChatStream, Event
from local_world import Json, Telegram
from process_desk import request_number
from told import PROGRESS, Possession, Told, kind_of, listed

TAP, TAP_OLDER = 0.8, 0.1
DOUBLED = 0.2
SLOW_ANSWER = 60.0
SECOND_ANSWER = 4.0
DULL = re.compile(r"‹|Next|✓|Any|\d+\+ days|10$|20$|All|Get all")
DEEDS = re.compile(r"Take|Give|Not used|Used up|Does not|It |Only|Transfer|@|Accept|\d+ · \d")


@dataclass(frozen=True, slots=True)
class Tap:
    """A button on a message, as somebody saw it."""

    message: Json
    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Sign:
    """How many seconds after somebody had asked for `what` they saw that they were heard."""

    what: str
    seconds: float


@dataclass(frozen=True, slots=True)
class _Asked:
    what: str
    heard: int
    at: float


def taps_of(message: Json) -> list[Tap]:
    """The buttons of a message."""
    rows = (message["reply_markup"] or {}).get("inline_keyboard", [])
    return [Tap(message, each["text"], each["callback_data"]) for row in rows for each in row]


class Person:
    """One who may use the bot; `chance` decides what they do next, and so repeats a walk."""

    def __init__(
        self, telegram: Telegram, stream: ChatStream, user: int, sites: Sequence[str], chance: random.Random
    ) -> None:
        self._telegram = telegram
        self._stream = stream
        self.id = user
        self._sites = sites
        self._chance = chance
        self.unanswered: list[str] = []
        self.done_twice: list[list[str]] = []
        self.signs: list[Sign] = []
        self._heard_all = True  # no answer to an earlier tap can still come

    # -- what they see --------------------------------------------------------------------------------------

    def screen(self) -> list[Json]:
        """The bot's messages as they read now, oldest first."""
        messages: dict[int, Json] = {}
        for event in self._stream.events(self.id):
            if event.message is not None and event.is_bots:
                messages[event.message["message_id"]] = event.message
        return [message for number, message in sorted(messages.items()) if not message["deleted"]]

    def told(self) -> Told:
        """What they believe to hold."""
        return Told(self._stream.events(self.id))

    # -- what they do ---------------------------------------------------------------------------------------

    def walk(self, steps: int) -> None:
        """Some steps through the bot, each after an answer to the one before."""
        self.say("/proxies")
        for _ in range(steps - 1):
            self._step()

    def say(self, text: str) -> str:
        """Write, and wait for the answer's text."""
        asked = self._asked(text)
        update = self._telegram.send(self.id, text)["update_id"]
        return self._answer(asked, [update])

    def tap(self, tap: Tap, times: int = 1) -> str:
        """Tap a button so often at once, and wait for the answer's text: what is told, or shown as an alert.

        The tap is on its way as the message was seen, whatever has become of it.
        """
        asked = self._asked(tap.label)
        presses = [self._press(tap) for _ in range(times)]
        answer = self._answer(asked, [press["update_id"] for press in presses])
        queries = {press["callback_query_id"] for press in presses}
        self._stream.wait(self.id, lambda events: queries <= _answered(events), asked.heard, SECOND_ANSWER)
        return answer

    def holdings(self) -> set[Possession]:
        """What /my lists, page by page."""
        pages = [self.say("/my")]
        while more := [tap for tap in taps_of(self.screen()[-1]) if tap.label.endswith("›")]:
            pages.append(self.tap(more[0]))
        return listed(pages)

    def _step(self) -> None:
        if tap := self._choose():
            self.tap(tap, 2 if self._chance.random() < DOUBLED else 1)
        else:
            self.say(self._command())

    def _choose(self) -> Tap | None:
        """A button of the last message, dull ones seldom; now and then of any older one, or none."""
        *older, last = [taps_of(message) for message in self.screen()]
        mood = self._chance.random()
        taps = last if mood < TAP else self._chance.choice([last, *older]) if mood < TAP + TAP_OLDER else []
        if not taps:
            return None
        return self._chance.choices(taps, [_interest(tap) for tap in taps])[0]

    def _command(self) -> str:
        site = self._chance.choice(self._sites)
        held = sorted(self.told().held)
        commands = {
            "/proxies": 3.0,
            "/my": 12.0 if held else 1.0,
            f"/take {site} {self._chance.randint(1, 3)}": 4.0,
            "/cancel": 0.5,
            "/format": 0.5,
            "/release all": 0.5,
        }
        if held:
            commands[f"/release {self._chance.choice(held)[0]}"] = 1.0
        return self._chance.choices(list(commands), list(commands.values()))[0]

    def _press(self, tap: Tap) -> Json:
        press = {"user": self.id, "chat": self.id, "message_id": tap.message["message_id"], "data": tap.data}
        pressed: Json = self._telegram.control("POST", "press", press | {"forged": True})
        return pressed

    def _asked(self, what: str) -> _Asked:
        return _Asked(what, self._stream.count(self.id), time.monotonic())

    def _answer(self, asked: _Asked, updates: list[int]) -> str:
        """What they are told, each time; then, perhaps, Telegram delivers again what it has delivered.

        A second tap that changes nothing any more is told nothing.
        """
        texts = self._stream.wait(self.id, partial(_texts, len(updates)), asked.heard, SECOND_ANSWER)
        if texts and self._heard_all and _is_twice(texts):
            self.done_twice.append(texts)
        self._heard_all = bool(texts)
        texts = texts or self._stream.wait(self.id, partial(_texts, 1), asked.heard, SLOW_ANSWER)
        self.signs += _first_sign(asked, self._stream.events(self.id, asked.heard))
        if len(updates) > 1:
            self._telegram.control("POST", "redeliver", {"update_id": updates[0]})
        if not texts:
            self.unanswered.append(asked.what)
            return ""
        return texts[0]


def _is_twice(texts: list[str]) -> bool:
    """Whether two requests did the same; of two different things, one is the late end of an earlier tap."""
    done = {(kind_of(text), number) for text in texts if (number := request_number(text))}
    return len(done) > len({kind for kind, _ in done})


def _interest(tap: Tap) -> float:
    if DULL.match(tap.label):
        return 0.2
    return 4.0 if DEEDS.match(tap.label) else 1.0


def _first_sign(asked: _Asked, events: list[Event]) -> list[Sign]:
    """When it could first be seen that the bot had heard."""
    return [Sign(asked.what, event.at - asked.at) for event in events if event.is_bots][:1]


def _answered(events: list[Event]) -> set[str]:
    """The presses that have been answered."""
    return {event.source["callback_query_id"] for event in events if event.kind == "callback_answer"}


def _texts(count: int, events: list[Event]) -> list[str]:
    """The texts that are more than a sign of work, once there are so many."""
    texts = [event.text for event in events if event.text and not event.text.startswith(PROGRESS)]
    return texts if len(texts) >= count else []


def all_walk(people: Sequence[Person], steps: int) -> None:
    """Everybody at the same time."""
    with ThreadPoolExecutor(len(people)) as threads:
        for walk in [threads.submit(person.walk, steps) for person in people]:
            walk.result()


def all_holdings(people: Sequence[Person]) -> list[set[Possession]]:
    """What each of them reads in /my."""
    with ThreadPoolExecutor(len(people)) as threads:
        return list(threads.map(Person.holdings, people))
