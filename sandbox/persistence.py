"""The sandbox's directory: one owner at a time, a world file written whole or not at all."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

World = dict[str, Any]


class DataDirError(Exception):
    """The data directory cannot be used; the text says why and what to do, in one line."""


class DataDir:
    """The directory in which a sandbox keeps itself: `world.json`, `service-account.json` (0600), `bot/`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.world = root / "world.json"
        self.service_account = root / "service-account.json"
        self.bot = root / "bot"
        self._lock = root / "sandbox.lock"

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Make the directory and hold it alone; DataDirError if another sandbox or other things are in it."""
        self._refuse_foreign_things()
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = self._lock.open("w", encoding="ascii")
        except OSError as error:
            raise DataDirError(f"{self.root} cannot be used as data directory: {error.strerror}.") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise DataDirError(
                    f"Another sandbox uses {self.root}: stop it, or give this one its own --data-dir."
                ) from error
            yield

    def _refuse_foreign_things(self) -> None:
        # --fresh deletes by these names: it must never meet a `bot` or a service account that is not ours.
        if self._lock.exists():
            return
        for path in (self.world, self.service_account, self.bot):
            if path.exists():
                raise DataDirError(f"{path} was not made by the sandbox: choose another --data-dir.")

    def wipe(self) -> None:
        """Delete the world and the bot's data; only while owned."""
        shutil.rmtree(self.bot, ignore_errors=True)
        for path in (self.world, self.service_account):
            path.unlink(missing_ok=True)

    def load_world(self) -> World | None:
        """The kept world, None if there is none; DataDirError if it cannot be read."""
        try:
            kept = json.loads(self.world.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise self.damaged() from error
        if not isinstance(kept, dict):
            raise self.damaged()
        return kept

    def damaged(self) -> DataDirError:
        """The error for a world that cannot be read."""
        return DataDirError(
            f"{self.world} is damaged: start with --fresh to begin anew. Nothing was changed."
        )

    def save_world(self, world: World) -> None:
        """Replace the kept world atomically."""
        write_whole(self.world, json.dumps(world, separators=(",", ":")))

    def save_service_account(self, info: World) -> None:
        """Write the key file that the bot signs in with, readable by its owner only."""
        write_whole(self.service_account, json.dumps(info, indent=2) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Put `text` in `path`, mode 0600, so that a reader or a crash meets the old text or the new one."""
    draft = path.with_name(path.name + ".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
