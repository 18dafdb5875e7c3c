"""When the world is saved, by a clock that is turned by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from sandbox.autosave import Autosave


@dataclass
class Call:
    due: float
    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class HandTurnedLoop:
    """Time and timers of a loop, moved on by `advance`."""

    now: float = 0.0
    calls: list[Call] = field(default_factory=list)

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], None], /) -> Call:
        self.calls.append(Call(self.now + delay, callback))
        return self.calls[-1]

    def advance(self, seconds: float) -> None:
        self.now += seconds
        due = [call for call in self.calls if call.due <= self.now and not call.cancelled]
        self.calls = [call for call in self.calls if call not in due and not call.cancelled]
        for call in due:
            call.callback()


@pytest.fixture
def loop() -> HandTurnedLoop:
    return HandTurnedLoop()


def test_it_saves_once_things_are_quiet_for_a_second(loop: HandTurnedLoop) -> None:
    """Several changes in a row are saved together, a second after the last."""
    saved: list[float] = []
    autosave = Autosave(lambda: saved.append(loop.now), loop)
    autosave.changed()
    loop.advance(0.9)
    autosave.changed()
    loop.advance(0.9)
    assert saved == []
    loop.advance(0.1)
    assert saved == [pytest.approx(1.9)]
    loop.advance(60)
    assert len(saved) == 1


def test_changes_without_end_are_saved_all_the_same(loop: HandTurnedLoop) -> None:
    """It saves 10 s after the first change even if there is never a quiet second."""
    saved: list[float] = []
    autosave = Autosave(lambda: saved.append(loop.now), loop)
    for _ in range(50):
        autosave.changed()
        loop.advance(0.5)
    assert len(saved) == 2


def test_nothing_is_saved_without_a_change(loop: HandTurnedLoop) -> None:
    """A flush after a save does nothing."""
    saved: list[float] = []
    autosave = Autosave(lambda: saved.append(loop.now), loop)
    autosave.flush()
    autosave.changed()
    autosave.flush()
    autosave.flush()
    assert saved == [0.0]


def test_a_failed_save_is_told_and_tried_again(
    loop: HandTurnedLoop, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk does not end the world; the next change, or the end, saves all."""
    results: list[OSError | None] = [OSError(28, "No space left on device"), None]
    saved: list[float] = []

    def save() -> None:
        if error := results.pop(0):
            raise error
        saved.append(loop.now)

    autosave = Autosave(save, loop)
    autosave.changed()
    loop.advance(1)
    assert "No space left" in capsys.readouterr().err
    autosave.flush()
    assert saved == [1.0]


def test_a_large_world_is_saved_less_often(loop: HandTurnedLoop) -> None:
    """When a save takes 0.4 s, the next waits 20 s: saving never takes more than some percent of the time."""
    saved: list[float] = []

    def save() -> None:
        loop.now += 0.4
        saved.append(loop.now)

    autosave = Autosave(save, loop)
    autosave.changed()
    loop.advance(1)
    autosave.changed()
    loop.advance(19)
    assert len(saved) == 1
    loop.advance(1)
    assert len(saved) == 2
