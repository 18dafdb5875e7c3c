"""Formatted text to HTML that is safe to show in a page, in the tags that parse mode HTML knows."""

from html import escape
from typing import NamedTuple

from sandbox.telegram.entities import Entity, FormattedText, utf16_length

TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
SAFE_LINKS = ("http://", "https://", "tg://")


def render_html(formatted: FormattedText) -> str:
    """Every character escaped; entities that overlap are closed and opened again, so the tags always nest."""
    units = _Units(formatted.text)
    html: list[str] = []
    open_: list[_Span] = []
    edges = {0, units.length}.union(*((entity.offset, entity.end) for entity in formatted.entities))
    previous = 0
    for edge in sorted(edges):
        html.append(escape(units.between(previous, edge)))
        _close(open_, edge, html)
        spans = [_span(entity, units) for entity in formatted.entities if entity.offset == edge]
        html.extend(span.opening for span in spans)
        open_.extend(spans)
        previous = edge
    return "".join(html)


class _Units:
    """A text addressed by UTF-16 code units."""

    def __init__(self, text: str) -> None:
        self._encoded = text.encode("utf-16-le")
        self.length = utf16_length(text)

    def between(self, start: int, end: int) -> str:
        return self._encoded[2 * start : 2 * end].decode("utf-16-le", errors="replace")


class _Span(NamedTuple):
    end: int
    opening: str
    closing: str


def _close(open_: list[_Span], edge: int, html: list[str]) -> None:
    """Close what ends here, and open again what had to be closed with it."""
    lowest = next((index for index, span in enumerate(open_) if span.end <= edge), len(open_))
    html.extend(span.closing for span in reversed(open_[lowest:]))
    open_[lowest:] = [span for span in open_[lowest:] if span.end > edge]
    html.extend(span.opening for span in open_[lowest:])


def _span(entity: Entity, units: _Units) -> _Span:
    tag = TAGS.get(entity.type)
    argument = escape(entity.argument)
    if entity.type in ("url", "text_link"):
        return _link(entity, entity.argument or units.between(entity.offset, entity.end))
    if entity.type == "text_mention":
        return _link(entity, f"tg://user?id={entity.argument}")
    if entity.type == "spoiler":
        return _Span(entity.end, '<span class="tg-spoiler">', "</span>")
    if entity.type == "expandable_blockquote":
        return _Span(entity.end, "<blockquote expandable>", "</blockquote>")
    if entity.type == "pre" and argument:
        return _Span(entity.end, f'<pre><code class="language-{argument}">', "</code></pre>")
    return _Span(entity.end, f"<{tag}>", f"</{tag}>") if tag else _Span(entity.end, "", "")


def _link(entity: Entity, url: str) -> _Span:
    if not url.lower().startswith(SAFE_LINKS):
        return _Span(entity.end, "", "")
    return _Span(entity.end, f'<a href="{escape(url)}">', "</a>")
