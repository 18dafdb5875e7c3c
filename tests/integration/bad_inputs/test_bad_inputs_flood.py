"""One person who asks far too often."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bad_inputs.promises import Promise
from bad_inputs.whole_desk import BORIS, EVA, pool_rows, whole_desk

PROMISE = Promise.FLOOD
PER_MINUTE = 20
NOTICE = f"That was more than {PER_MINUTE} requests in a minute."


async def test_a_flood_gets_one_notice_and_harms_nobody(tmp_path: Path) -> None:
    """A hundred commands at once: as many answers as there may be, one notice, silence. Others are answered."""
    async with whole_desk(tmp_path, pool_rows(), per_minute=PER_MINUTE) as desk:
        flood = [{"message": desk.message("/take", EVA)} for _ in range(100)]
        others = {"message": desk.message("/take", BORIS)}
        arriving = asyncio.ensure_future(desk.brings(*flood, others))
        await desk.clock.hurry(arriving)
        heard = await arriving
    said = [text for chat, text in heard if chat == EVA]
    assert 1 == sum(text.startswith(NOTICE) for text in said)
    assert (
        PER_MINUTE < len(said) < 2 * PER_MINUTE
    )  # some of what one may ask comes back while answers are paced
    assert ["It is not said what the proxies are for."] == [
        text.splitlines()[0] for chat, text in heard if chat == BORIS
    ]
