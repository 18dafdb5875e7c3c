"""Parse mode HTML: markup to text and entities, with Telegram's own words for what is wrong."""

import re
from dataclasses import dataclass, replace

from sandbox.telegram.entities import Entity, FormattedText, utf16_length
from sandbox.telegram.errors import bad_entities

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
PLAIN = re.compile(r"[^<&]+")
REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]{1,8})|#([0-9]{1,8})|(lt|gt|amp|quot)(?![a-zA-Z]));?")
TAG_NAME = re.compile(r"[^ \t\r\n\0\v>]*")
ATTRIBUTE_NAME = re.compile(r"[^ \t\r\n\0\v=>/\"']*")
NAME_TOKEN = re.compile(r"[A-Za-z0-9.-]*")
SPACES = re.compile(r"[ \t\r\n\0\v]*")
USER_LINK = re.compile(r"tg://user/?\?id=(\d+)", re.IGNORECASE)
LINK = re.compile(r"(?:https?|tg|ton|tonsite)://.+", re.IGNORECASE | re.DOTALL)
DOMAIN = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?(?:[/?#]\S*)?")


@dataclass(frozen=True, slots=True)
class _OpenTag:
    name: str
    argument: str
    offset: int
    pieces: int


def parse_html(source: str) -> FormattedText:
    """The text without markup and its entities as written; BotApiError (400) where Telegram refuses."""
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._pieces: list[str] = []
        self._offset = 0
        self._open: list[_OpenTag] = []
        self._entities: list[Entity] = []

    def parse(self) -> FormattedText:
        while self._at < len(self._source):
            if self._source.startswith("</", self._at):
                self._close_tag()
            elif self._source[self._at] == "<":
                self._open_tag()
            else:
                self._take(self._next_text())
        if self._open:
            raise bad_entities(f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"')
        entities = (replace(e, argument="") if e.type == "code" else e for e in self._entities)
        return FormattedText("".join(self._pieces), tuple(entities))

    def _next_text(self) -> str:
        match = PLAIN.match(self._source, self._at)
        if match:
            self._at = match.end()
            return match[0]
        return self._reference()

    def _reference(self) -> str:
        """The character that a reference stands for; an unknown one stays as it is written."""
        match = REFERENCE.match(self._source, self._at)
        character = _character(match) if match else ""
        self._at = match.end() if match and character else self._at + 1
        return character or "&"

    def _take(self, text: str) -> None:
        self._pieces.append(text)
        self._offset += utf16_length(text)

    def _open_tag(self) -> None:
        begin = self._at
        self._at += 1
        written = self._token(TAG_NAME)
        if self._at == len(self._source):
            raise bad_entities(f"Unclosed start tag at byte offset {self._bytes(begin)}")
        name = written.lower()
        if name not in TAGS:
            raise bad_entities(f'Unsupported start tag "{name}" at byte offset {self._bytes(begin)}')
        argument = self._argument(name, self._attributes(name, begin), begin)
        self._at += 1
        self._open.append(_OpenTag(name, argument, self._offset, len(self._pieces)))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while True:
            self._token(SPACES)
            if self._source.startswith(">", self._at):
                return attributes
            name = self._token(ATTRIBUTE_NAME)
            if not name:
                self._demand_more(f"Unclosed start tag at byte offset {self._bytes(begin)}")
                where = self._bytes(begin)
                raise bad_entities(f'Empty attribute name in the tag "{tag}" at byte offset {where}')
            attributes[name.lower()] = self._attribute_value(tag, begin)

    def _attribute_value(self, tag: str, begin: int) -> str:
        unclosed = f'Unclosed start tag "{tag}" at byte offset {self._bytes(begin)}'
        self._token(SPACES)
        self._demand_more(unclosed)
        if self._source[self._at] != "=":
            return ""
        self._at += 1
        self._token(SPACES)
        self._demand_more(unclosed)
        value = self._quoted() if self._source[self._at] in "\"'" else self._unquoted()
        self._demand_more(f"Unclosed start tag at byte offset {self._bytes(begin)}")
        return value

    def _unquoted(self) -> str:
        begin = self._at
        value = self._token(NAME_TOKEN).lower()
        if self._at < len(self._source) and self._source[self._at] not in " \t\r\n\0\v>":
            raise bad_entities(f"Unexpected end of name token at byte offset {self._bytes(begin)}")
        return value

    def _quoted(self) -> str:
        quote = self._source[self._at]
        end = self._source.find(quote, self._at + 1)
        end = len(self._source) if end < 0 else end
        value = REFERENCE.sub(lambda match: _character(match) or match[0], self._source[self._at + 1 : end])
        self._at = end + 1
        return value

    def _argument(self, tag: str, attributes: dict[str, str], begin: int) -> str:
        css = attributes.get("class", "")
        if tag == "span" and css != "tg-spoiler":
            where = self._bytes(begin)
            raise bad_entities(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
        if tag == "code":
            return css.removeprefix("language-") if css.startswith("language-") else ""
        if tag == "blockquote":
            return "expandable" if "expandable" in attributes else ""
        return attributes.get({"a": "href", "tg-emoji": "emoji-id", "tg-time": "unix"}.get(tag, ""), "")

    def _close_tag(self) -> None:
        begin = self._at
        where = self._bytes(begin)
        if not self._open:
            raise bad_entities(f"Unexpected end tag at byte offset {where}")
        self._at += 2
        name = self._token(TAG_NAME).lower()
        self._token(SPACES)
        if not self._source.startswith(">", self._at):
            raise bad_entities(f"Unclosed end tag at byte offset {where}")
        self._at += 1
        tag = self._open.pop()
        if name and name != tag.name:
            raise bad_entities(
                f'Unmatched end tag at byte offset {where}, expected "</{tag.name}>", found "</{name}>"'
            )
        if self._offset > tag.offset:
            self._add(tag)

    def _add(self, tag: _OpenTag) -> None:
        entity = Entity(TAGS[tag.name], tag.offset, self._offset - tag.offset)
        if tag.name in ("pre", "code"):
            self._add_code(entity, tag.argument)
        elif tag.name == "a":
            self._add_link(entity, tag.argument or "".join(self._pieces[tag.pieces :]))
        elif tag.name == "blockquote":
            self._entities.append(replace(entity, type="expandable_blockquote") if tag.argument else entity)
        elif tag.name == "tg-emoji":
            self._add_emoji(entity, tag.argument)
        elif tag.name == "tg-time":
            self._add_time(entity, tag.argument)
        else:
            self._entities.append(entity)

    def _add_code(self, entity: Entity, language: str) -> None:
        """`<pre><code class="language-x">` is one block with a language, whichever of the two is outside."""
        last = self._entities[-1] if self._entities else None
        same = last is not None and (last.offset, last.length) == (entity.offset, entity.length)
        both = last is not None and same and {last.type, entity.type} == {"pre", "code"}
        if last is not None and both and (last.argument or language):
            self._entities[-1] = replace(entity, type="pre", argument=last.argument or language)
        else:
            self._entities.append(replace(entity, argument=language))

    def _add_link(self, entity: Entity, url: str) -> None:
        """A link that is none leaves its text plain."""
        user = USER_LINK.fullmatch(url)
        if user:
            self._entities.append(replace(entity, type="text_mention", argument=user[1]))
        elif LINK.fullmatch(url):
            self._entities.append(replace(entity, argument=url))
        elif DOMAIN.fullmatch(url):
            self._entities.append(replace(entity, argument=f"http://{url}"))

    def _add_emoji(self, entity: Entity, emoji_id: str) -> None:
        if not re.fullmatch(r"[0-9]{1,19}", emoji_id):
            raise bad_entities("Invalid custom emoji identifier specified")
        self._entities.append(replace(entity, argument=emoji_id))

    def _add_time(self, entity: Entity, unix: str) -> None:
        if not re.fullmatch(r"[0-9]{1,11}", unix):
            raise bad_entities("Invalid date specified")
        self._entities.append(replace(entity, argument=unix))

    def _token(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._source, self._at)
        assert match is not None, "every token may be empty"
        self._at = match.end()
        return match[0]

    def _demand_more(self, otherwise: str) -> None:
        if self._at >= len(self._source):
            raise bad_entities(otherwise)

    def _bytes(self, at: int) -> int:
        return len(self._source[:at].encode())


def _character(match: re.Match[str]) -> str:
    """The character of a reference, empty where its number is none."""
    if match[3]:
        return NAMED[match[3]]
    code = int(match[1], 16) if match[1] else int(match[2])
    return chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code < 0xE000 else ""
