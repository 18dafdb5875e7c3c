"""The bot as a process: `python -m bot run` with ordinary settings in its environment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warm_bot import WarmPopen

from sandbox.child import child_environment

END_WITHIN = 40.0


class BotProcess:
    """One run of the bot; what it prints goes into two files beside its data.

    A `warm` one has its imports behind it.
    """

    def __init__(self, settings: Mapping[str, str], folder: Path, *, warm: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.stdout, self.stderr = folder / "stdout", folder / "stderr"
        self.stdout.touch()
        self.stderr.touch()
        self._process = WarmPopen(settings, self.stdout, self.stderr) if warm else self._cold(settings)

    def _cold(self, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with self.stdout.open("wb") as out, self.stderr.open("wb") as err:
            return subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                env=child_environment(settings, os.environ),
                stdout=out,
                stderr=err,
            )

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def ended(self, patience: float = END_WITHIN) -> int:
        """Its exit code, once it has ended."""
        return self._process.wait(patience)

    def kill(self) -> None:
        """`kill -9`; no harm if it has ended."""
        self._process.kill()
        self._process.wait(END_WITHIN)

    def stop(self) -> int:
        """End it in good order; returns the exit code."""
        self.signal(signal.SIGTERM)
        return self.ended()

    @property
    def lines(self) -> list[str]:
        """What stands on stderr so far."""
        return self.stderr.read_text(encoding="utf-8").splitlines()

    @property
    def log(self) -> list[dict[str, Any]]:
        """The log's records so far (LOG_FORMAT=json); a line half written is left out."""
        whole, _, _ = self.stderr.read_text(encoding="utf-8").rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]

    def logged(self, event: str, **fields: Any) -> list[dict[str, Any]]:
        """The records of one event with these fields."""
        return [
            record for record in self.log if record["event"] == event and fields.items() <= record.items()
        ]
