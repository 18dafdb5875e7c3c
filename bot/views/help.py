"""Greetings, help and hints."""

from __future__ import annotations

from bot.models.offer import Action
from bot.models.person import Standing
from bot.models.role import Role
from bot.views.commands import ASK, ROLE_OF_VERB, CommandInfo, closest_command, commands_for
from bot.views.reply import Button, Reply, one
from bot.views.text import escaped, proxies_of

PLAIN_TEXT = "I work by commands: try /take beboo 5, or see /help."
LOOKING_ONLY = "I work by commands: try /proxies, or see /help."
UNREADABLE = "I cannot read that here. Send /help."
FORWARDED = "I only act on commands you type yourself. Send /help."
TOO_MANY_ASK = "Too many people are asking for access just now. Try again tomorrow."
READING = (
    "RESOURCE is the site a proxy is for, such as beboo, SYMBOL a coin or a pair, such as BTC or BTC/USDT, "
    "and N a number. "
    "What stands in [ ] may be left out; | means “or”."
)
NO_COMMAND = "I do not know that command."

CHOOSE = Button("Choose proxies", Action("resources"))
DAY = 86_400.0


def welcome(role: Role, held: int = 0) -> Reply:
    """The answer to /start: what one may do, how many one holds, and the first step as a button."""
    holding = [f"\nYou hold {proxies_of(held)}: see /my."] if held else []
    lines = [*_GREETINGS[role], "/help – everything I can do", *holding]
    return one("\n".join(lines), *([CHOOSE] if role.covers(ROLE_OF_VERB[CHOOSE.action.verb]) else []))


_INTRODUCTION = "I hand out proxies from the team's sheet, never the same one twice for the same site."
_TAKING = (
    _INTRODUCTION,
    "Choose them here, or ask with /take and the site's name; the answer is for you alone.",
    "",
    "/take beboo – one proxy for beboo",
    "/take beboo 5 – five of them",
    "/my – what you hold",
)
_GREETINGS = {
    Role.VIEWER: (_INTRODUCTION, "You can see what is free; to take some, ask an admin for more rights.", ""),
    Role.USER: _TAKING,
    Role.TRADER: _TAKING,
    Role.ADMIN: (
        *_TAKING,
        "/stats – how everything is doing",
        "/users – who may do what",
    ),
}


def overview(role: Role) -> str:
    """The answer to /help: the commands that the role can use, and how their words are to be read."""
    commands = commands_for(role)
    reading = [f"\n{READING}"] if any(info.args for info in commands) else []
    return "\n".join(["<b>What I can do</b>", *map(_line, commands), *reading])


def plain_text(role: Role) -> str:
    """The hint for somebody who just talks."""
    return PLAIN_TEXT if role.covers(Role.USER) else LOOKING_ONLY


def at_the_door(user_id: int, standing: Standing) -> Reply:
    """All that somebody without a role ever reads, and the button with which they ask for one."""
    match standing:
        case Standing.ASKED:
            return one(f"You have asked for access, and an admin will answer. Your id is {user_id}.")
        case Standing.DENIED:
            return one(
                f"This is a private desk. An admin has decided not to let you in; your id is {user_id}."
            )
    ask = Button("Ask for access", Action(ASK))
    return Reply((stranger(user_id),), ((ask,),), good_for=DAY)


def stranger(user_id: int) -> str:
    """The one line for people who are on no list."""
    return f"This is a private desk. Ask for access to be let in; your id is {user_id}."


def slow_down(per_minute: int) -> str:
    """Somebody asks more than they may."""
    return (
        f"That was more than {per_minute} requests in a minute.\n"
        "Wait a little: until then I answer nothing you send."
    )


def unknown_command(name: str, role: Role) -> str:
    """A command that does not exist."""
    guess = closest_command(name, role)
    return f"{NO_COMMAND} Did you mean /{guess}?" if guess else f"{NO_COMMAND} See /help."


def _line(info: CommandInfo) -> str:
    return (
        f"/{' '.join(part for part in (info.name, escaped(info.args)) if part)} – {escaped(info.description)}"
    )
