"""What is wrong with the words of /melt: a sentence each, with what to write instead."""

from __future__ import annotations

from bot.models.melt_words import MOST_PIECES, Flaw, UnclearScrap
from bot.models.price import Metal
from bot.views.spot import METALS
from bot.views.text import quoted

MELT = "Write for example: /melt 12.5g 14k + 1 ozt sterling, with g, dwt, ozt or grain"

_FINE = {
    Metal.GOLD: "as in 14k or 585",
    Metal.SILVER: "as in sterling, coin or 999 silver",
    Metal.PLATINUM: "as in pt950",
    Metal.PALLADIUM: "as in pd950",
}
_FLAWS = {
    Flaw.NOTHING: "Say what to melt; between two “+” there must be something.",
    Flaw.TOO_MUCH: f"That is too much at once: at most {MOST_PIECES} pieces, in a few words each.",
    Flaw.WHICH_OUNCE: "“oz” may be two things: write ozt for troy ounces (31.1 g), ozav for kitchen ounces (28.35 g).",
    Flaw.WHICH_GR: "“gr” may be two things: write g for grams, or grain.",
    Flaw.WEIGHTED: "Of weighted silver only the silver counts: write its own weight, without “weighted”.",
}


def unclear(error: UnclearScrap) -> str:
    """What was not understood."""
    word = quoted(error.word)
    match error.flaw:
        case Flaw.NO_UNIT:
            return f"{word} has no unit."
        case Flaw.NO_WEIGHT:
            return f"{word} has no weight."
        case Flaw.NO_FINENESS:
            metal = Metal(error.word)
            return f"Say how fine the {METALS[metal].lower()} is, {_FINE[metal]}."
        case Flaw.NO_METAL:
            return (
                f"{word} may be several metals: say which."
                if error.word
                else "Say which metal, and how fine it is."
            )
        case Flaw.KARATS:
            return f"{word} does not work: karats are 8 to 24."
        case Flaw.OTHER_METAL:
            return f"{word} belongs to another metal."
        case Flaw.COUNT:
            return f"{word} does not work: a count is a whole number, 1 to 10000."
        case Flaw.TWICE:
            return f"{word} is one thing too many: write “+” between two pieces."
        case Flaw.UNKNOWN:
            return f"I do not understand {word}."
    return _FLAWS[error.flaw]
