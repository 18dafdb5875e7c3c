"""The bot in a process that has its imports behind it: they cost more than all the rest of a start."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from subprocess import TimeoutExpired

from sandbox.child import child_environment

IMPORTS = [
    "bot.__main__",
    "bot.app.chat",
    "bot.handlers.courier",
    "bot.handlers.dispatcher",
    "bot.handlers.menu",
]
FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(IMPORTS)


class WarmPopen:
    """`python -m bot run`, forked from a process that holds nothing but imports; its doors are those of `Popen`."""

    def __init__(self, settings: Mapping[str, str], stdout: Path, stderr: Path) -> None:
        environment = child_environment(settings, os.environ)
        self._process: ForkServerProcess = FORKING.Process(target=_run, args=(environment, stdout, stderr))
        self._process.start()

    def poll(self) -> int | None:
        """The exit code, None while it lives."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """The exit code, once it has ended."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutExpired("bot", timeout)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send it a signal; no harm if it has ended."""
        if self._process.exitcode is None and self._process.pid is not None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        """`kill -9`."""
        self._process.kill()


def _run(environment: dict[str, str], stdout: Path, stderr: Path) -> None:
    """What the new process does, beginning with what the shell would have done for it."""
    for descriptor, path in ((1, stdout), (2, stderr)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, descriptor)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    from bot.__main__ import main

    sys.exit(main(["run"]))
