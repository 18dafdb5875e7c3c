"""From the command line to a running sandbox: the data directory, the ports, the kept or the demo world."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import datetime

from sandbox.options import Options, parse_options
from sandbox.persistence import DataDir, DataDirError
from sandbox.ports import PortError, taken
from sandbox.running import Sandbox
from sandbox.worlds import Worlds, demo_worlds, restored_worlds


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sandbox until it is told to stop; the exit code is 2 if it cannot start."""
    options = parse_options(sys.argv[1:] if arguments is None else arguments)
    data = DataDir(options.data_dir)
    ports = {
        "chat": options.chat_port,
        "telegram": options.telegram_port,
        "sheets": options.sheets_port,
        "exchange": options.exchange_port,
        "prices": options.prices_port,
    }
    try:
        with data.owned(), taken(ports) as sockets:
            worlds = _worlds(options, data)
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(Sandbox(options, data, worlds, sockets, say).run())
    except (DataDirError, PortError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _worlds(options: Options, data: DataDir) -> Worlds:
    if options.fresh:
        data.wipe()
        say("Starting afresh: the kept world and the bot's data are deleted.")
    kept = data.load_world()
    if kept is None:
        return demo_worlds(datetime.now().astimezone().date(), options.seed)
    try:
        return restored_worlds(kept)
    except ValueError as error:
        raise data.damaged() from error


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def say(line: str) -> None:
    """Tell the person at the terminal, at once."""
    print(line, flush=True)
