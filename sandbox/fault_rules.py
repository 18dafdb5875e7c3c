"""What a fault rule and a latency are, read from JSON; `sandbox.faults` carries them out."""

import random
import re
import time
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, fields
from typing import Any, Self

KINDS = ("status", "answer", "slow", "hang", "reset", "cut", "html", "lose_answer", "late", "drip")


@dataclass(frozen=True, slots=True)
class Latency:
    """How long a call takes, in milliseconds: `constant` (`ms`) or `uniform` (`min_ms`…`max_ms`)."""

    kind: str
    ms: float = 0
    min_ms: float = 0
    max_ms: float = 0

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> Self:
        """Raise ValueError for anything but a well-formed latency."""
        latency = cls(**_known(cls, source))
        numbers = (latency.ms, latency.min_ms, latency.max_ms)
        if latency.kind not in ("constant", "uniform") or not all(map(_is_number, numbers)):
            raise ValueError(f"not a latency: {dict(source)}")
        if latency.kind == "uniform" and latency.max_ms < latency.min_ms:
            raise ValueError("max_ms is below min_ms")
        return latency

    def draw(self, rng: random.Random) -> float:
        """Seconds for the next call."""
        return (self.ms if self.kind == "constant" else rng.uniform(self.min_ms, self.max_ms)) / 1000


@dataclass(slots=True)
class Rule:
    """One fault and the calls it strikes; `hits` counts the calls it struck.

    `body` and `content_type` are those of the kind `answer`: a text as it is, anything else as JSON;
    with `work` the call is carried out first. A rule that `lasts` so many seconds strikes nothing after them; one
    with a `name` takes the place of the one that had it.
    """

    kind: str
    name: str | None = None
    lasts: float | None = None
    method: str | None = None
    path: str | None = None
    times: int | None = None
    skip: int = 0
    probability: float = 1.0
    status: int = 500
    retry_after: float | None = None
    seconds: float = 0
    bytes_per_second: float = 1024
    body: Any = None
    content_type: str = "application/json"
    work: bool = False
    hits: int = 0
    passed: int = 0
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> Self:
        """Raise ValueError or TypeError for unknown kinds or fields, a bad regex, numbers that make no sense."""
        known = _known(cls, source, without={"hits", "passed", "began"})
        rule = cls(**({"status": 200} if known["kind"] == "answer" else {}) | known)
        if rule.kind not in KINDS:
            raise ValueError(f"unknown kind {rule.kind!r}, known are {', '.join(KINDS)}")
        if not isinstance(rule.name, str | None):
            raise TypeError("a name is a text")
        _demand_numbers(rule)
        try:
            re.compile(rule.path or "")
        except (re.error, TypeError) as error:
            raise ValueError(f"path is not a regular expression: {error}") from error
        return rule

    @property
    def is_over(self) -> bool:
        """Whether its time has passed."""
        return self.lasts is not None and time.monotonic() - self.began >= self.lasts

    def strikes(self, method: str, raw_path: str, rng: random.Random) -> bool:
        """Whether this rule applies to the call; counts the call either way."""
        if self.is_over or (self.times is not None and self.hits >= self.times):
            return False
        if self.method not in (None, method) or (self.path and not re.search(self.path, raw_path)):
            return False
        if self.passed < self.skip or (self.probability < 1 and rng.random() >= self.probability):
            self.passed += 1
            return False
        self.hits += 1
        return True


def _known(cls: type, source: Mapping[str, Any], without: Set[str] = frozenset()) -> dict[str, Any]:
    if not isinstance(source, dict) or "kind" not in source:
        raise ValueError("an object with a kind is needed")
    unknown = source.keys() - ({each.name for each in fields(cls)} - without)
    if unknown:
        raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
    return source


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _demand_numbers(rule: Rule) -> None:
    optional = [value for value in (rule.times, rule.retry_after, rule.lasts) if value is not None]
    values = [rule.skip, rule.probability, rule.status, rule.seconds, rule.bytes_per_second, *optional]
    if not all(map(_is_number, values)) or rule.bytes_per_second == 0 or not 200 <= rule.status <= 599:
        raise ValueError(f"a number is out of range in a rule of kind {rule.kind!r}")
