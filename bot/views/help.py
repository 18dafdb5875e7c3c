"""Greetings, help and hints."""

from __future__ import annotations

from bot.models.role import Role
from bot.views.commands import CommandInfo, closest_command, commands_for
from bot.views.text import escaped

PLAIN_TEXT = "I work by commands: try /take beboo 5, or see /help."
UNREADABLE = "I can't read that here. Send /help."
FORWARDED = "I only act on commands you type yourself. Send /help."


def welcome(role: Role) -> str:
    """The answer to /start."""
    lines = [
        "I hand out proxies from the team's sheet, never the same one twice for the same site.",
        "Ask with /take and the site's name; the answer is for you alone.",
        "",
        "/take beboo – one proxy for beboo",
        "/take beboo 5 – five of them",
        "/my – what you hold",
    ]
    if role is Role.ADMIN:
        lines.append("/stats – how everything is doing")
    return "\n".join([*lines, "/help – everything I can do"])


def overview(role: Role) -> str:
    """The answer to /help: the commands that the role can use."""
    return "\n".join(["<b>What I can do</b>", *(_line(info) for info in commands_for(role))])


def stranger(user_id: int) -> str:
    """The one line for people who are not on a list."""
    return f"This is a private desk. Ask an admin to add you; your id is {user_id}."


def unknown_command(name: str, role: Role) -> str:
    """A command that does not exist."""
    guess = closest_command(name, role)
    return (
        f"I don't know that command. Did you mean /{guess}?"
        if guess
        else "I don't know that command. See /help."
    )


def _line(info: CommandInfo) -> str:
    return (
        f"/{' '.join(part for part in (info.name, escaped(info.args)) if part)} – {escaped(info.description)}"
    )
