"""How proxies are written: in three forms, one of which each person has chosen."""

from __future__ import annotations

from urllib.parse import quote

from bot.models.offer import Action
from bot.models.proxy import Endpoint
from bot.views.reply import Button, Reply, one
from bot.views.text import escaped

LINE, URL, CURL = "line", "url", "curl"
LABELS = {LINE: "host:port:user:pass", URL: "URL", CURL: "curl"}
SAMPLE = Endpoint("http", "192.0.2.7", 8080, "anna", "p@ss")


def spelled(endpoint: Endpoint, form: str) -> str:
    """A proxy with its login, to be copied: `form` is one of LABELS."""
    match form:
        case "url":
            return _url(endpoint)
        case "curl":
            return _curl(endpoint)
    return endpoint.line


def forms(chosen: str) -> Reply:
    """One made-up proxy in every form; a button each makes it the person's own."""
    samples = (f"{label}\n<code>{escaped(spelled(SAMPLE, form))}</code>" for form, label in LABELS.items())
    label = escaped(LABELS.get(chosen, LABELS[LINE]))
    text = "\n\n".join(
        [f"Your proxies are written as <b>{label}</b>.\nTap a button to change that.", *samples]
    )
    return one(text, *(_button(form, chosen) for form in LABELS))


def _button(form: str, chosen: str) -> Button:
    return Button(f"{'✓ ' if form == chosen else ''}{LABELS[form]}", Action("format", (form,)))


def _url(endpoint: Endpoint) -> str:
    """`scheme://user:pass@host:port`; all that is not plain in the login is percent-encoded."""
    login = f"{quote(endpoint.user, safe='')}:{quote(endpoint.password, safe='')}@" if endpoint.user else ""
    return f"{endpoint.scheme}://{login}{endpoint.address}"


def _curl(endpoint: Endpoint) -> str:
    """A command line that asks for a page through the proxy; curl takes the login as it is."""
    login = f" -U {_quoted(f'{endpoint.user}:{endpoint.password}')}" if endpoint.user else ""
    return f"curl -x {_quoted(f'{endpoint.scheme}://{endpoint.address}')}{login} https://example.org"


def _quoted(word: str) -> str:
    """One word for a POSIX shell, whatever it holds."""
    return "'" + word.replace("'", "'\"'\"'") + "'"
