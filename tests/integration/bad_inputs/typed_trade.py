"""What is typed after the commands of the trading desk. Eva has play money, 10,000 USDT; BTC costs 50,000."""

from __future__ import annotations

from bad_inputs.cases import typed
from bad_inputs.promises import Promise
from bad_inputs.whole_desk import CLARA, DORA

BUY = "Write for example: /buy BTC 0.01, /buy BTC 100 USDT or /buy BTC 0.01 @ 60000"
SELL = "Write for example: /sell BTC 0.01, /sell BTC all or /sell BTC 0.01 @ 70000"
CLOSE = "Write for example: /close BTC, or /close all"
CANCEL = "Write for example: /cancel_order 17, or /cancel_order to choose"
PAUSE = "Write /pause or /resume; admins can add: all"
PRICE = "Write for example: /price BTC, or /price BTC/USDT:USDT for the perpetual"
TRADES = "Write for example: /trades, or /trades BTC"
AGAIN = "Change it, and send it again."
COINS = "Write a coin or a pair, for example BTC or BTC/USDT; BTC/USDT:USDT is the perpetual."
LESS = "Take less, or ask an admin."

WORTH = "An order may be worth 1,000.00 USD at most, and this comes to {}. Nothing was placed."
SHORT = "Say first what, then how much."
ZERO = "does not work: it must be more than zero."
LONG = "is too long: at most 12 digits before the point and 12 after it."
NO_NUMBER = "is no number I can use: write plain digits and one point, as in 0.01."


def _amounts(problem: str, *words: str) -> dict[str, str]:
    """A case for each word where an amount belongs, which is quoted as it is shown."""
    return {f"/buy BTC {word}": f"“{_shown(word)}” {problem}" for word in words}


def _shown(word: str) -> str:
    seen = "".join(letter for letter in word if letter.isprintable())
    return seen if len(seen) <= 20 else f"{seen[:20]}…"


def _no_symbol(command: str, *words: str) -> dict[str, str]:
    return {f"/{command} {word} 1": f"“{_shown(word)}” is no symbol." for word in words}


def _unknown(*texts: str) -> dict[str, str]:
    """A case for each text, the second word of which is a name that nothing has."""
    return {text: f"“{text.split()[1]}” is not traded there." for text in texts}


def _unfit(answers: dict[str, str]) -> dict[str, str]:
    return {text: f"That does not work: {problem}. Nothing was placed." for text, problem in answers.items()}


AMOUNTS = {
    "/buy": "Say what, and how much.",
    "/buy   ": "Say what, and how much.",
    "/buy BTC": "Say how much.",
    "/buy 1INCH": "Say how much.",
    "/buy 0.01": SHORT,
    "/buy 0.01 BTC": SHORT,
    "/buy -1 BTC": SHORT,
    "/buy all": SHORT,
    "/buy BTC all": "“all” is for selling: say how much to buy.",
    "/buy BTC 1,5": "“1,5” may be 1.5 or 15: write it with a point, or without the comma.",
    "/buy BTC 0.01 @ 60,000": "“60,000” may be 60.000 or 60000: write it with a point, or without the comma.",
    "/buy BTC 1 000": "I do not understand “000”.",
    "/buy BTC 0.01 0.02": "I do not understand “0.02”.",
    "/buy BTC 0.01 <b>": "I do not understand “<b>”.",
    "/buy BTC 0.01 @ 49000 now": "I do not understand “now”.",
    "/buy BTC 0.01 @": "The number of the price is missing.",
    "/buy BTC 0.01 sl": "The number of the stop-loss is missing.",
    "/buy BTC 0.01 sl 40000 tp": "The number of the take-profit is missing.",
    "/buy BTC 0.01 @ 49000 @ 49500": "You have said the price twice.",
    "/buy BTC 0.01 at 49000 limit 49500": "You have said the price twice.",
    "/buy BTC 0.01 sl 1 sl 2": "You have said the stop-loss twice.",
    "/buy BTC 0.01 @ 0": f"“0” {ZERO}",
    "/buy BTC 0.01 @ -5": f"“-5” {ZERO}",
    "/buy BTC 0.01 @ NaN": f"“NaN” {NO_NUMBER}",
    **_amounts(ZERO, "0", "0.0", "-1", "−1", "-0.01"),
    **_amounts(LONG, "0." + "0" * 18 + "1", "1" + "0" * 21, "1" * 300),
    **_amounts(NO_NUMBER, "+1", "1,000.5", "1.000,5", "NaN", "inf", "Infinity", "1e-30", "1e9", "1E400"),
    **_amounts(NO_NUMBER, "0x10", "1_000", "1..5", "0.01.01", "٣", "０.０１", "½", "$100", "100$", "10%"),
    **_amounts(NO_NUMBER, "1\u200b0", "0.01\x00", "half", "🙂", "<b>1</b>", "'1'"),
}
SALES = {
    "/sell": "Say what, and how much.",
    "/sell BTC": "Say how much.",
    "/sell all": SHORT,
    "/sell BTC all USDT": "I do not understand “USDT”.",
    "/sell BTC half": f"“half” {NO_NUMBER}",
    "/sell BTC 0": f"“0” {ZERO}",
}
SYMBOLS = _no_symbol(
    "buy", "<b>BTC</b>", "BTC;ETH", "=1+1", "🙂", "../../etc", "BTC\u200b", "B\x00TC", "X" * 300
)
UNKNOWN = _unknown(
    "/buy XYZ 1", "/buy USDT 1", "/buy BTC/USDT:EUR 0.01", "/close XYZ", "/close 1", "/price XYZ"
)
NEAR = {
    "/buy BTCC 1": "“BTCC” is not traded there.\nDid you mean BTCUSDT or LTCUSDT?",
    "/buy bt 1": "“BT” is not traded there.\nDid you mean BTCUSDT?",
    "/buy BTC/EUR 1": "“BTCEUR” is not traded there.\nDid you mean BTCUSDT?",
}
UNFIT = _unfit(
    {
        "/buy BTC 0.01 EUR": "BTCUSDT is counted in BTC or USDT",
        "/buy BTC 0.01 please": "BTCUSDT is counted in BTC or USDT",
        "/buy BTC 0.01 sl 40000": "stop-loss and take-profit go with positions, which spot has none of",
        "/buy BTC 0.0000001": "the least of BTCUSDT is 0.000011 BTC",
        "/buy BTC 0.001 @ 1": "an order of BTCUSDT must be worth 5 USDT at least",
        "/buy BTC 0.01 @ 0.0000001": "prices of BTCUSDT go in steps of 0.01",
    }
)
TOO_MUCH = {
    "/buy BTC 1": WORTH.format("50,002.50"),
    "/buy BTC 2000 USDT": WORTH.format("2,000.00"),
    "/buy BTC 0.01 @ 999999999999": WORTH.format("9,999,999,999.99"),
}
NOTHING_THERE = _unfit(
    {
        "/buy ETH 999999999999": "the most of ETHUSDT is 1229 ETH",
        "/sell BTC all": "you have no BTC to sell",
        "/close BTC": "there is nothing of BTCUSDT to close",
        "/close": "there is nothing to close",
        "/close all": "there is nothing to close",
    }
)
CLOSING = {
    "/close BTC ETH": "One symbol is enough, or “all”.",
    "/close -": "“-” is no symbol.",
    "/close <b>": "“<b>” is no symbol.",
}
NUMBERS = {
    "/cancel_order 1 2": "One order's number is enough.",
    "/cancel_order ' OR 1=1": "One order's number is enough.",
    **{
        f"/cancel_order {word}": f"“{_shown(word)}” is no order's number."
        for word in ("0", "-1", "1.5", "1e3", "٣", "all", "9999999999", "1" + "0" * 28, "NaN", "<b>")
    },
}
NO_ORDER = dict.fromkeys(("/cancel_order 99", "/cancel_order #99"), "You have no such order.")
OTHER = {
    PAUSE: {"/pause now": "Only “all” may follow.", "/resume now": "Only “all” may follow."},
    PRICE: {
        "/price": "Say which symbol.",
        "/price BTC ETH": "Those are too many words: one symbol is enough.",
    },
    TRADES: {"/trades BTC ETH": "Those are too many words: one symbol is enough."},
}
FOR_TRADERS = dict.fromkeys(("/connect", "/connect bybit", "/connect nowhere"), "That is for traders.")
FOR_ADMINS = dict.fromkeys(("/pause all", "/resume all"), "That is for admins.")
FOR_USERS = dict.fromkeys(
    ("/buy BTC 0.01", "/sell BTC all", "/close all", "/cancel_order 1"), "That is for users."
)
DOOR = dict.fromkeys(
    ("/buy BTC 0.01", "/price BTC", "/balance", "/connect bybit"),
    "This is a private desk. Ask for access to be let in; your id is 10.",
)
HELP = "See /help for what you can use."

CASES = (
    *typed(Promise.WORDS_AND_NUMBERS, AMOUNTS, remedy=BUY),
    *typed(Promise.WORDS_AND_NUMBERS, SALES, remedy=SELL),
    *typed(Promise.NAMES, SYMBOLS, remedy=BUY),
    *typed(Promise.NOTHING_OF_THAT_NAME, UNKNOWN, remedy=COINS),
    *typed(Promise.NOTHING_OF_THAT_NAME, NEAR),
    *typed(Promise.WORDS_AND_NUMBERS, UNFIT, remedy=AGAIN),
    *typed(Promise.MORE_THAN_THERE_IS, TOO_MUCH, remedy=LESS),
    *typed(Promise.MORE_THAN_THERE_IS, NOTHING_THERE, remedy=AGAIN),
    *typed(Promise.WORDS_AND_NUMBERS, CLOSING, remedy=CLOSE),
    *typed(Promise.WORDS_AND_NUMBERS, NUMBERS, remedy=CANCEL),
    *typed(Promise.NOTHING_OF_THAT_NAME, NO_ORDER, remedy="See /cancel_order for those that are open."),
    *(
        case
        for remedy, answers in OTHER.items()
        for case in typed(Promise.WORDS_AND_NUMBERS, answers, remedy=remedy)
    ),
    *typed(Promise.NOT_FOR_THEM, FOR_TRADERS | FOR_ADMINS, remedy=HELP),
    *typed(Promise.NOT_FOR_THEM, FOR_USERS, remedy=HELP, by=CLARA),
    *typed(Promise.NOT_FOR_THEM, DOOR, by=DORA),
)
