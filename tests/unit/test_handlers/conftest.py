"""The chat desk as a fixture."""

from __future__ import annotations

import pytest
from chat_support import ChatDesk


@pytest.fixture
def chat() -> ChatDesk:
    return ChatDesk()
