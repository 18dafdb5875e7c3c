"""The one table of what people may ask for: it makes the rights, the menus, the help and the README's list."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from bot.models.role import Role


@dataclass(frozen=True, slots=True)
class CommandInfo:
    """One command: its arguments and description as people read them, and the least role that may use it.

    `verbs`: what its buttons do; who may not use the command may not press them either.
    """

    name: str
    args: str
    description: str
    role: Role
    verbs: tuple[str, ...] = ()

    @property
    def menu(self) -> str:
        """The description as Telegram's menu shows it, arguments first."""
        return f"{self.args} – {self.description}" if self.args else self.description


COMMANDS = (
    CommandInfo("proxies", "", "choose proxies by buttons", Role.VIEWER, ("resources", "filters")),
    CommandInfo(
        "take",
        "RESOURCE [N]",
        "take proxies: 1, or N up to 50",
        Role.USER,
        (
            *("take", "preview", "take preview", "change preview", "extend", "cancel preview"),
            *("line up", "leave line", "take turn"),
        ),
    ),
    CommandInfo(
        "my",
        "",
        "the proxies you hold",
        Role.USER,
        (
            *("held", "show", "file", "give", "give back", "spend", "why", "replace"),
            *("transfer", "hand over", "accept", "decline"),
        ),
    ),
    CommandInfo("release", "[N|all|HOST]", "give proxies back", Role.USER, ("release", "propose")),
    CommandInfo("bad", "HOST [REASON]", "report one that does not work", Role.USER, ("bad", "report")),
    CommandInfo("cancel", "", "drop what is reserved for you", Role.USER),
    CommandInfo(
        "buy",
        "SYMBOL N [USDT] [@ PRICE]",
        "buy; shown before it is placed",
        Role.USER,
        ("order", "order surely", "drop order"),
    ),
    CommandInfo("sell", "SYMBOL N|all [@ PRICE]", "sell; shown before it is placed", Role.USER),
    CommandInfo("close", "[SYMBOL|all]", "sell out, or end positions", Role.USER),
    CommandInfo("cancel_order", "[N]", "cancel open orders", Role.USER, ("cancel order", "settle order")),
    CommandInfo("pause", "[all]", "take no new orders from me", Role.USER),
    CommandInfo("resume", "[all]", "take orders from me again", Role.USER),
    CommandInfo("price", "SYMBOL", "what a coin costs now", Role.VIEWER, ("price", "price again")),
    CommandInfo("spot", "", "what gold and other metals cost", Role.VIEWER, ("spot", "spot again", "karats")),
    CommandInfo("melt", "WEIGHT KARAT [+ …]", "what scrap metal is worth", Role.VIEWER),
    CommandInfo(
        "screen",
        "[top|movers|volume] [N]",
        "coins by cap, change or volume",
        Role.VIEWER,
        ("screen", "screen again"),
    ),
    CommandInfo(
        "alert",
        "[SYMBOL > PRICE]",
        "be told when a price is reached",
        Role.USER,
        ("alerts", "snooze alert", "repeat alert", "delete alert"),
    ),
    CommandInfo(
        "chart",
        "SYMBOL|gold|portfolio [1d|7d|30d|90d]",
        "how prices, or what you have, went",
        Role.VIEWER,
        ("chart",),
    ),
    CommandInfo("portfolio", "", "your balance, positions and orders", Role.USER, ("look", "look again")),
    CommandInfo("balance", "", "the coins in your account", Role.USER),
    CommandInfo("positions", "", "your open positions", Role.USER),
    CommandInfo("orders", "", "your open orders", Role.USER),
    CommandInfo(
        "trades", "[SYMBOL]", "what you traded, and its profit", Role.USER, ("trades", "trades file")
    ),
    CommandInfo(
        "accounts",
        "",
        "your accounts: which to use, and their keys",
        Role.USER,
        ("accounts", "account", "account type", "check key"),
    ),
    CommandInfo(
        "connect",
        "[EXCHANGE]",
        "connect an exchange account",
        Role.TRADER,
        ("connect", "connect again", "stop connecting"),
    ),
    CommandInfo("disconnect", "", "forget an account's key", Role.USER, ("disconnect", "disconnect now")),
    CommandInfo("format", "", "how your proxies are written", Role.USER, ("format",)),
    CommandInfo("notices", "", "what I tell you by myself, and when", Role.VIEWER, ("mute", "quiet")),
    CommandInfo("help", "", "what I can do", Role.VIEWER),
    CommandInfo("start", "", "begin here", Role.VIEWER),
    CommandInfo("stats", "", "the pool, the sheet and the bot in figures", Role.ADMIN, ("stats", "retry")),
    CommandInfo("refresh", "", "read the sheet again now", Role.ADMIN),
    CommandInfo(
        "who", "HOST|RESOURCE|@USER", "who holds what, and its history", Role.ADMIN, ("who", "revive")
    ),
    CommandInfo(
        "release_for", "@USER [N|all|HOST]", "free what somebody holds", Role.ADMIN, ("release for",)
    ),
    CommandInfo("freeze", "RESOURCE", "hand out nothing for it", Role.ADMIN, ("freeze",)),
    CommandInfo("thaw", "RESOURCE", "hand out for it again", Role.ADMIN, ("thaw",)),
    CommandInfo("audit", "[HOST|RESOURCE|@USER]", "who did what when", Role.ADMIN, ("audit",)),
    CommandInfo("export", "", "who holds what, as a CSV file", Role.ADMIN),
    CommandInfo("users", "", "everybody and their roles", Role.ADMIN, ("users",)),
    CommandInfo("allow", "ID [ROLE]", "let somebody in", Role.ADMIN, ("approve", "refuse")),
    CommandInfo("role", "@USER|ID ROLE", "change somebody's role", Role.ADMIN),
    CommandInfo("deny", "@USER|ID", "let somebody in no more", Role.ADMIN),
    CommandInfo("sources", "", "who is asked for prices and orders, and answers", Role.ADMIN, ("sources",)),
    CommandInfo("drill", "", "local world: let a price source fail", Role.ADMIN, ("drill",)),
    CommandInfo("doctor", "", "check the sheet, and mend it", Role.ADMIN, ("doctor", "removals")),
)

ASK = "ask"  # the one button of strangers: it asks for access, and no role makes it work
STRANGERS_MENU = ("start", "help")

ROLE_OF_COMMAND = {info.name: info.role for info in COMMANDS}
ROLE_OF_VERB = {verb: info.role for info in COMMANDS for verb in info.verbs}


def commands_for(role: Role) -> tuple[CommandInfo, ...]:
    """The commands that the role may use, in the order of the table."""
    return tuple(info for info in COMMANDS if role.covers(info.role))


def menu_of(role: Role | None) -> tuple[CommandInfo, ...]:
    """What Telegram's menu offers the role; None for strangers."""
    if role is None:
        return tuple(info for info in COMMANDS if info.name in STRANGERS_MENU)
    return commands_for(role)


def closest_command(name: str, role: Role) -> str | None:
    """The command the role probably meant."""
    found = difflib.get_close_matches(name.lower(), [info.name for info in commands_for(role)], n=1)
    return found[0] if found else None
