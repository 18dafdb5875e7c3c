"""The numbers of the Bot API, and the flood control that can be switched on."""

import math
from collections import deque
from collections.abc import Callable

TEXT_LENGTH = 4096
CAPTION_LENGTH = 1024
ENTITIES = 100
CALLBACK_DATA_BYTES = 64
CALLBACK_ANSWER_LENGTH = 200
CALLBACK_LIFE = 15 * 60
BUTTONS_IN_A_ROW = 8
BUTTONS = 100
WEB_APP_DATA_BYTES = 4096
COPY_TEXT_LENGTH = 256
COMMANDS = 100
COMMAND_LENGTH = 32
COMMAND_DESCRIPTION_LENGTH = 256
DESCRIPTION_LENGTH = 512
SHORT_DESCRIPTION_LENGTH = 120
UPLOAD_BYTES = 50 * 1024 * 1024
DOWNLOAD_BYTES = 20 * 1024 * 1024
PHOTO_BYTES = 10 * 1024 * 1024
PHOTO_SIDES = 10_000
PHOTO_RATIO = 20
ALBUM = 10
LINK_LIFE = 3600
DELETE_AGE = 48 * 3600
IDS_IN_A_CALL = 100
UPDATES_IN_AN_ANSWER = 100
UPDATE_LIFE = 24 * 3600
POLL_SECONDS = 50


class Bucket:
    """A token bucket: `burst` at once, then `rate` a second."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._filled_at = now

    def wait(self, now: float) -> float:
        """Seconds until a token is there; 0 if one is."""
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        return max(0.0, (1 - self._tokens) / self._rate)

    def take(self, now: float, times: int) -> None:
        """Spend this many tokens; only after `wait` has answered 0. What there is not is owed."""
        self._tokens -= times


class Window:
    """At most `most` within any `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._times: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until one more fits; 0 if one does."""
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        surplus = len(self._times) - self._most
        return self._times[surplus] + self._seconds - now if surplus >= 0 else 0.0

    def take(self, now: float, times: int) -> None:
        """Count this many now; only after `wait` has answered 0."""
        self._times.extend([now] * times)


class FloodControl:
    """30 messages a second in all, 1 a second in a chat (bursts of 5 pass), 20 a minute in a group."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._overall = Window(30, 1)
        self._chats: dict[int, list[Bucket | Window]] = {}

    def admit(self, chat_id: int, *, group: bool, messages: int = 1) -> int:
        """Count messages to this chat: 0, or the whole seconds to wait, in which case none was counted.

        Several at once pass as soon as one would; those that come later wait for all of them.
        """
        now = self._clock()
        limits = [self._overall, *self._chats.setdefault(chat_id, _of_a_chat(now, group=group))]
        wait = max(limit.wait(now) for limit in limits)
        # What is left of a token after rounding is no reason to refuse.
        if wait > 1e-6:
            return math.ceil(wait)
        for limit in limits:
            limit.take(now, messages)
        return 0


def _of_a_chat(now: float, *, group: bool) -> list[Bucket | Window]:
    pace = Bucket(1, 5, now)
    return [pace, Window(20, 60)] if group else [pace]
