"""What is said in the place where somebody asked, when the answer goes elsewhere."""

from __future__ import annotations

from bot.views.text import escaped

SENT_PRIVATELY = "Sent to you privately."


def open_private(username: str) -> str:
    """The user has to write first, before the bot may write to them."""
    return f"Open a private chat with me first: t.me/{escaped(username)}"
