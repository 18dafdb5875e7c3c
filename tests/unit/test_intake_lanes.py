"""Lanes: which updates wait for one another, read from raw updates of any shape."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.resilience.tasks import Supervisor
from bot.services.intake.lanes import Lanes, kind_of, lane_of

ANNA = {"id": 7, "first_name": "Anna"}
DESK = {"id": -100, "type": "supergroup"}


@pytest.mark.parametrize(
    ("lane", "event"),
    [
        ((-100, 7), {"message": {"chat": DESK, "from": ANNA, "text": "/take beboo"}}),
        ((-100, 7), {"edited_message": {"chat": DESK, "from": ANNA}}),
        ((-100, 7), {"callback_query": {"id": "1", "from": ANNA, "message": {"chat": DESK}}}),
        ((-100, 7), {"my_chat_member": {"chat": DESK, "from": ANNA}}),
        ((-100, 7), {"message_reaction": {"chat": DESK, "user": ANNA}}),
        ((None, 7), {"inline_query": {"id": "1", "from": ANNA}}),
        ((-100, None), {"channel_post": {"chat": DESK}}),
        (("update", 1), {"poll": {"id": "1"}}),
        (("update", 1), {"message": "not even an object"}),
        (("update", 1), {"message": {"chat": {"id": [1]}, "from": None}}),
        (("update", 1), {}),
    ],
)
def test_a_lane_is_a_person_in_a_chat(lane: object, event: dict[str, Any]) -> None:
    """Updates of one person in one chat share a lane; what belongs to nobody waits for nobody."""
    assert lane == lane_of({"update_id": 1, **event})


@pytest.mark.parametrize("text", ["/cancel", "/Cancel", "/cancel@quartermaster_bot", "/cancel please"])
def test_cancel_has_a_lane_beside_its_persons(text: str) -> None:
    """`/cancel` need not wait for what it is to cancel."""
    usual = lane_of({"update_id": 1, "message": {"chat": DESK, "from": ANNA, "text": "/take beboo"}})
    assert usual != lane_of({"update_id": 2, "message": {"chat": DESK, "from": ANNA, "text": text}})


def test_the_kind_is_the_field_beside_the_number() -> None:
    """The kind is known for shapes that are not."""
    assert kind_of({"update_id": 1, "teleport": {"to": "Mars"}}) == "teleport"
    assert kind_of({"update_id": 1}) == "nothing"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["message", "chat", "from", "user", "id", "text"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure
@given(st.dictionaries(st.sampled_from(["message", "callback_query", "new"]), json_values))
def test_every_shape_has_a_lane(event: dict[str, Any]) -> None:
    """Whatever Telegram sends, a lane is found for it, and can be looked up."""
    hash(lane_of({"update_id": 1, **event}))


@pytest.fixture
async def supervisor() -> AsyncIterator[Supervisor]:
    supervisor = Supervisor()
    yield supervisor
    await supervisor.close()


async def test_a_closed_lane_begins_nothing_more(supervisor: Supervisor) -> None:
    """After `close` the job that runs ends, and the one behind it never begins."""
    lanes, gate, ran = Lanes(supervisor), asyncio.Event(), []

    async def first() -> None:
        await gate.wait()
        ran.append("first")

    async def second() -> None:
        ran.append("second")

    lanes.add("a", first)
    lanes.add("a", second)
    await asyncio.sleep(0)
    lanes.close()
    gate.set()
    await lanes.idle()
    assert ran == ["first"]


async def test_a_lane_can_be_used_again_after_it_ran_empty(supervisor: Supervisor) -> None:
    """A lane ends when it has nothing to do, and begins anew with the next job."""
    lanes, ran = Lanes(supervisor), []

    async def job() -> None:
        ran.append("job")

    for _ in range(2):
        lanes.add("a", job)
        await lanes.idle()
    assert ran == ["job", "job"]
