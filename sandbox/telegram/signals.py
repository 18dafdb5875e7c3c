"""Waking those who wait, over and over."""

import asyncio


class Signal:
    """Wakes everybody who waits at the moment it fires. May be made and fired without a running loop."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def fire(self) -> None:
        """Wake all waiters; later ones wait for the next time."""
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self, seconds: float | None) -> bool:
        """True when it fired, False when `seconds` passed first; None: however long it takes."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        return True
