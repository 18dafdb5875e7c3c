"""How soon people see that they were heard, while Google takes two seconds a call; and how few calls it takes."""

from __future__ import annotations

import itertools
import json
import random
import statistics
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from chat_stream import ChatStream, Event
from local_world import Json, username
from process_desk import CANARY, HEADER, SITES, ProcessDesk, proxy_rows
from process_people import Person, Sign, Tap, taps_of
from tours import LEFT_OUT, RARE, Tour, in_two, tours_of

from bot.models.role import Role
from bot.views.commands import ROLE_OF_VERB

SLOW_GOOGLE = 2000
GOAL, BOUND = 0.3, 0.6
THINKING = 2.0  # seconds: sixty people stay well below the thirty messages a second that Telegram allows
CROWD = 8


def test_three_taps_and_one_commit(desk: ProcessDesk) -> None:
    """From /proxies to credentials: the resource, how many, Take; one read and one write of the sheet."""
    desk.start(SHEET_CALL_TIMEOUT="10", SHEET_CACHE_TTL="3600")
    with ChatStream(desk.telegram.url) as stream:
        anna = Person(desk.telegram, stream, desk.person(), (), random.Random(1))
        anna.say("/proxies")
        desk.sheets.count_anew()
        for label in ("site1 · 40", "3", "Take 3"):
            [tap] = [tap for tap in taps_of(anna.screen()[-1]) if tap.label == label]
            anna.tap(tap)
    desk.check_promises("site1", [anna.id])
    assert 3 == len(desk.issued("site1"))
    assert (1, 1) == desk.sheets.calls(desk.book)


class Tourist(Person):
    """Goes a way through the bot, a step after the other; `met` are the verbs of the buttons they have pressed."""

    def __init__(self, desk: ProcessDesk, stream: ChatStream, user: int) -> None:
        super().__init__(desk.telegram, stream, user, (), random.Random(user))
        self._desk = desk
        self.met: set[str] = set()

    def go(self, tour: Tour) -> None:
        """Send each command and press each button of the tour, not as fast as a machine could."""
        for step in tour:
            time.sleep(self._chance.uniform(0.5, 1.5) * THINKING)
            if step.startswith("/"):
                self.say(step.format(me=username(self.id)))
            else:
                tap = self._stream.wait(self.id, partial(self._button, step))
                assert tap, f"no {step!r} of {tour} under {self.screen()[-1]['text']!r}"
                self.met.add(self._verb(tap))
                self.tap(tap)

    def _button(self, step: str, _: list[Event]) -> Tap | None:
        """The one that is meant; a notice may have come below it, or before it."""
        for message in reversed(self.screen()):
            fitting = [tap for tap in taps_of(message) if tap.label.startswith(step)]
            if fitting:
                return next((tap for tap in fitting if tap.label == step), fitting[0])
        return None

    def _verb(self, tap: Tap) -> str:
        _, offer, position = tap.data.split(":")
        [(actions,)] = self._desk.ask("SELECT actions FROM offers WHERE id = ?", offer)
        verb: str = json.loads(actions)[int(position)][0]
        return verb


def test_everybody_sees_at_once_that_they_were_heard(desk: ProcessDesk) -> None:
    """Every command of every role, and every button, shows a sign, most of them within 300 ms."""
    users = {role: desk.people(len(tours_of(role))) for role in Role}
    known = ["10.9.9.9:8080:anchor:x", "NL", 1, ", ".join((*SITES, RARE)), "", ""]
    desk.sheets.put(desk.book, [HEADER, *proxy_rows(40, used_for=RARE), known])
    ids = {role: ",".join(map(str, people)) for role, people in users.items()}
    desk.start(ADMIN_IDS=ids[Role.ADMIN], ALLOWED_IDS=ids[Role.USER], SHEET_CALL_TIMEOUT="10")
    with ChatStream(desk.telegram.url) as stream:
        crowd = {role: [Tourist(desk, stream, user) for user in users[role]] for role in Role}
        let_in(crowd)
        ask_for_access(desk, stream)
        tours = [tour for role in Role for tour in zip(crowd[role], tours_of(role), strict=True)]
        all_go([(tourist, in_two(tour)[0]) for tourist, tour in tours])
        for tourist, _ in tours:
            tourist.signs.clear()
        desk.sheets.slow_down(SLOW_GOOGLE)
        all_go([(tourist, in_two(tour)[1]) for tourist, tour in tours])
    report("commands and buttons", [sign for tourist, _ in tours for sign in tourist.signs])
    assert [] == [asked for tourist, _ in tours for asked in tourist.unanswered]
    met = {verb for people in crowd.values() for tourist in people for verb in tourist.met}
    assert set() == ROLE_OF_VERB.keys() - LEFT_OUT - met


def all_go(tours: Sequence[tuple[Tourist, Tour]]) -> None:
    """Each of them a tour of their own, all at the same time."""
    with ThreadPoolExecutor(len(tours)) as threads:
        for going in [threads.submit(tourist.go, tour) for tourist, tour in tours]:
            going.result()


def let_in(crowd: Mapping[Role, Sequence[Tourist]]) -> None:
    """The admins give the viewers and traders among them their roles."""
    given = [f"/allow {each.id} {role}" for role in (Role.VIEWER, Role.TRADER) for each in crowd[role]]
    with ThreadPoolExecutor(len(given)) as threads:
        list(threads.map(Tourist.say, itertools.cycle(crowd[Role.ADMIN]), given))


def ask_for_access(desk: ProcessDesk, stream: ChatStream) -> None:
    """Two strangers stand at the door, and every admin has heard of it."""
    for stranger in (desk.world.new_ids()[0] for _ in range(2)):
        person = Tourist(desk, stream, desk.telegram.join(stranger))
        person.say("/start")
        person.tap(taps_of(person.screen()[-1])[0])
    desk.come_to_rest()


def test_a_second_request_while_the_first_one_waits(desk: ProcessDesk) -> None:
    """Its lane is busy for seconds; whoever sent it sees all the same that it was heard."""
    desk.start(SHEET_CALL_TIMEOUT="10")
    with ChatStream(desk.telegram.url) as stream, ThreadPoolExecutor(CROWD) as threads:
        people = [Person(desk.telegram, stream, user, (), random.Random(user)) for user in desk.people(CROWD)]
        for person in people:
            person.say("/start")
        desk.sheets.slow_down(SLOW_GOOGLE)
        ask = partial(ask_twice, desk, stream)
        signs = list(threads.map(ask, people, itertools.cycle([True, False])))
        report("a second request", signs)
        desk.sheets.heal()
        desk.come_to_rest()
    for person in people:
        assert 1 == len(desk.given(person.id))


def ask_twice(desk: ProcessDesk, stream: ChatStream, person: Person, taps: bool) -> Sign:
    """Take one, and while that is worked on, send a command or tap a button: when is that seen to be heard?"""
    [choose] = taps_of(person.screen()[-1])
    heard = stream.count(person.id)
    desk.telegram.send(person.id, "/take site1")
    assert stream.wait(person.id, first_sign, heard)
    heard, began = stream.count(person.id), time.monotonic()
    if taps:
        desk.telegram.control("POST", "press", press_of(person, choose))
    else:
        desk.telegram.send(person.id, "/my")
    sign = stream.wait(person.id, first_sign, heard)
    assert sign
    assert CANARY not in sign.text, "the first one was answered before the second was heard"
    return Sign(choose.label if taps else "/my", sign.at - began)


def press_of(person: Person, tap: Tap) -> Json:
    """A press as the control side takes it."""
    return {"user": person.id, "message_id": tap.message["message_id"], "data": tap.data}


def first_sign(events: list[Event]) -> Event | None:
    """What the bot has shown first."""
    return next((event for event in events if event.is_bots), None)


def report(what: str, signs: list[Sign]) -> None:
    """Print the figures, and hold them to what a busy machine can keep."""
    seconds = sorted(sign.seconds for sign in signs)
    p95 = statistics.quantiles(seconds, n=20)[-1]
    within = sum(each <= GOAL for each in seconds) / len(seconds)
    print(  # noqa: T201
        f"\n{what}: {len(seconds)}; p50 {statistics.median(seconds) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, "
        f"longest {seconds[-1] * 1000:.0f} ms; {within:.0%} within 300 ms"
    )
    assert p95 <= BOUND, [sign for sign in signs if sign.seconds > BOUND]
