"""A draft on its way through a button, and how long its price is good."""

from __future__ import annotations

import json

import pytest
from order_makers import NOW, ORIGIN, D, buy, drafted, market, sell

from bot.models.market import AccountType, Side
from bot.models.order_draft import UnreadableDraft, pack, unpack
from bot.models.order_rules import closing_draft

DRAFTS = [
    drafted(buy("0.0999", price=D("9000.3"))),
    drafted(sell("0.01", take_profit=D(9000), stop_loss=D(11_000)), market(AccountType.LINEAR)),
    drafted(sell(None), available=D("0.05")),
    closing_draft(Side.BUY, D(1), market(AccountType.LINEAR), ORIGIN),
]


@pytest.mark.parametrize("draft", DRAFTS)
def test_a_draft_comes_back_as_it_was_packed(draft) -> None:
    """To its last digit, and with its wish."""
    assert draft == unpack(pack(draft))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "{",
        json.dumps(json.loads(pack(DRAFTS[0])) | {"quoted": "dear"}),
        json.dumps(json.loads(pack(DRAFTS[0])) | {"doubts": ["none"]}),
        json.dumps(json.loads(pack(DRAFTS[0])) | {"colour": "red"}),
        json.dumps(json.loads(pack(DRAFTS[0])) | {"order": None}),
    ],
)
def test_what_another_version_has_packed_is_not_read(text: str) -> None:
    """Rather ask again than place something else."""
    with pytest.raises(UnreadableDraft):
        unpack(text)


def test_a_price_is_good_for_a_minute() -> None:
    """And not if the clock was put back meanwhile."""
    draft = DRAFTS[0]
    assert [False, False, True, True] == [draft.lapsed(NOW + later) for later in (0, 60, 60.1, -1)]


def test_a_price_may_move_by_one_percent() -> None:
    """In either direction."""
    draft = drafted(buy())
    assert [False, False, True, True] == [
        draft.drifted(D(price)) for price in ("10100", "9900", "10101", "9899")
    ]
