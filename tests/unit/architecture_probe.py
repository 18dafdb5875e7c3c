"""Imports every module of some packages and reports, as JSON, what they did besides defining things.

    python architecture_probe.py ROOT PACKAGE...

What libraries do while they are imported is their own affair, and what pydantic does for each class defined:
it looks for its plugins.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DEEDS = {
    "open": "opens a file",
    "os.listdir": "lists a folder",
    "os.mkdir": "makes a folder",
    "os.scandir": "lists a folder",
    "os.system": "starts a process",
    "socket.__new__": "makes a socket",
    "socket.getaddrinfo": "looks up a host",
    "sqlite3.connect": "opens a database",
    "subprocess.Popen": "starts a process",
}
IMPORTING = "<frozen importlib"
PYDANTIC = f"{os.sep}site-packages{os.sep}pydantic{os.sep}"


class Probe:
    """Notes what the code below `folders` does while it is imported."""

    def __init__(self, root: Path, packages: list[str]) -> None:
        self._root = root
        self._packages = packages
        self._folders = tuple(f"{root / package}{os.sep}" for package in packages)
        self.found: list[str] = []

    def run(self) -> None:
        """Import everything."""
        sys.path.insert(0, str(self._root))
        sys.addaudithook(self._audited)
        self._watch(type(os.environ), "__getitem__", "reads the environment")
        self._watch(type(os.environ), "__iter__", "reads the environment")
        self._watch(threading.Thread, "start", "starts a thread")
        for name in self._modules():
            importlib.import_module(name)
        if threading.active_count() > 1:
            self.found.append("a thread is running at the end")

    def _modules(self) -> Iterator[str]:
        for package in self._packages:
            for path in sorted((self._root / package).rglob("*.py")):
                parts = path.relative_to(self._root).with_suffix("").parts
                yield ".".join(part for part in parts if part != "__init__")

    def _audited(self, event: str, _arguments: tuple[Any, ...]) -> None:
        if event in DEEDS:
            self._note(DEEDS[event])

    def _watch(self, holder: Any, method: str, deed: str) -> None:
        """Note each call of a method that raises no audit event."""
        original = getattr(holder, method)

        def noted(*arguments: Any) -> Any:
            self._note(deed)
            return original(*arguments)

        setattr(holder, method, noted)

    def _note(self, deed: str) -> None:
        """Put it down to the module of ours that is being run, unless something excused is on top of it."""
        frame = sys._getframe(1)
        while frame is not None:
            file = frame.f_code.co_filename
            if file.startswith(IMPORTING) or PYDANTIC in file:
                return
            if file.startswith(self._folders):
                self.found.append(f"{Path(file).relative_to(self._root).as_posix()}:{frame.f_lineno} {deed}")
                return
            frame = frame.f_back


if __name__ == "__main__":
    probe = Probe(Path(sys.argv[1]).resolve(), sys.argv[2:])
    probe.run()
    print(json.dumps(sorted(set(probe.found))))  # noqa: T201 - the report
