"""Flood control: how many messages pass, and how long to wait."""

from dataclasses import dataclass

from sandbox.telegram.limits import FloodControl


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def admitted(flood: FloodControl, chat: int, *, times: int, group: bool = False) -> int:
    return [flood.admit(chat, group=group) for _ in range(times)].count(0)


def test_a_chat_takes_a_burst_and_then_one_a_second() -> None:
    """5 at once; each second one more; a refusal costs nothing."""
    clock = Clock()
    flood = FloodControl(clock)
    assert admitted(flood, 1, times=50) == 5
    clock.now += 1
    assert admitted(flood, 1, times=50) == 1
    assert admitted(flood, 2, times=50) == 5


def test_thirty_a_second_in_all() -> None:
    """The 31st message waits, whichever chat it is for."""
    clock = Clock()
    flood = FloodControl(clock)
    assert [flood.admit(chat, group=False) for chat in range(30)] == [0] * 30
    assert flood.admit(99, group=False) == 1
    clock.now += 1
    assert [flood.admit(chat, group=False) for chat in range(100, 130)] == [0] * 30


def test_thirty_a_second_is_no_average() -> None:
    """Whoever was fast at the end of a second is so at the beginning of no other."""
    clock = Clock()
    flood = FloodControl(clock)
    clock.now = 0.9
    assert [flood.admit(chat, group=False) for chat in range(30)] == [0] * 30
    clock.now = 1.2
    assert flood.admit(50, group=False) == 1
    clock.now = 1.9
    assert flood.admit(50, group=False) == 0


def test_twenty_a_minute_in_a_group() -> None:
    """At one a second the 21st waits until the first is a minute old, then each for the next."""
    clock = Clock()
    flood = FloodControl(clock)
    passed = 0
    while not flood.admit(-1, group=True):
        passed += 1
        clock.now += 1
    assert (20, 40) == (passed, flood.admit(-1, group=True))
    clock.now += 40
    assert [0, 1] == [flood.admit(-1, group=True) for _ in range(2)]


def test_an_album_is_as_many_messages() -> None:
    """It passes where one does; a minute's worth is spent with two of ten."""
    clock = Clock()
    flood = FloodControl(clock)
    assert flood.admit(-1, group=True, messages=10) == 0
    assert flood.admit(-1, group=True, messages=10) == 6
    clock.now += 6
    assert flood.admit(-1, group=True, messages=10) == 0
    clock.now += 10
    assert flood.admit(-1, group=True) == 44
