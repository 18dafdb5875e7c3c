"""What kind of proxy is wanted, besides what it is for."""

from __future__ import annotations

from typing import NamedTuple

from bot.models.sheet import SheetRow


class Wish(NamedTuple):
    """Empty parts ask for nothing. `country` as the sheet writes it, in any case; `min_days`: days left at least,
    which leaves out those whose expiry is unknown; `scheme`: the protocol."""

    country: str = ""
    min_days: int = 0
    scheme: str = ""

    @property
    def is_open(self) -> bool:
        """Whether any proxy will do."""
        return self == ANY

    def fits(self, row: SheetRow, today: int) -> bool:
        """Whether that proxy is of this kind; `today` is the ordinal of the desk's day."""
        return (
            (not self.country or row.country.casefold() == self.country.casefold())
            and (not self.scheme or row.scheme == self.scheme)
            and (not self.min_days or (row.expires is not None and row.expires - today >= self.min_days))
        )


ANY = Wish()
