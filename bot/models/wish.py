"""What kind of proxy is wanted, besides what it is for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wish:
    """Empty parts ask for nothing. `country` as the sheet writes it, in any case; `min_days`: days left at least,
    which leaves out those whose expiry is unknown; `scheme`: the protocol."""

    country: str = ""
    min_days: int = 0
    scheme: str = ""

    @property
    def is_open(self) -> bool:
        """Whether any proxy will do."""
        return self == ANY


ANY = Wish()
