"""What a person must believe to hold, by nothing but what their chat has told them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from chat_stream import Event
from process_desk import CANARY

Possession = tuple[str, str]  # address, resource

ADDRESS = r"\d+\.\d+\.\d+\.\d+:\d+"
_ADDRESS = re.compile(ADDRESS)
_TAKEN = re.compile(r"\d+ prox(?:y|ies) for (\S+)\. Tap a line to copy it\.")
_FRESH = re.compile(r"A fresh one for (\S+)\. Tap the line to copy it\.")
_RECEIVED = re.compile(r"Accepted: it is yours now\.\n(\S+), yours since ")
_PROPOSED = re.compile(rf"^({ADDRESS}) · (\S+) · ", re.MULTILINE)
_GONE = re.compile(
    rf"^(?:Given back|Used up|Reported): ({ADDRESS}) \((\S+?)\)"
    rf"|^@\w+ has accepted ({ADDRESS}) for (\S+)\.$",
    re.MULTILINE,
)
_LISTED = re.compile(rf"^(?:(\S+) \(\d+\)|\d+ · ({ADDRESS}) · .*)$", re.MULTILINE)
# How an answer begins that is only a sign of work.
PROGRESS = ("Being ", "Reading the sheet")
# What happens to people, by how the text begins that tells them so.
KINDS = {
    "browsed": r"What are the proxies for\?",
    "reserved": "Reserved for you for",
    "dropped": "Nothing is reserved for you any more",
    "taken": r"\d+ prox(y|ies) for",
    "listed": "You hold",
    "given back": "Given back:",
    "spent": "Used up:",
    "replaced": "A fresh one for",
    "asked a colleague": r"\S+ is asked whether",
    "received": "Accepted: it is yours now",
    "reported": "Reported:",
    "in line": r"You are \d",
    "cancelled": r"Nothing was reserved|\d+ prox(y|ies) (is|are) not reserved",
}


class Told:
    """`held` grows and shrinks with each text of a chat, in their order; what is `repeated` is no news."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.held: set[Possession] = set()
        self._proposed: dict[int, set[Possession]] = {}
        for event in events:
            if event.text and event.message is not None and not event.text.endswith(" · repeated"):
                self._hear(event.text, event.message["message_id"])

    def _hear(self, text: str, message: int) -> None:
        if text.startswith("Give back th"):
            self._proposed[message] = set(_PROPOSED.findall(text))
        elif re.match(r"Given back: \d+ prox", text):
            self.held -= self._proposed.get(message, set())
        for found in _GONE.findall(text):
            self.held.discard((found[0] or found[2], found[1] or found[3]))
        for begins in (_TAKEN, _FRESH, _RECEIVED):
            if found := begins.match(text):
                self.held |= {(address, found[1]) for address in _shown(text)}


def listed(pages: Iterable[str]) -> set[Possession]:
    """What the pages of /my list."""
    resource, held = "", set()
    for page in pages:
        for heading, address in _LISTED.findall(page):
            resource = heading or resource
            if address:
                held.add((address, resource))
    return held


def kinds_of(texts: Iterable[str]) -> Counter[str]:
    """How often which kind of thing was told."""
    return Counter(kind for text in texts if (kind := kind_of(text)))


def kind_of(text: str) -> str:
    """Which kind of thing was told; "" for any other."""
    return next((kind for kind, begins in KINDS.items() if re.match(begins, text)), "")


def _shown(text: str) -> Iterable[str]:
    """The addresses that stand there with their credentials, in whatever form."""
    for line in text.splitlines():
        if CANARY in line and (found := _ADDRESS.search(line)):
            yield found[0]
