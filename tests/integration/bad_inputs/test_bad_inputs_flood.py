"""One person who asks far too often."""

from __future__ import annotations

from pathlib import Path

from bad_inputs.promises import Promise
from bad_inputs.whole_desk import BORIS, EVA, pool_rows, whole_desk

PER_MINUTE = 3  # few enough for the answers to need no pace
NOTICE = f"That was more than {PER_MINUTE} requests in a minute."
UNNAMED = "Say what the proxies are for."


async def test_a_flood_gets_one_notice_and_harms_nobody(tmp_path: Path) -> None:
    """A hundred commands at once: as many answers as there may be, one notice, silence. Others are answered."""
    async with whole_desk(tmp_path, pool_rows(), per_minute=PER_MINUTE) as desk:
        desk.clock.jump(60)
        flood = [{"message": desk.message("/take", EVA)} for _ in range(100)]
        heard = await desk.brings(*flood, {"message": desk.message("/take", BORIS)})
    first_lines = [(chat, text.splitlines()[0]) for chat, text in heard]
    assert [UNNAMED] * PER_MINUTE + [NOTICE] == [line for chat, line in first_lines if chat == EVA]
    assert [UNNAMED] == [line for chat, line in first_lines if chat == BORIS]


TRIED = {Promise.FLOOD: (test_a_flood_gets_one_notice_and_harms_nobody,)}
