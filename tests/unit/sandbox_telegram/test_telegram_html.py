"""Parse mode HTML: what becomes of markup, and Telegram's words for what is wrong with it."""

from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.telegram.entities import Entity, FormattedText, find_entities, fixed, utf16_length
from sandbox.telegram.errors import BotApiError
from sandbox.telegram.html_parser import parse_html
from sandbox.telegram.html_renderer import render_html

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
TAGS = {"b": "bold", "em": "italic", "u": "underline", "del": "strikethrough", "tg-spoiler": "spoiler"}


@st.composite
def marked(draw: st.DrawFn, depth: int = 3) -> tuple[str, str, list[tuple[str, str]]]:
    """Markup, the text in it, and the pieces each tag covers (type, text)."""
    html, text, pieces = "", "", []
    for _ in range(draw(st.integers(1, 3))):
        if depth and draw(st.booleans()):
            tag = draw(st.sampled_from(sorted(TAGS)))
            inner_html, inner_text, inner_pieces = draw(marked(depth - 1))
            html += f"<{tag}>{inner_html}</{tag}>"
            text += inner_text
            pieces += inner_pieces + ([(TAGS[tag], inner_text)] if inner_text else [])
        else:
            plain = draw(TEXTS)
            html += escape(plain)
            text += plain
    return html, text, pieces


def piece(formatted: FormattedText, entity: Entity) -> str:
    """What an entity covers, addressed as Telegram's clients do."""
    return formatted.text.encode("utf-16-le")[2 * entity.offset : 2 * entity.end].decode("utf-16-le")


def dressed(formatted: FormattedText) -> set[tuple[str, str, int]]:
    """For each unit of the text the entities that cover it."""
    return {
        (entity.type, entity.argument, at)
        for entity in formatted.entities
        for at in range(entity.offset, entity.end)
    }


@settings(deadline=None)
@given(TEXTS)
def test_escaped_text_comes_back(text: str) -> None:
    """Parsing undoes escaping."""
    assert FormattedText(text) == parse_html(escape(text, quote=False))


@settings(deadline=None)
@given(marked())
def test_entities_cover_what_their_tags_held(case: tuple[str, str, list[tuple[str, str]]]) -> None:
    """Offsets and lengths count UTF-16 units, whatever the characters and the nesting."""
    html, text, pieces = case
    formatted = parse_html(html)
    assert text == formatted.text
    assert pieces == [(entity.type, piece(formatted, entity)) for entity in formatted.entities]


@settings(deadline=None)
@given(marked())
def test_rendered_text_parses_to_itself(case: tuple[str, str, list[tuple[str, str]]]) -> None:
    """What is stored can be shown as HTML and read again: the same text, and each letter in the same dress.

    A tag may come back in two halves, where a hashtag ends in its middle.
    """
    stored = fixed(parse_html(case[0]))
    again = fixed(parse_html(render_html(stored)))
    assert (stored.text, dressed(stored)) == (again.text, dressed(again))


@settings(deadline=None)
@given(st.text(st.sampled_from("<>/&;ab=\"' \n😀#xltp-"), max_size=30))
def test_whatever_is_sent_is_parsed_or_refused(source: str) -> None:
    """Never another error, and what is accepted lies within the text."""
    try:
        formatted = fixed(parse_html(source))
    except BotApiError as error:
        assert error.description.startswith("Bad Request: can't parse entities: ")  # noqa: PT017
    else:
        assert all(0 <= e.offset < e.end <= utf16_length(formatted.text) for e in formatted.entities)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("12345<x>", 'Unsupported start tag "x" at byte offset 5'),
        ("я<BR/>", 'Unsupported start tag "br/" at byte offset 2'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("x<b", "Unclosed start tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href=a/b>x</a>", "Unexpected end of name token at byte offset 8"),
        ('<a "x">x</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_broken_markup_is_refused_in_telegrams_words(source: str, reason: str) -> None:
    """The place is a byte offset in UTF-8."""
    with pytest.raises(BotApiError) as refused:
        parse_html(source)
    assert (400, f"Bad Request: can't parse entities: {reason}") == (
        refused.value.status,
        refused.value.description,
    )


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("&lt;&gt;&amp;&quot;", '<>&"'),
        ("&#65;&#x42;&#x1F600;", "AB😀"),
        ("&nbsp;&apos;&ltx;&#0;&#xD800;", "&nbsp;&apos;&ltx;&#0;&#xD800;"),
        ("&lt &amp", "< &"),
        ("AT&T", "AT&T"),
        ("<B>x</b>", "x"),
        ("<b>x</>", "x"),
    ],
)
def test_references_and_tags_are_read_as_telegram_reads_them(source: str, text: str) -> None:
    """Four named references, all numeric ones that are characters; unknown ones stay as written."""
    assert text == parse_html(source).text


@pytest.mark.parametrize(
    ("source", "entities"),
    [
        ('<pre><code class="language-py">x</code></pre>', [Entity("pre", 0, 1, "py")]),
        ("<pre><code>x</code></pre>", [Entity("pre", 0, 1)]),
        ("<code><b>x</b></code>", [Entity("code", 0, 1)]),
        ("<b>a<code>x</code>b</b>", [Entity("bold", 0, 1), Entity("code", 1, 1), Entity("bold", 2, 1)]),
        ("<b>a<b>b</b></b>", [Entity("bold", 0, 2)]),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", [Entity("blockquote", 0, 2)]),
        ("<blockquote expandable>a</blockquote>", [Entity("expandable_blockquote", 0, 1)]),
        ('<span class="tg-spoiler">a</span>', [Entity("spoiler", 0, 1)]),
        (
            '<a href="https://a.example/?a=1&amp;b=2">x</a>',
            [Entity("text_link", 0, 1, "https://a.example/?a=1&b=2")],
        ),
        ("<a href='tg://user?id=5'>x</a>", [Entity("text_mention", 0, 1, "5")]),
        ('<a href="no link">x</a>', []),
        ("<a>a.example</a>", [Entity("text_link", 0, 9, "http://a.example")]),
        ('<tg-emoji emoji-id="5">😀</tg-emoji>', [Entity("custom_emoji", 0, 2, "5")]),
        ('<tg-time unix="5">now</tg-time>', [Entity("date_time", 0, 3, "5")]),
        ("<b> </b>x", [Entity("bold", 0, 1)]),
        ("x <b> </b>", []),
        ("\n <b>x</b> \n", [Entity("bold", 0, 1)]),
    ],
)
def test_nesting_follows_the_rules(source: str, entities: list[Entity]) -> None:
    """Nothing inside code, no quote in a quote, no entity without text; blank edges are cut."""
    assert entities == list(fixed(parse_html(source)).entities)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start now", ["/start"]),
        ("😀 /take@quartermaster_bot", ["/take@quartermaster_bot"]),
        ("a/b /", []),
        ("@anna and a@b.example", ["@anna"]),
        ("see https://a.example/x?y=1.", ["https://a.example/x?y=1"]),
        ("beboo #k3f9x2qa #1", ["#k3f9x2qa"]),
    ],
)
def test_telegram_finds_commands_mentions_links_and_hashtags(text: str, found: list[str]) -> None:
    """In plain text, too."""
    formatted = FormattedText(text, tuple(find_entities(text)))
    assert found == [piece(formatted, entity) for entity in formatted.entities]


def test_a_hundred_entities_are_kept() -> None:
    """What goes beyond is shown without formatting."""
    assert len(fixed(parse_html("<b>x</b> " * 101)).entities) == 100


@pytest.mark.parametrize(
    ("formatted", "html"),
    [
        (FormattedText("<&\"'", (Entity("bold", 0, 4),)), "<b>&lt;&amp;&quot;&#x27;</b>"),
        (FormattedText("x", (Entity("text_link", 0, 1, "javascript:alert(1)"),)), "x"),
        (
            FormattedText("x", (Entity("text_link", 0, 1, 'https://a.example/"'),)),
            '<a href="https://a.example/&quot;">x</a>',
        ),
        (
            FormattedText("https://a.example", (Entity("url", 0, 17),)),
            '<a href="https://a.example">https://a.example</a>',
        ),
        (
            FormattedText("x", (Entity("pre", 0, 1, '"><'),)),
            '<pre><code class="language-&quot;&gt;&lt;">x</code></pre>',
        ),
        (
            FormattedText("abc", (Entity("bold", 0, 2), Entity("italic", 1, 2))),
            "<b>a<i>b</i></b><i>c</i>",
        ),
        (FormattedText("/start", (Entity("bot_command", 0, 6),)), "/start"),
    ],
)
def test_rendered_html_is_safe_and_nests(formatted: FormattedText, html: str) -> None:
    """Everything is escaped, links lead to the web only, overlaps are cut so that tags nest."""
    assert html == render_html(formatted)
