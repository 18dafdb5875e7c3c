"""What a button of something held carries."""

from __future__ import annotations

import pytest

from bot.errors import OfferLapsed
from bot.models.held import Tag

TAG = Tag("k3f9x2qa", "beboo", "10.0.0.1:8080", 2)


def test_a_tag_is_read_as_it_was_written() -> None:
    """Whatever else the button carries behind it."""
    assert TAG == Tag.read(TAG.args)
    assert TAG == Tag.read((*TAG.args, "dead"))


@pytest.mark.parametrize("args", [(), TAG.args[:3], ("k3f9x2qa", "beboo", "10.0.0.1:8080", "2")])
def test_a_button_of_another_version_has_lapsed(args: tuple[str | int, ...]) -> None:
    """Nothing is guessed."""
    with pytest.raises(OfferLapsed):
        Tag.read(args)
