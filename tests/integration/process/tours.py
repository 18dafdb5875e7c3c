"""Ways through the bot: every role sends every command, and somebody who has a button presses it.

What begins with a slash is sent, `{me}` in it stands for who sends it; the rest is a button's label, or its beginning.
What stands in parentheses is sent beforehand, while Google is quick.
"""

from __future__ import annotations

from bot.models.role import Role
from bot.views.commands import COMMANDS
from sandbox.exchange.demo import TRADER

Tour = tuple[str, ...]

ARGUMENTS = {
    "take": "site1 2",
    "release": "all",
    "bad": "192.0.2.7",
    "who": "site1",
    "release_for": "@nobody all",
    "freeze": "site60",
    "thaw": "site60",
    "allow": "soon",
    "price": "BTC",
    "melt": "12.5g 14k",
    "chart": "BTC",
    "role": "@nobody viewer",
    "deny": "@nobody",
}
A_TOUR = 8
RARE = "rare"  # the resource that nothing is free for

_LOOKING: tuple[Tour, ...] = (
    ("/proxies", "site", "3+ days", "‹ All", "Next", "/notices", "✓", "quiet 22"),
    ("/price BTC", "Refresh", "/price doggo", "DOGEUSDT"),
    ("/spot", "Karats", "Prices", "Refresh", "/melt 1 ozt sterling"),
    ("/screen 30", "Next", "Movers", "Refresh"),
    ("/chart BTC", "30d"),
)
_HOLDING: tuple[Tour, ...] = (
    ("/proxies", "site", "2", "Extend", "Take 2", "/format", "URL"),
    ("/proxies", "site", "1", "Change", "1", "Cancel"),
    ("(/take site2 2)", "/my", "1 ·", "Give back", "Not used", "My proxies", "1 ·", "Give back", "Used up"),
    ("(/take site3)", "/my", "1 ·", "Give back", "Does not work", "The site", "/my", "Get all"),
    ("(/take site4)", "/my", "1 ·", "Transfer", ""),
    ("/take for-{me}", "Take 1 for for-", f"/take {RARE}", "Tell me", "Leave"),
    ("(/take site5 2)", "/release all", "Give back 2"),
    ("(/take site9 2)", "/release 2", "2 of", "Keep"),
    ("(/take site6)", "/bad site6", "It is too slow", "Only report"),
    ("/portfolio", "Refresh", "Balance", "Positions", "/buy ETH 50 USDT", "Cancel"),
    ("/buy BTC 600 USDT", "Confirm", "Yes, place it", "/trades XYZ", "All trades", "Get all"),
    ("/buy ETH 0.1 @ 100", "Confirm", "Yes, place it", "Cancel the order"),
    ("/accounts", "unified", "✓ Use paper"),
    ("/alert BTC > 900000", "All alerts", "1: Snooze", "1: Repeat", "1: Delete"),
)
_TRADING: tuple[Tour, ...] = (
    ("/connect", "Bybit", "Cancel"),
    (f"/connect bybit {TRADER.key} {TRADER.secret}", "My accounts", "Disconnect", "Yes, disconnect"),
)
_RULING: tuple[Tour, ...] = (
    ("/stats", "Problems", "Retry", "/users", "Next"),
    ("/audit", "Older", "/freeze site50", "Thaw", "/thaw site51", "Freeze"),
    ("(/take site7 2)", "/release_for @{me} all", "Free 2"),
    ("(/take site8)", "/bad site8", "It does not", "Only report", "/who site8", "Works again", "‹ Back"),
    ("/doctor", "Protect"),
    ("/drill", "paxg", "Slow", "Refresh", "Heal paxg"),
    ("/users", "Let in"),
    ("/users", "Refuse"),
)
_BUTTONS = {Role.VIEWER: _LOOKING, Role.USER: _HOLDING, Role.TRADER: _TRADING, Role.ADMIN: _RULING}
# What comes to those who wait, or after a trouble: to be met elsewhere.
LEFT_OUT = {
    "take turn",
    "accept",
    "decline",
    "removals",
    "check key",
    "connect again",
    "settle order",
}


def tours_of(role: Role) -> tuple[Tour, ...]:
    """Every command, allowed or not, and ways with buttons that the role has."""
    words = [f"/{info.name} {ARGUMENTS.get(info.name, '')}".strip() for info in COMMANDS]
    commands = tuple(tuple(words[start::A_TOUR]) for start in range(A_TOUR))
    return (*commands, *_BUTTONS.get(role, ()))


def in_two(tour: Tour) -> tuple[Tour, Tour]:
    """What is sent beforehand, and the tour itself."""
    before = tuple(step.strip("()") for step in tour if step.startswith("("))
    return before, tour[len(before) :]
