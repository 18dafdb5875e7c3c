"""The size of a picture, from its headers."""

import pytest

from sandbox.telegram.images import Picture, read_picture

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0"
JPEG = b"\xff\xd8\xff\xfe\0\x06note\xff\xc2\0\x0b\x08\x01\xe0\x02\x80"
GIF = b"GIF89a\x80\x02\xe0\x01"
LOSSY = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\0\0\0\x80\x02\xe0\x01"
LOSSLESS = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x7f\xc2\x77\0\0\0\0\0\0"
EXTENDED = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x7f\x02\0\xdf\x01\0"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "png"),
        (JPEG, "jpeg"),
        (b"\xff\xd8\xff\xd0" + JPEG[2:], "jpeg"),
        (GIF, "gif"),
        (LOSSY, "webp"),
        (LOSSLESS, "webp"),
        (EXTENDED, "webp"),
    ],
)
def test_width_and_height_are_read(content: bytes, kind: str) -> None:
    """640 by 480 in each of four kinds, whatever stands before the size."""
    assert Picture(f"image/{kind}", 640, 480) == read_picture(content)


@pytest.mark.parametrize(
    "content",
    [b"", b"text", PNG[:-1], GIF[:-1], LOSSY[:-1], JPEG[:-1], b"\xff\xd8\xff\xd9", b"BM" + bytes(40)],
)
def test_anything_else_is_no_picture(content: bytes) -> None:
    """Nor is one whose header was cut off."""
    assert read_picture(content) is None


def test_an_unknown_webp_is_no_picture() -> None:
    """Its first chunk has to be one of three."""
    assert read_picture(LOSSY.replace(b"VP8 ", b"ALPH")) is None
