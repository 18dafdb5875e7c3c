"""No secret where it can be read by others: neither in the log nor in a text, whoever writes the line.

`bot.redaction` masks what gets into the log all the same; these rules keep it from getting there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "bind"}
LOGGERS = {"log", "about", "logger"}
# Objects and fields that hold credentials, tokens or people's words, under the names they go by here.
SECRET = {"endpoint", "password", "credential", "credentials", "token", "secret", "salt", "raw", "payload"}
WHOLE = SECRET | {
    *(
        "answer",
        "args",
        "arguments",
        "body",
        "callback",
        "cell",
        "cells",
        "data",
        "event",
        "kwargs",
        "message",
    ),
    *("proxy", "proxies", "request", "response", "row", "rows", "settings", "text", "update"),
}
ERRORS = {"error", "exception"}
SUMMARIES = {"kind_of", "len", "type"}  # what they return tells nothing of what they were given

# Where a secret is opened on purpose, and why.
OPENED = {
    "bot/app/chat.py": "hands the token to the client, and their secrets to both webhooks",
    "bot/app/parts.py": "hands the keys to the cipher",
    "bot/gateways/crypto/sources.py": "shows CoinCap its key",
    "bot/gateways/telegram_account.py": "asks Telegram whose token it is",
    "bot/models/proxy.py": "reads and spells endpoints",
    "bot/models/sheet.py": "keeps what of an endpoint is not in its key, and puts it together again",
    "bot/settings/sections.py": "names all secrets to the redaction",
    "bot/views/formats.py": "writes a proxy as its holder likes it",
    "bot/views/proxies.py": "shows a proxy to its holder, in private",
}
SPELLED = {
    "bot/models/proxy.py": "writes the line of an endpoint",
    "bot/redaction.py": "looks for secrets in each spelling",
    "bot/views/formats.py": "writes a proxy as a URL or a command line",
}
# Sentences that are made before they are logged: of settings and of errors, by bot.settings and bot.views.startup.
MADE_SENTENCES = {"bot/__main__.py"}


def sources() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "bot").rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def opened(source: str) -> list[str]:
    """Expressions that take a secret out of what holds it."""
    return [ast.unparse(node) for node in ast.walk(ast.parse(source)) if _opens(node)]


def _opens(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return _name(node.func) == "spelled" and "endpoint" in ast.unparse(node)
    if not isinstance(node, ast.Attribute):
        return False
    if node.attr == "line":
        return _name(node.value) in {"endpoint", "self"} or "endpoint" in ast.unparse(node.value)
    return node.attr in {"password", "get_secret_value"}


def spelled_out(source: str) -> list[str]:
    """Secrets that are put into a text: `f"{endpoint}"`, `str(token)`, `"%s" % password`."""
    return [
        ast.unparse(part)
        for node in ast.walk(ast.parse(source))
        for part in _into_text(node)
        if _names(part) & SECRET
    ]


def _into_text(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.FormattedValue):
        yield node.value
    elif isinstance(node, ast.Call) and _name(node.func) in {"str", "repr", "format"}:
        yield from node.args
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
        yield node.right


def loose_logging(source: str, *, made_sentences: bool = False) -> list[str]:
    """Log calls whose event is no fixed text, or whose values are more than ids, counts and errors."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and _logs(node))
    return [ast.unparse(call) for call in calls if not _is_careful(call, made_sentences=made_sentences)]


def _logs(call: ast.Call) -> bool:
    return (
        isinstance(call.func, ast.Attribute)
        and call.func.attr in LEVELS
        and _name(call.func.value) in LOGGERS
    )


def _is_careful(call: ast.Call, *, made_sentences: bool) -> bool:
    fixed = all(isinstance(argument, ast.Constant) for argument in call.args)
    values = {keyword.arg: _names(keyword.value) for keyword in call.keywords}
    traces = values.pop("exc_info", set())
    return (
        (fixed or made_sentences)
        and None not in values
        and traces <= ERRORS
        and not set().union(*values.values()) & WHOLE
    )


def _names(expression: ast.expr) -> set[str]:
    """The names of the values themselves: of `update.update_id` only `update_id`; of what is called, its arguments."""
    if isinstance(expression, ast.Attribute):
        return {"error" if _name(expression.value) in ERRORS else expression.attr}
    if isinstance(expression, ast.Name):
        return {expression.id}
    if isinstance(expression, ast.Call) and _name(expression.func) in SUMMARIES:
        return set()
    if isinstance(expression, ast.Call):
        parts: list[ast.expr] = [*expression.args, *(keyword.value for keyword in expression.keywords)]
    else:
        parts = [node for node in ast.iter_child_nodes(expression) if isinstance(node, ast.expr)]
    return set().union(*map(_names, parts))


def _name(expression: ast.expr) -> str:
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""


def test_secrets_are_opened_in_few_places() -> None:
    """Passwords, keys and the token leave their wrapping where it is written down here, and nowhere else."""
    assert {path for path, source in sources() if opened(source)} == OPENED.keys()


def test_no_secret_is_put_into_a_text() -> None:
    """Not even into the text of an error: that may be logged."""
    assert {path for path, source in sources() if spelled_out(source)} == SPELLED.keys()


def test_the_log_gets_fixed_events_and_ids() -> None:
    """What happened is a fixed text; beside it stand ids, counts and errors, never what people or peers wrote."""
    found = {path: loose_logging(source, made_sentences=path in MADE_SENTENCES) for path, source in sources()}
    assert {path: calls for path, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    "line",
    [
        "log.info(f'given {proxy}')",
        "log.info('given', proxy=proxy)",
        "log.info('given', line=row.endpoint)",
        "log.warning('odd update', update=update)",
        "log.warning('odd update', what=stored.raw)",
        "log.warning('odd update', what=str(message)[:50])",
        "log.error('failed', exc_info=request)",
        "log.error('failed', **data)",
        "self.log.debug('sent', body=json.dumps(body))",
        "log.bind(token=bot.token)",
    ],
)
def test_loose_logging_would_be_found(line: str) -> None:
    """Each of these has been somebody's leak."""
    assert [line] == loose_logging(line)


@pytest.mark.parametrize(
    "line",
    [
        "log.info('request', update_id=update.update_id, seconds=round(seconds, 3))",
        "log.warning('peer is failing', error=str(error))",
        "log.error('failed', exc_info=event.exception)",
        "log.info('peer is back', after=self.consecutive_failures)",
        "log.warning('no menu', error=error.message, rows=len(rows))",
        "math.log(row)",
    ],
)
def test_careful_logging_passes(line: str) -> None:
    """Ids, counts and errors are what a log is for."""
    assert [] == loose_logging(line)


@pytest.mark.parametrize(
    "line", ["f'{endpoint}'", "f'{row.endpoint!r}'", "str(self.token)", "'%s' % password"]
)
def test_a_secret_in_a_text_would_be_found(line: str) -> None:
    """However the text is made."""
    assert 1 == len(spelled_out(line))
    assert 0 == len(spelled_out("f'{endpoint.address} {error}'"))


@pytest.mark.parametrize(
    "line",
    [
        "row.endpoint.password",
        "proxy.endpoint.line",
        "key.get_secret_value()",
        "spelled(proxy.endpoint, form)",
    ],
)
def test_an_opened_secret_would_be_found(line: str) -> None:
    """By the name of what is opened."""
    assert 1 == len(opened(line))
    assert [] == opened("binding.original.line")
