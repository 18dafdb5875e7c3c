"""The composition root: the one place that wires things, starts them in order and stops them in reverse.

`parts` are what the desk stands on, `desk` is the desk without a front, `chat` the Telegram front before it, `jobs`
what runs by the clock, `running` the life of the whole bot.
"""

from bot.app.chat import Chat, open_chat
from bot.app.desk import Desk, open_desk
from bot.app.parts import DeskSheet, Parts, new_id
from bot.app.running import run_bot

__all__ = ["Chat", "Desk", "DeskSheet", "Parts", "new_id", "open_chat", "open_desk", "run_bot"]
