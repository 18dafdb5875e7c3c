"""What the exchange was asked: how often each path was answered, and with which code."""

from collections import Counter
from typing import Any

JSON = dict[str, Any]


class CallLog:
    """Counts calls that were carried out, by path and by `retCode`."""

    def __init__(self) -> None:
        self._codes: dict[str, Counter[str]] = {}

    def count(self, path: str, code: int) -> None:
        """One more."""
        self._codes.setdefault(path, Counter())[str(code)] += 1

    def reset(self) -> None:
        """Begin at zero."""
        self._codes.clear()

    def snapshot(self) -> JSON:
        """`calls` by path, `codes` by path and code, and the `total`."""
        calls = {path: codes.total() for path, codes in self._codes.items()}
        codes = {path: dict(codes) for path, codes in self._codes.items()}
        return {"total": sum(calls.values()), "calls": calls, "codes": codes}
