"""Hypothesis looks for an order of events that breaks a promise of the desk, and cuts it down when it finds one.

The same actions from fixed seeds are in `test_seeds.py`. For a longer search: `SIMULATION_EXAMPLES=2000`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from actions import Action
from driving import HANDLED, HANDLED_DYING, HANDLED_STORM, STORMS, Weather
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from searching import search
from settling import problems, settle
from stillness import StillLoop
from world import World

PROFILE = search(examples=15, steps=40)


class DeskMachine(RuleBasedStateMachine):
    """The desk's world; the rules are added by `machine_in`. When the steps are done, everything must settle."""

    weather: Weather

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._runner = asyncio.Runner(loop_factory=StillLoop)
        self._world = World(Path(self._folder.name))
        self._is_well = True

    @initialize()
    def start(self) -> None:
        self._runner.run(self._world.start())

    @invariant()
    def keeps_its_promises(self) -> None:
        """No thing is two clients', none is lost, and a request that comes again gets the same answer."""
        self._runner.run(self._looked())
        self._demand(problems(self._world))

    def act(self, action: Action, data: st.DataObject) -> None:
        """One thing happens; hypothesis chooses what is to be chosen."""
        self._runner.run(action(self._world, lambda options: data.draw(st.sampled_from(options))))

    def teardown(self) -> None:
        """Settle, unless something is wrong already, and end the process."""
        try:
            if self._is_well and self._world.is_up:
                self._demand(self._runner.run(settle(self._world, sheet=self.weather not in STORMS)))
        finally:
            self._runner.run(self._world.kill())
            self._runner.close()
            self._folder.cleanup()

    async def _looked(self) -> None:
        if self._world.is_up:
            await self._world.look()

    def _demand(self, wrong: list[str]) -> None:
        self._is_well = not wrong
        if wrong:
            note("\n".join(self._world.log))
        assert not wrong, "\n".join(wrong)


def machine_in(weather: Weather) -> type[DeskMachine]:
    """The machine with a rule for each action of that weather; time passes as often as anything else happens."""
    rules = {action.__name__: _rule(action) for action in weather}
    return type("Machine", (DeskMachine,), {**rules, "weather": weather})


def _rule(action: Action) -> Callable[..., Any]:
    def act(self: DeskMachine, data: st.DataObject) -> None:
        self.act(action, data)

    act.__name__ = action.__name__
    return rule(data=st.data())(act)


@pytest.mark.parametrize(
    "weather", [HANDLED, HANDLED_DYING, HANDLED_STORM], ids=["handled", "handled, dying", "handled storm"]
)
def test_no_order_of_events_breaks_a_promise(weather: Weather) -> None:
    """Whatever clients, people, Google and the machine do, in whatever order."""
    run_state_machine_as_test(machine_in(weather), settings=PROFILE)
