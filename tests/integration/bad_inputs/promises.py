"""What is promised for bad inputs: the lines of the list in this package's docstring."""

from __future__ import annotations

from enum import Enum, auto


class Promise(Enum):
    """One promise each; every one is kept by at least one case."""

    WORDS_AND_NUMBERS = auto()
    NAMES = auto()
    MORE_THAN_THERE_IS = auto()
    NOTHING_OF_THAT_NAME = auto()
    NOT_FOR_THEM = auto()
    NOT_A_COMMAND = auto()
    NOT_TYPED_HERE_AND_NOW = auto()
    IN_A_GROUP = auto()
    MEDIA = auto()
    FLOOD = auto()
    FORGED_BUTTON = auto()
    FOREIGN_BUTTON = auto()
    BUTTON_OF_ANOTHER_VERSION = auto()
    BUTTON_OUT_OF_TIME = auto()
    BUTTON_OUT_OF_PLACE = auto()
    HEADERS = auto()
    UNREADABLE_PROXY = auto()
    ODD_BUT_READABLE = auto()
    ONE_PROXY_TWICE = auto()
    EXPIRY = auto()
    LEFT_AS_IT_WAS = auto()
