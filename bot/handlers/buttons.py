"""What a button carries, read back."""

from __future__ import annotations

from bot.errors import OfferLapsed
from bot.handlers.filters import ButtonData


def read_button(data: str) -> tuple[str, int]:
    """An offer's id and a position; raises OfferLapsed for what we never wrote."""
    try:
        button = ButtonData.unpack(data)
    except (TypeError, ValueError) as error:
        raise OfferLapsed("the button is not ours") from error
    return button.offer, button.button
