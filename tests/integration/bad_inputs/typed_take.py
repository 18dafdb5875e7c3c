"""What is typed after /take, and is no resource and number from 1 to 50."""

from __future__ import annotations

from bad_inputs.cases import typed
from bad_inputs.promises import Promise

EXAMPLE = "Write for example: /take beboo 5"
UNNAMED = "Say what the proxies are for."
TOO_MANY = "Those are too many words: a resource and a number are enough."
WHICH = "Both words are numbers, so it is not clear which is the resource."
TOO_LONG = "A resource's name has at most 64 characters."
LETTERS = "A resource's name has only letters, digits, dots, dashes and underscores."
BEGINS = "A resource's name begins with a letter or a digit."


def _limit(shown: str) -> str:
    return f"“{shown}” does not work here: it is 1 to 50 at once, in digits."


def _no_number(shown: str) -> str:
    return f"“{shown}” is not a number."


NUMBERS = {
    "/take": UNNAMED,
    "/take   \n\t ": UNNAMED,
    "/take 5": UNNAMED,
    "/take 0": UNNAMED,
    "/take -1": UNNAMED,
    "/take −1": UNNAMED,
    "/take 1.5": UNNAMED,
    "/take 1,5": UNNAMED,
    "/take ٣": UNNAMED,
    "/take 1e9": UNNAMED,
    "/take 1" + "0" * 400: UNNAMED,
    "/take beboo 0": _limit("0"),
    "/take beboo 00": _limit("00"),
    "/take beboo 51": _limit("51"),
    "/take beboo 500": _limit("500"),
    "/take beboo -1": _limit("-1"),
    "/take beboo −1": _limit("−1"),
    "/take beboo –1": _limit("–1"),
    "/take beboo +5": _limit("+5"),
    "/take beboo 1.5": _limit("1.5"),
    "/take beboo 1,5": _limit("1,5"),
    "/take beboo 5.0": _limit("5.0"),
    "/take beboo 1e9": _limit("1e9"),
    "/take beboo 1_0": _limit("1_0"),
    "/take beboo 5-10": _limit("5-10"),
    "/take beboo ٣": _limit("٣"),
    "/take beboo ５": _limit("５"),
    "/take beboo १२": _limit("१२"),
    "/take beboo 1" + "0" * 400: _limit("1" + "0" * 19 + "…"),
    "/take 51 beboo": _limit("51"),
    "/take beboo NaN": _no_number("NaN"),
    "/take beboo inf": _no_number("inf"),
    "/take beboo 0x10": _no_number("0x10"),
    "/take beboo five": _no_number("five"),
    "/take beboo ½": _no_number("½"),
    "/take beboo ²": _no_number("²"),
    "/take beboo Ⅴ": _no_number("Ⅴ"),
    "/take beboo 5%": _no_number("5%"),
    "/take beboo all": _no_number("all"),
    "/take beboo 五": _no_number("五"),
    "/take beboo 🙂": _no_number("🙂"),
    "/take beboo <b>5</b>": _no_number("<b>5</b>"),
    "/take beboo \u202e5": _no_number("5"),
    "/take beboo 5\x00": _no_number("5"),
    "/take 5 7": WHICH,
    "/take 1 1": WHICH,
    "/take beboo 5 please": TOO_MANY,
    "/take beboo 5 5": TOO_MANY,
    "/take 'beboo dating' 5": TOO_MANY,
    "/take beboo\n5\navito\n5": TOO_MANY,
    "/take beboo'; DROP TABLE allocations; --": TOO_MANY,
    "/take " + "beboo " * 500: TOO_MANY,
}

NAMES = {
    "/take beboo,avito": LETTERS,
    "/take beboo;avito": LETTERS,
    "/take beboo, 5": LETTERS,
    "/take ,": LETTERS,
    "/take =IMPORTXML(A1)": LETTERS,
    "/take =1+1": LETTERS,
    "/take +1+1=": LETTERS,
    "/take o'hara": LETTERS,
    '/take "beboo"': LETTERS,
    "/take <b>beboo</b>": LETTERS,
    "/take &amp;": LETTERS,
    "/take beboo/../avito": LETTERS,
    "/take https://beboo.example": LETTERS,
    "/take beboo#k3f9x2qa": LETTERS,
    "/take @boris": LETTERS,
    "/take *beboo*": LETTERS,
    "/take [beboo](x)": LETTERS,
    "/take `beboo`": LETTERS,
    "/take ||beboo||": LETTERS,
    "/take beboo\\": LETTERS,
    "/take %s%n": LETTERS,
    "/take {0.__class__}": LETTERS,
    "/take $(id)": LETTERS,
    "/take be\u200bboo": LETTERS,
    "/take be\u00adboo": LETTERS,
    "/take \u202eboobeb": LETTERS,
    "/take \u2066beboo\u2069": LETTERS,
    "/take \ufeffbeboo": LETTERS,
    "/take be\x00boo": LETTERS,
    "/take be\x07boo": LETTERS,
    "/take be\x1b[31mboo": LETTERS,
    "/take be\ufffdboo": LETTERS,
    "/take 🙂": LETTERS,
    "/take beboo🙂 5": LETTERS,
    "/take _beboo_": BEGINS,
    "/take -beboo": BEGINS,
    "/take .beboo": BEGINS,
    "/take --count 5": BEGINS,
    "/take " + "x" * 65: TOO_LONG,
    "/take " + "x" * 1000: TOO_LONG,
    "/take " + "ﷺ" * 60: TOO_LONG,
    "/take " + "x" * 4000 + " 5": TOO_LONG,
}


def _unknown(name: str, *near: str) -> str:
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    return f"“{name}” is not in use yet, so nothing was taken.{meant}"


UNKNOWN = {
    "/take abc": _unknown("abc"),
    "/take bebo": _unknown("bebo", "beboo"),
    "/take bebooo 5": _unknown("bebooo", "beboo"),
    "/take SCARC": _unknown("scarc", "scarce"),
    "/take avit": _unknown("avit", "avito"),
    "/take NaN": _unknown("nan"),
    "/take Infinity": _unknown("infinity"),
    "/take None": _unknown("none", "gone"),
    "/take null 5": _unknown("null"),
    "/take бебу": _unknown("бебу"),
    "/take bеboo": _unknown("bеboo", "beboo"),  # its first e is a Cyrillic one
    "/take 1688": "Say what the proxies are for.",
    "/take 1688.com": _unknown("1688.com"),
    "/take " + "x" * 64: _unknown("x" * 64),
}

FEWER = {
    "/take scarce 10": "Only 3 of 10 are free for scarce. Nothing was taken.",
    "/take 4 scarce": "Only 3 of 4 are free for scarce. Nothing was taken.",
    "/take SCARCE 50": "Only 3 of 50 are free for scarce. Nothing was taken.",
    "/take ｓｃａｒｃｅ 10": "Only 3 of 10 are free for scarce. Nothing was taken.",
    "/take gone": "None is free for gone. Nothing was taken; try again later.",
    "/take Gone 50": "None is free for gone. Nothing was taken; try again later.",
    "  /take scarce 10  ": "Only 3 of 10 are free for scarce. Nothing was taken.",
    "/TAKE scarce 010": "Only 3 of 10 are free for scarce. Nothing was taken.",
    "/take@quartermaster_bot scarce 11": "Only 3 of 11 are free for scarce. Nothing was taken.",
}

CASES = (
    *typed(Promise.WORDS_AND_NUMBERS, NUMBERS, remedy=EXAMPLE),
    *typed(Promise.NAMES, NAMES, remedy=EXAMPLE),
    *typed(Promise.NOTHING_OF_THAT_NAME, UNKNOWN),
    *typed(Promise.MORE_THAN_THERE_IS, FEWER),
)
