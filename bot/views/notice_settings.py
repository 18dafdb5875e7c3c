"""/notices: what somebody is told, and when not, as a message of buttons."""

from __future__ import annotations

from bot.models.notice import FOR_ADMINS, FOR_EVERYBODY, Kind
from bot.models.offer import Action
from bot.models.person import Preferences
from bot.models.role import Role
from bot.views.reply import Button, Reply, in_rows
from bot.views.text import DAY

NAMES = {
    Kind.EXPIRES: "expiring soon",
    Kind.FREED: "freed by somebody",
    Kind.REPLACED: "replaced",
    Kind.LOST: "lost",
    Kind.ROTATED: "new password",
    Kind.LOW_STOCK: "low stock",
    Kind.RENEWALS: "renewals due",
    Kind.ROWS: "sheet problems",
    Kind.ACCESS: "asks for access",
    Kind.BAD: "reported proxies",
    Kind.OUTAGE: "Google away",
    Kind.ATTENTION: "needs attention",
    Kind.REMOVALS: "many deleted at once",
    Kind.POSITION_CLOSED: "position closed",
    Kind.LIQUIDATION_NEAR: "liquidation near",
    Kind.PRICE_ALERT: "price alerts",
}
HOURS = ((22 * 60, 8 * 60), (23 * 60, 7 * 60), (20 * 60, 9 * 60))


def kinds_for(role: Role) -> tuple[Kind, ...]:
    """The kinds that somebody of the role gets and can mute."""
    able = FOR_EVERYBODY | (FOR_ADMINS if role is Role.ADMIN else frozenset())
    return tuple(kind for kind in NAMES if kind in able)


def overview(preferences: Preferences, role: Role, zone: str) -> Reply:
    """The kinds with what they are set to, and the quiet hours. A button says what is, and changes it."""
    text = (
        "<b>What I tell you by myself</b>\n"
        "Tap a button to turn it on (✓) or off (✗).\n"
        f"\n{_hours(preferences, zone)}\n"
        "What you wait for comes at any time: your turn in line, what a colleague hands over, your role, "
        "a key that an exchange refuses, a liquidation that is near."
    )
    kinds = in_rows((_switch(kind, preferences) for kind in kinds_for(role)), 2)
    hours = in_rows((_quiet(begin, end, preferences) for begin, end in HOURS), 3)
    off = Button(_ticked("no quiet hours", on=preferences.quiet_from is None), Action("quiet", (None, None)))
    return Reply((text,), (*kinds, *hours, (off,)), good_for=DAY)


def _switch(kind: Kind, preferences: Preferences) -> Button:
    """It carries what will be, not "the other way round": tapped twice, it does the same."""
    muted = kind.value in preferences.muted
    label = f"{'✗' if muted else '✓'} {NAMES[kind]}"
    return Button(label, Action("mute", (kind.value, int(not muted))))


def _quiet(begin: int, end: int, preferences: Preferences) -> Button:
    chosen = (preferences.quiet_from, preferences.quiet_to) == (begin, end)
    return Button(_ticked(f"quiet {begin // 60}–{end // 60}", on=chosen), Action("quiet", (begin, end)))


def _ticked(label: str, *, on: bool) -> str:
    return f"✓ {label}" if on else label


def _hours(preferences: Preferences, zone: str) -> str:
    begin, end = preferences.quiet_from, preferences.quiet_to
    if begin is None or end is None:
        return "Quiet hours: none."
    return f"Quiet hours: {_clock(begin)}–{_clock(end)} ({zone}); what comes up then waits."


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
