"""The commands, once: for the help, for Telegram's menu and for guessing what was meant."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from bot.models.role import Role


@dataclass(frozen=True, slots=True)
class CommandInfo:
    """One command: its arguments and description as people read them."""

    name: str
    args: str
    description: str
    role: Role = Role.USER

    @property
    def menu(self) -> str:
        """The description as Telegram's menu shows it, arguments first."""
        return f"{self.args} – {self.description}" if self.args else self.description


COMMANDS = (
    CommandInfo("take", "RESOURCE [N]", "take proxies: 1, or N up to 50"),
    CommandInfo("my", "", "the proxies you hold"),
    CommandInfo("help", "", "what I can do"),
    CommandInfo("start", "", "begin here"),
    CommandInfo("stats", "", "the pool, the sheet and the bot in figures", Role.ADMIN),
    CommandInfo("refresh", "", "read the sheet again now", Role.ADMIN),
)


def commands_for(role: Role) -> tuple[CommandInfo, ...]:
    """The commands that the role may use, in the order of the table."""
    return tuple(info for info in COMMANDS if role is Role.ADMIN or info.role is role)


def closest_command(name: str, role: Role) -> str | None:
    """The command the role probably meant."""
    found = difflib.get_close_matches(name.lower(), [info.name for info in commands_for(role)], n=1)
    return found[0] if found else None
