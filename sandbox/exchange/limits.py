"""How often one may call: so many calls a second per account and path, so many in five seconds per address."""

from collections import Counter, deque
from collections.abc import Callable

from sandbox.exchange.errors import VenueError

IP_CALLS = 600
IP_SECONDS = 5.0


class Limits:
    """Counts calls; refuses them only while `enforced`.

    Assumption: the second is that of the clock; Bybit does not say where its seconds begin.
    """

    def __init__(self, clock: Callable[[], float], *, enforced: bool) -> None:
        self._clock = clock
        self.enforced = enforced
        self._second = 0
        self._used: Counter[tuple[int, str]] = Counter()
        self._arrivals: deque[float] = deque()

    def admits(self) -> bool:
        """Count a call from the one address there is; False when it has called too often."""
        now = self._clock()
        while self._arrivals and self._arrivals[0] <= now - IP_SECONDS:
            self._arrivals.popleft()
        self._arrivals.append(now)
        return not self.enforced or len(self._arrivals) <= IP_CALLS

    def charge(self, uid: int, path: str, limit: int) -> dict[str, str]:
        """Count a signed call; the headers that tell what is left. 10006 when nothing is."""
        second = int(self._clock())
        if second != self._second:
            self._second = second
            self._used.clear()
        self._used[uid, path] += 1
        left = limit - self._used[uid, path]
        if left < 0 and self.enforced:
            raise VenueError(10006)
        return {
            "X-Bapi-Limit": str(limit),
            "X-Bapi-Limit-Status": str(max(left, 0)),
            "X-Bapi-Limit-Reset-Timestamp": str((second + 1) * 1000),
        }
