"""What is typed after the commands of the market desk, whose sources cannot be reached."""

from __future__ import annotations

from bad_inputs.cases import typed
from bad_inputs.promises import Promise

MELT = "Write for example: /melt 12.5g 14k + 1 ozt sterling, with g, dwt, ozt or grain"
SCREEN = "Write for example: /screen, /screen movers 20 or /screen volume vol>10m cap>1b change>5%"
ALERT = "Write for example: /alert BTC > 70000, /alert gold < 2700 repeat or /alert ETH +5% 1h for 7d"
CHART = "Write for example: /chart BTC, /chart BTC 30d, /chart gold or /chart portfolio"

ZERO = "does not work: it must be more than zero."
NO_NUMBER = "is no number I can use: write plain digits and one point, as in 0.01."
EMPTY = "Say what to melt; between two “+” there must be something."
NO_WORD = "is none of top, movers and volume, no number, and no filter such as vol>10m."
HOW_MANY = "does not work here: it is 1 to 200 coins at once."
HOW_FAR = "does not work here: a chart goes back 1d, 7d, 30d or 90d."
TWO_WORDS = "Those are too many words: a name and how far back are enough."

WEIGHTS = {
    "/melt": EMPTY,
    "/melt +": EMPTY,
    "/melt 10 g 14k + ": EMPTY,
    "/melt 10": "“10” has no unit.",
    "/melt 10g": "Say which metal, and how fine it is.",
    "/melt 10 g 9999": "“9999” may be several metals: say which.",
    "/melt 10 oz 14k": "“oz” may be two things: write ozt for troy ounces (31.1 g), ozav for kitchen ounces (28.35 g).",
    "/melt 10,5 g 14k": "“10,5” may be 10.5 or 105: write it with a point, or without the comma.",
    "/melt 0 g 14k": f"“0” {ZERO}",
    "/melt -5 g 14k": f"“-5” {ZERO}",
    "/melt 10 g 25k": "“25k” does not work: karats are 8 to 24.",
    "/melt 10 g 0k": "“0k” does not work: karats are 8 to 24.",
    **{
        f"/melt {text}": f"I do not understand “{word}”."
        for text, word in {
            "ten grams gold": "ten",
            "1e9 g 14k": "1e9",
            "NaN g 14k": "nan",
            "10 stone 14k": "stone",
            "<b>": "<b>",
        }.items()
    },
}
SCREENS = {
    **{f"/screen {text}": f"“{text.split()[-1]}” {NO_WORD}" for text in ("zzz", "top -1", "top 1.5", "🙂")},
    **{f"/screen top {count}": f"“{count}” {HOW_MANY}" for count in ("0", "201", "99999999")},
    "/screen <b>": "“<b>” is no filter: they begin with vol, cap or change, then > or <.",
    "/screen vol>": "“vol>” is no filter: they begin with vol, cap or change, then > or <.",
    "/screen vol>much": "“much” is no amount I can use: write digits and k, m, b or t, as in 10m or 1.5b.",
    "/screen change>much": "“much” is no percentage I can use: write it as in 5% or -2.5%.",
}
ALERTS = {
    "/alert BTC": "Say at which price, or at which change.",
    "/alert BTC above": "The price is missing.",
    "/alert BTC above 0": f"“0” {ZERO}",
    "/alert BTC above -5": f"“-5” {ZERO}",
    "/alert BTC above NaN": f"“NaN” {NO_NUMBER}",
    "/alert BTC above 1e9": f"“1e9” {NO_NUMBER}",
    "/alert BTC above 1,5": "“1,5” may be 1.5 or 15: write it with a point, or without the comma.",
    "/alert BTC sideways 5": "I do not understand “sideways”: after the name comes >, < or a change such as +5%.",
    "/alert BTC +5%": "Say how long: 1h or 7d, for example.",
    "/alert BTC +5% 1y": "“1y” is no length of time: write 30m, 1h, 7d or 2w.",
    "/alert BTC +0% 1h": f"“0” {ZERO}",
    "/alert <b> above 5": "Say first which coin or metal.",
    f"/alert {'X' * 300} above 1": f"“{'X' * 20}…” is no coin or metal.",
}
CHARTS = {
    "/chart": "Say what to draw.",
    "/chart BTC 7d 30d": TWO_WORDS,
    "/chart BTC ETH 7d 30d": TWO_WORDS,
    **{f"/chart BTC {span}": f"“{span}” {HOW_FAR}" for span in ("0d", "-1d", "99999d", "1y", "7", "ETH")},
}

CASES = (
    *typed(Promise.WORDS_AND_NUMBERS, WEIGHTS, remedy=MELT),
    *typed(Promise.WORDS_AND_NUMBERS, SCREENS, remedy=SCREEN),
    *typed(Promise.WORDS_AND_NUMBERS, ALERTS, remedy=ALERT),
    *typed(Promise.WORDS_AND_NUMBERS, CHARTS, remedy=CHART),
)
