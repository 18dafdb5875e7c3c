"""The command line of the sandbox."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ABOUT = (
    "A local world for the bot: Telegram, Google Sheets, an exchange, price sources and a chat page to try it in, "
    "all on 127.0.0.1."
)
MORE = "The world is kept between starts; --fresh begins anew. More in docs/sandbox.md."


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may choose; ports of 0 mean a free one, `latency_ms` delays each API call."""

    bot: bool = True
    fresh: bool = False
    latency_ms: float = 0
    quota: bool = True
    auth: bool = True
    flood: bool = False
    seed: int = 0
    data_dir: Path = Path("data/sandbox")
    chat_port: int = 8090
    telegram_port: int = 8091
    sheets_port: int = 8092
    exchange_port: int = 8093
    prices_port: int = 8094


DEFAULTS = Options()


def parse_options(arguments: Sequence[str]) -> Options:
    """Read the command line; a wrong one ends the process with a line that says why, exit code 2."""
    return Options(**vars(_parser().parse_args(arguments)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=ABOUT, epilog=MORE)
    world = parser.add_argument_group("the world")
    world.add_argument(
        "--no-bot", dest="bot", action="store_false", help="start the servers only, without the bot"
    )
    world.add_argument("--fresh", action="store_true", help="forget the kept world and the bot's data first")
    world.add_argument(
        "--data-dir",
        type=Path,
        default=DEFAULTS.data_dir,
        metavar="DIR",
        help="where it is kept (%(default)s)",
    )
    world.add_argument(
        "--seed",
        type=int,
        default=DEFAULTS.seed,
        metavar="N",
        help="seed of the demo sheet, of prices and of faults (%(default)s)",
    )
    _add_strictness(parser.add_argument_group("how the services behave"))
    _add_ports(parser.add_argument_group("ports (0 = any free one)"))
    return parser


def _add_strictness(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--latency",
        dest="latency_ms",
        type=_milliseconds,
        default=DEFAULTS.latency_ms,
        metavar="MS",
        help="every API call takes this many milliseconds (%(default)s)",
    )
    group.add_argument(
        "--quota",
        type=_switch,
        default=DEFAULTS.quota,
        metavar="on|off",
        help="the limits of Google and of the exchange (on)",
    )
    group.add_argument(
        "--auth",
        type=_switch,
        default=DEFAULTS.auth,
        metavar="on|off",
        help="Google's sign-in and sharing (on)",
    )
    group.add_argument(
        "--flood",
        type=_switch,
        default=DEFAULTS.flood,
        metavar="on|off",
        help="Telegram's flood limits (off)",
    )


def _add_ports(group: "argparse._ArgumentGroup") -> None:
    servers = {
        "chat": "the chat page",
        "telegram": "Telegram",
        "sheets": "Google Sheets",
        "exchange": "the exchange",
        "prices": "price sources",
    }
    for name, what in servers.items():
        default = getattr(DEFAULTS, f"{name}_port")
        group.add_argument(
            f"--{name}-port", type=_port, default=default, metavar="PORT", help=f"{what} (%(default)s)"
        )


def _switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise argparse.ArgumentTypeError(f"say on or off, not {text!r}")
    return text == "on"


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _milliseconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 600_000:
        raise argparse.ArgumentTypeError(f"a latency is 0 to 600000 milliseconds, not {text!r}")
    return value
