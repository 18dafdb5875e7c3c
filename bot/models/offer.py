"""An offer: what stands behind a button."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """Take `count` proxies for `resource`; bound to one user, gone after `expires_at` (seconds since the epoch)."""

    id: str
    user_id: int
    resource: str
    count: int
    new_resource: bool
    expires_at: float
