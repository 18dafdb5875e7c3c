"""The bot as a child process that knows the local world by ordinary settings only."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence

BOT_COMMAND = (sys.executable, "-m", "bot", "run")
PR_SET_PDEATHSIG = 1

# What a process needs of its surroundings; a person's own settings of the bot never reach the child.
INHERITED = frozenset(
    {
        *("PATH", "HOME", "USER", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TERM", "COLORTERM", "NO_COLOR"),
        *("FORCE_COLOR", "VIRTUAL_ENV", "LD_LIBRARY_PATH"),
        *("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"),
    }
)
INHERITED_PREFIXES = ("LC_", "PYTHON")


def child_environment(settings: Mapping[str, str], surroundings: Mapping[str, str]) -> dict[str, str]:
    """The bot's environment: `settings`, no `.env`, and of `surroundings` what any process needs."""
    kept = {
        name: value
        for name, value in surroundings.items()
        if name in INHERITED or name.startswith(INHERITED_PREFIXES)
    }
    return {**kept, "ENV_FILE": "", **settings}


class BotProcess:
    """Starts the bot, tells when it has ended by itself, and ends it; it is never started again unasked."""

    def __init__(
        self,
        settings: Mapping[str, str],
        say: Callable[[str], None],
        *,
        command: Sequence[str] = BOT_COMMAND,
        surroundings: Mapping[str, str] | None = None,
    ) -> None:
        self._environment = child_environment(settings, os.environ if surroundings is None else surroundings)
        self._say = say
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._stopping = False
        self._starting = asyncio.Lock()

    @property
    def running(self) -> bool:
        """Whether the bot's process lives."""
        return self._process is not None and self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        """How the bot has ended; None while it runs or was never started."""
        return None if self._process is None else self._process.returncode

    async def start(self) -> None:
        """Start the bot unless it runs or `stop` was called."""
        async with self._starting:
            if not self.running and not self._stopping:
                self._process = await self._spawn()
                self._watcher = asyncio.create_task(self._watch(self._process))

    def _spawn(self) -> Coroutine[None, None, asyncio.subprocess.Process]:
        # A session of its own: Ctrl-C in the terminal reaches the bot once, from us, not twice.
        return asyncio.create_subprocess_exec(
            *self._command, env=self._environment, start_new_session=True, preexec_fn=_end_with_parent()
        )

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        if not self._stopping:
            self._say(
                f"The bot has ended by itself with exit code {code}. The world runs on; "
                "start the bot again on the chat page."
            )

    async def stop(self, patience: float = 30.0) -> None:
        """Ask the bot to end, wait `patience` seconds at most, then kill it."""
        self._stopping = True
        async with self._starting:
            if self._watcher is None:
                return
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(patience):
                await asyncio.shield(self._watcher)
        except TimeoutError:
            self._say(f"The bot has not ended within {patience:g} s and is killed.")
            self.kill()
            await self._watcher

    def kill(self) -> None:
        """End the bot at once."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self.running:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


def _end_with_parent() -> Callable[[], None] | None:
    """A hook that has Linux end the bot when the sandbox is killed; elsewhere there is none."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    return ask
