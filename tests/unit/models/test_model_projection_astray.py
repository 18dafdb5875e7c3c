"""Entries of ours that stand where they do not belong, as a commit meets them."""

from __future__ import annotations

import pytest
from model_makers import HEADER, allocation, cells, entry_of, id_of, key_of, view

from bot.models.ledger import Ledger
from bot.models.projection import Placed, cleared, displaced, texts
from bot.models.proxy import parse_endpoint, proxy_key

SALT = b"the salt of these tests"


def unreadable(issued: str = "") -> list[str]:
    return ["half a proxy", "", issued, "", "", ""]


def test_a_row_without_a_proxy_loses_these_entries() -> None:
    """What people wrote there stays, and so do other rows."""
    seen = view(
        {
            2: unreadable(f"office Vera; {entry_of(1)}"),
            3: unreadable("office Vera"),
            4: unreadable(entry_of(9)),
            5: cells(2, issued=entry_of(1)),
        }
    )
    found = cleared(seen, [2, 3, 4, 5, 6], {id_of(1)})
    assert {2: Placed(None, "office Vera", f"office Vera; {entry_of(1)}")} == found


@pytest.mark.parametrize(
    ("issued", "keys", "found"),
    [
        (entry_of(1), set(), {key_of(1)}),
        (entry_of(1), {key_of(1)}, set()),
        (entry_of(2), set(), set()),
        (entry_of(9), set(), set()),
        ("office Vera", set(), set()),
    ],
    ids=["another's", "cared for already", "its own", "dead", "people's"],
)
def test_what_a_write_takes_from_beside_another_proxy_is_due_elsewhere(
    issued: str, keys: set[str], found: set[str]
) -> None:
    """Or it would stand nowhere, as if somebody had deleted it."""
    live = Ledger([allocation(1), allocation(2)]).live
    assert found == displaced(view({5: cells(2, issued=issued), 6: cells(3)}), [5, 7], keys, live)


@pytest.mark.parametrize(("password", "text"), [("fresh", "office Vera"), (None, "")])
def test_a_text_that_came_beside_a_new_password_was_its_own(password: str | None, text: str) -> None:
    """The row has kept what people wrote there; a proxy that nobody knows has had nothing."""
    proxy = f"10.0.0.1:8080:user1:{password}" if password else "10.0.0.9:8080:user9:pass9"
    key = proxy_key(parse_endpoint(proxy), SALT)
    ours = f"office Vera; {entry_of(1)}"
    seen = view({2: [proxy, "", ours, 30, "NL", ""]}, HEADER)
    had = {key_of(1): "office Vera"}
    placed = texts(
        seen,
        [key],
        Ledger([allocation(1)]),
        misplaced={2: Placed(key_of(1), ours)},
        remembered=lambda each: had.get(each, ""),
    )
    assert {2: Placed(key, text)} == placed


def test_a_text_that_came_from_a_row_without_a_proxy_is_nobodys() -> None:
    """The row gets back what its own proxy had."""
    placed = texts(
        view({2: cells(1, issued="strange")}),
        [key_of(1)],
        Ledger(),
        misplaced={2: Placed(None, "strange")},
        remembered=lambda _: "office Vera",
    )
    assert {2: Placed(key_of(1), "office Vera")} == placed
