"""What a picture is, read from the first bytes of its file."""

from dataclasses import dataclass
from itertools import pairwise

JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_BARE = frozenset(range(0xD0, 0xD9)) | {0x01}


@dataclass(frozen=True, slots=True)
class Picture:
    """Its kind and its size in pixels."""

    mime_type: str
    width: int
    height: int


def read_picture(content: bytes) -> Picture | None:
    """The picture in a PNG, JPEG, GIF or WebP file; None for anything else. Only the headers are looked at."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        return Picture("image/png", _big(content[16:20]), _big(content[20:24]))
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        return Picture("image/gif", _little(content[6:8]), _little(content[8:10]))
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP" and len(content) >= 30:
        return _webp(content)
    return _jpeg(content) if content.startswith(b"\xff\xd8") else None


def _webp(content: bytes) -> Picture | None:
    chunk = content[12:16]
    if chunk == b"VP8X":
        size = _little(content[24:27]) + 1, _little(content[27:30]) + 1
    elif chunk == b"VP8L":
        bits = _little(content[21:25])
        size = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif chunk == b"VP8 ":
        size = _little(content[26:28]) & 0x3FFF, _little(content[28:30]) & 0x3FFF
    else:
        return None
    return Picture("image/webp", *size)


def _jpeg(content: bytes) -> Picture | None:
    """The size stands in the first frame header, behind segments that tell their own length."""
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker in JPEG_FRAMES:
            height, width = (_big(content[a:b]) for a, b in pairwise((place + 5, place + 7, place + 9)))
            return Picture("image/jpeg", width, height)
        place += 2 if marker in JPEG_BARE else 2 + _big(content[place + 2 : place + 4])
    return None


def _big(digits: bytes) -> int:
    return int.from_bytes(digits, "big")


def _little(digits: bytes) -> int:
    return int.from_bytes(digits, "little")
