"""The message that shows a preview."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PreviewMessage:
    """Where the preview of a request is shown, and until when (epoch seconds) it is kept."""

    request: int
    user_id: int
    chat_id: int
    message_id: int
    expires_at: float
