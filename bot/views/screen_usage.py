"""What is wrong with the words after /screen, and how they are written: a sentence each."""

from __future__ import annotations

from bot.models.screen_query import MOST_BOUNDS, MOST_ROWS, BadQuery, Flaw

SCREEN = "Write for example: /screen, /screen movers 20 or /screen volume vol>10m cap>1b change>5%"
IN_TERMINAL = "Write for example: quartermaster screen movers 20 'vol>10m' --json"

_FLAWS = {
    Flaw.WORD: "is none of top, movers and volume, no number, and no filter such as vol>10m.",
    Flaw.COUNT: f"does not work here: it is 1 to {MOST_ROWS} coins at once.",
    Flaw.FIGURE: "is no filter: they begin with vol, cap or change, then > or <.",
    Flaw.AMOUNT: "is no amount I can use: write digits and k, m, b or t, as in 10m or 1.5b.",
    Flaw.PERCENT: "is no percentage I can use: write it as in 5% or -2.5%.",
    Flaw.TWICE: "is one too many: one order and one number are enough.",
    Flaw.MANY: f"is one filter too many: {MOST_BOUNDS} are enough.",
}


def problem(error: BadQuery) -> str:
    """The word, and why it is not understood."""
    kept = "".join(letter for letter in error.word[:20] if letter.isprintable())
    return f"“{kept}{'…' if len(error.word) > 20 else ''}” {_FLAWS[error.flaw]}"


def in_terminal(error: BadQuery) -> str:
    """The same on the command line, in one line."""
    return f"{problem(error)} {IN_TERMINAL}"
