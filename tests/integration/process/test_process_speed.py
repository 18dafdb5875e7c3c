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
from local_world import username
from process_desk import CANARY, HEADER, SITES, ProcessDesk, proxy_rows
from process_people import Person, Sign, Tap, taps_of
from tours import LEFT_OUT, RARE, Tour, tours_of

from bot.models.role import Role
from bot.views.commands import ROLE_OF_VERB

SLOW_GOOGLE = 2000
GOAL, BOUND = 0.3, 1.0
THINKING = 1.2


def test_three_taps_and_one_commit(desk: ProcessDesk) -> None:
    """From /proxies to credentials: the resource, how many, Take; one read and one write of the sheet."""
    desk.start()
    with ChatStream(desk.telegram.url) as stream:
        anna = Person(desk.telegram, stream, desk.person(), (), random.Random(1))
        anna.say("/proxies")
        desk.sheets.count_anew()
        for label in ("site1 · 40", "3", "Take 3"):
            [tap] = [tap for tap in taps_of(anna.screen()[-1]) if tap.label == label]
            anna.tap(tap)
    desk.check_promises("site1", [anna.id])
    assert 3 == len(desk.issued("site1"))
    assert (1, 1) == desk.sheets.calls()


class Tourist(Person):
    """Goes a way through the bot, a step after the other; `met` are the verbs of the buttons they have pressed."""

    def __init__(self, desk: ProcessDesk, stream: ChatStream, user: int) -> None:
        super().__init__(desk.telegram, stream, user, (), random.Random(user))
        self._desk = desk
        self.met: set[str] = set()

    def go(self, tour: Tour) -> None:
        """Send each command and press each button of the tour, not as fast as a machine could."""
        time.sleep(self._chance.uniform(0, 2 * THINKING))
        for step in tour:
            if step.startswith("/"):
                self.say(step.format(me=username(self.id)))
            else:
                tap = self._stream.wait(self.id, lambda _, step=step: self._button(step))  # type: ignore[misc]
                assert tap, f"no {step!r} of {tour} under {self.screen()[-1]['text']!r}"
                self.met.add(self._verb(tap))
                self.tap(tap)
            time.sleep(THINKING)

    def _button(self, step: str) -> Tap | None:
        """The one that is meant; a notice may have come below it, or before it."""
        for message in reversed(self.screen()):
            taps = {tap.label: tap for tap in taps_of(message)}
            if label := step if step in taps else next((each for each in taps if each.startswith(step)), None):
                return taps[label]
        return None

    def _verb(self, tap: Tap) -> str:
        _, offer, position = tap.data.split(":")
        [(actions,)] = self._desk.ask("SELECT actions FROM offers WHERE id = ?", offer)
        verb: str = json.loads(actions)[int(position)][0]
        return verb


def test_everybody_sees_at_once_that_they_were_heard(desk: ProcessDesk) -> None:
    """Every command and every button of every role shows a sign, most of them within 300 ms."""
    tours = {role: tours_of(role) for role in Role}
    known = ["10.9.9.9:8080:anchor:x", "NL", 1, ", ".join((*SITES, RARE)), "", ""]
    desk.sheets.put(desk.book, [HEADER, *proxy_rows(40, used_for=RARE), known])
    users = {role: desk.people(len(tours[role])) for role in Role}
    desk.start(
        ADMIN_IDS=",".join(map(str, users[Role.ADMIN])),
        ALLOWED_IDS=",".join(map(str, users[Role.USER])),
        SHEET_CALL_TIMEOUT="10",
    )
    with ChatStream(desk.telegram.url) as stream:
        crowd = {role: [Tourist(desk, stream, user) for user in users[role]] for role in Role}
        let_in(crowd)
        ask_for_access(desk, stream)
        for admin in crowd[Role.ADMIN]:
            admin.signs.clear()
        desk.sheets.slow_down(SLOW_GOOGLE)
        all_go({tourist: tour for role in Role for tourist, tour in zip(crowd[role], tours[role], strict=True)})
    everybody = [tourist for people in crowd.values() for tourist in people]
    report("commands and buttons", [sign for tourist in everybody for sign in tourist.signs])
    assert [] == [asked for tourist in everybody for asked in tourist.unanswered]
    for role, people in crowd.items():
        own = {verb for verb, least in ROLE_OF_VERB.items() if least is role}
        assert set() == own - LEFT_OUT - set().union(*(tourist.met for tourist in people))


def all_go(tours: Mapping[Tourist, Tour]) -> None:
    """Each of them a tour of their own, all at the same time."""
    with ThreadPoolExecutor(len(tours)) as threads:
        for going in [threads.submit(tourist.go, tour) for tourist, tour in tours.items()]:
            going.result()


def let_in(crowd: Mapping[Role, Sequence[Tourist]]) -> None:
    """The admins give the viewers and traders among them their roles."""
    given = [(role, tourist.id) for role in (Role.VIEWER, Role.TRADER) for tourist in crowd[role]]
    with ThreadPoolExecutor(len(given)) as threads:
        admins = itertools.cycle(crowd[Role.ADMIN])
        list(threads.map(lambda each: next(admins).say(f"/allow {each[1]} {each[0]}"), given))


def ask_for_access(desk: ProcessDesk, stream: ChatStream) -> None:
    """Two strangers stand at the door, and every admin has heard of it."""
    for stranger in (desk.world.new_ids()[0] for _ in range(2)):
        person = Tourist(desk, stream, desk.telegram.join(stranger))
        person.go(("/start", "Ask"))
    desk.come_to_rest()


def test_a_second_request_while_the_first_one_waits(desk: ProcessDesk) -> None:
    """Its lane is busy for seconds; whoever sent it sees all the same that it was heard."""
    desk.start(SHEET_CALL_TIMEOUT="10")
    with ChatStream(desk.telegram.url) as stream, ThreadPoolExecutor(8) as threads:
        people = [Person(desk.telegram, stream, user, (), random.Random(user)) for user in desk.people(8)]
        for person in people:
            person.say("/start")
        desk.sheets.slow_down(SLOW_GOOGLE)
        asked = [threads.submit(ask_twice, desk, stream, person, place) for place, person in enumerate(people)]
        signs = [each.result() for each in asked]
        report("a second request", signs)
        desk.come_to_rest()
    for person in people:
        assert 1 == len(desk.given(person.id))


def ask_twice(desk: ProcessDesk, stream: ChatStream, person: Person, place: int) -> Sign:
    """Take one, and while that is worked on, send a command or tap a button: when the second is seen to be heard."""
    [tap] = taps_of(person.screen()[-1])
    heard = stream.count(person.id)
    desk.telegram.send(person.id, f"/take site{place + 1}")
    assert stream.wait(person.id, partial(signs_of_life, 1), heard)
    heard, began = stream.count(person.id), time.monotonic()
    if place % 2:
        desk.telegram.press(person.id, tap.message, tap.data)
    else:
        desk.telegram.send(person.id, "/my")
    signs = stream.wait(person.id, partial(signs_of_life, 1), heard)
    assert signs
    assert CANARY not in "".join(event.text for event in stream.events(person.id)[: heard + 1])
    return Sign("/my" if place % 2 == 0 else tap.label, signs[0].at - began)


def signs_of_life(count: int, events: list[Event]) -> list[Event]:
    """What the bot has shown, once it is so much."""
    shown = [event for event in events if event.is_bots]
    return shown if len(shown) >= count else []


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
