"""The command line: defaults, switches, and a clear word about what is wrong."""

from pathlib import Path

import pytest

from sandbox.options import Options, parse_options


def test_without_arguments_everything_is_strict_and_on_the_documented_ports() -> None:
    """Bot, quota and sign-in on, no flood limits, no latency, ports 8090 to 8094, data in ./data/sandbox."""
    expected = Options(
        bot=True,
        fresh=False,
        latency_ms=0,
        quota=True,
        auth=True,
        flood=False,
        seed=0,
        data_dir=Path("data/sandbox"),
        chat_port=8090,
        telegram_port=8091,
        sheets_port=8092,
        exchange_port=8093,
        prices_port=8094,
    )
    assert parse_options([]) == expected


def test_every_option_is_understood() -> None:
    """Each option sets its own field."""
    line = (
        "--no-bot --fresh --latency 335.5 --quota off --auth off --flood on --seed 7 --data-dir x "
        "--chat-port 1 --telegram-port 2 --sheets-port 0 --exchange-port 3 --prices-port 4"
    )
    expected = Options(False, True, 335.5, False, False, True, 7, Path("x"), 1, 2, 0, 3, 4)
    assert parse_options(line.split()) == expected


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("--quota maybe", "on or off"),
        ("--auth ON", "on or off"),
        ("--flood 30", "on or off"),
        ("--chat-port 65536", "0 to 65535"),
        ("--chat-port -1", "0 to 65535"),
        ("--sheets-port x", "0 to 65535"),
        ("--latency -5", "milliseconds"),
        ("--latency nan", "milliseconds"),
        ("--latency inf", "milliseconds"),
        ("--seed x", "invalid int"),
        ("--colour red", "unrecognized"),
    ],
)
def test_a_wrong_option_ends_with_exit_code_2_and_a_reason(
    line: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be understood is named on stderr."""
    with pytest.raises(SystemExit) as ended:
        parse_options(line.split())
    assert ended.value.code == 2
    assert word in capsys.readouterr().err


def test_help_tells_all_options_and_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    """--help names every option with its default port and ends well."""
    with pytest.raises(SystemExit) as ended:
        parse_options(["--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    words = "--no-bot --fresh --latency --quota --auth --flood --seed --data-dir"
    options = [
        *words.split(),
        "--chat-port",
        "--telegram-port",
        "--sheets-port",
        "--exchange-port",
        "--prices-port",
    ]
    assert [option for option in options if option not in text] == []
    assert all(port in text for port in ("8090", "8091", "8092", "8093", "8094"))
