"""Photos, documents and other files: sent, sent again, fetched, and refused word for word."""

from typing import Any

import pytest
from telegram_harness import ANNA, Harness
from telegram_pictures import png

from sandbox.telegram.limits import DOWNLOAD_BYTES, PHOTO_BYTES


async def test_a_photo_shows_its_size_and_caption(telegram: Harness) -> None:
    """A list of sizes, the last the largest; the caption is formatted as a text is."""
    message = await telegram.result(
        "sendPhoto", chat_id=ANNA, photo=png(640, 480), caption="<b>Rack</b> 7", parse_mode="HTML"
    )
    size = message["photo"][-1]
    assert (640, 480, len(png())) == (size["width"], size["height"], size["file_size"])
    bold = {"type": "bold", "offset": 0, "length": 4}
    assert ("Rack 7", [bold]) == (message["caption"], message["caption_entities"])
    assert "text" not in message


async def test_a_file_is_sent_again_by_its_id(telegram: Harness) -> None:
    """Nothing is uploaded, the same file is shown."""
    for method, kind in (("sendPhoto", "photo"), ("sendDocument", "document"), ("sendAudio", "audio")):
        sent = (await telegram.result(method, chat_id=ANNA, **{kind: png()}))[kind]
        file_id = sent[-1]["file_id"] if kind == "photo" else sent["file_id"]
        assert sent == (await telegram.result(method, chat_id=ANNA, **{kind: file_id}))[kind]


async def test_a_video_is_as_long_and_wide_as_its_sender_says(telegram: Harness) -> None:
    """Nothing is measured."""
    shape = {"width": 16, "height": 9, "duration": 60}
    message = await telegram.result("sendVideo", chat_id=ANNA, video=b"film", **shape)
    assert shape.items() <= message["video"].items()


async def test_a_path_is_downloaded_from_for_an_hour(telegram: Harness) -> None:
    """getFile gives the path; an hour later it is dead, and a new call revives it."""
    message = await telegram.result("sendPhoto", chat_id=ANNA, photo=png())
    file_id = message["photo"][-1]["file_id"]
    file = await telegram.result("getFile", file_id=file_id)
    assert (file_id, len(png())) == (file["file_id"], file["file_size"])
    assert file["file_path"].startswith("photos/file_")
    telegram.clock.tick(3600)
    assert (200, png()) == await telegram.download(file["file_path"])
    telegram.clock.tick(1)
    assert (await telegram.download(file["file_path"]))[0] == 404
    await telegram.result("getFile", file_id=file_id)
    assert (200, png()) == await telegram.download(file["file_path"])


async def test_nothing_else_can_be_downloaded(telegram: Harness) -> None:
    """Not without getFile, not with another bot's token, and not more than 20 MB."""
    large = await telegram.result("sendDocument", chat_id=ANNA, document=bytes(DOWNLOAD_BYTES + 1))
    refused = await telegram.refusal("getFile", file_id=large["document"]["file_id"])
    assert refused == "Bad Request: file is too big"
    just = await telegram.result("sendDocument", chat_id=ANNA, document=bytes(DOWNLOAD_BYTES))
    path = (await telegram.result("getFile", file_id=just["document"]["file_id"]))["file_path"]
    assert (await telegram.download(path, "1:other"))[0] == 401
    assert (await telegram.download("documents/file_1.bin"))[0] == 404
    assert await telegram.refusal("getFile", file_id="nonsense") == "Bad Request: invalid file_id"
    assert await telegram.refusal("getFile") == "Bad Request: file_id not specified"


@pytest.mark.parametrize(
    ("photo", "reason"),
    [
        (b"no picture", "IMAGE_PROCESS_FAILED"),
        (png(9_001, 1_000), "PHOTO_INVALID_DIMENSIONS"),
        (png(21, 1), "PHOTO_INVALID_DIMENSIONS"),
        (png(0, 0), "PHOTO_INVALID_DIMENSIONS"),
        (b"", "file must be non-empty"),
        ("https://example.com/a.png", "failed to get HTTP URL content"),
        ("nonsense", "wrong file identifier/HTTP URL specified"),
        ("attach://nowhere", "there is no photo in the request"),
        ("", "there is no photo in the request"),
    ],
)
async def test_what_is_no_photo(telegram: Harness, photo: Any, reason: str) -> None:
    """Sides of 10000 together, 1:20: beyond that, and without a picture, nothing is sent."""
    assert f"Bad Request: {reason}" == await telegram.refusal("sendPhoto", chat_id=ANNA, photo=photo)
    assert len(await telegram.control("GET", f"chats/{ANNA}/messages")) == 1


@pytest.mark.parametrize("size", [(9_000, 1_000), (20, 1), (1, 20)])
async def test_a_photo_may_be_just_as_large_as_that(telegram: Harness, size: tuple[int, int]) -> None:
    """At the limit it passes."""
    assert await telegram.result("sendPhoto", chat_id=ANNA, photo=png(*size))


async def test_a_photo_has_ten_megabytes_at_most(telegram: Harness) -> None:
    """One byte more is refused, with both numbers."""
    most = png() + bytes(PHOTO_BYTES - len(png()))
    assert await telegram.result("sendPhoto", chat_id=ANNA, photo=most)
    refused = await telegram.refusal("sendPhoto", chat_id=ANNA, photo=most + b"x")
    told = f"file of size {PHOTO_BYTES + 1} bytes is too big for a photo; the maximum size is {PHOTO_BYTES} bytes"
    assert f"Bad Request: {told}" == refused


async def test_an_id_is_good_for_its_own_kind_only(telegram: Harness) -> None:
    """A document is not sent as a photo."""
    document = (await telegram.result("sendDocument", chat_id=ANNA, document=png()))["document"]
    refused = await telegram.refusal("sendPhoto", chat_id=ANNA, photo=document["file_id"])
    assert refused == "Bad Request: can't use file of type Document as Photo"


async def test_people_send_files_too(telegram: Harness) -> None:
    """They arrive as updates, with their captions, and can be fetched; a file in a group is small talk."""
    await telegram.sends(png(64, 48), text="/take")
    await telegram.sends(b"a,b", kind="document")
    photo, document = [update["message"] for update in await telegram.result("getUpdates")]
    assert ("/take", 64) == (photo["caption"], photo["photo"][-1]["width"])
    assert photo["caption_entities"][0]["type"] == "bot_command"
    assert ("file.txt", False) == (document["document"]["file_name"], "caption" in document)
    path = (await telegram.result("getFile", file_id=document["document"]["file_id"]))["file_path"]
    assert (200, b"a,b") == await telegram.download(path)
    group = await telegram.control("POST", "chats", {"type": "group", "title": "Desk", "members": [ANNA]})
    heard = [await telegram.sends(png(), chat=group["id"], text=text) for text in ("look", "/take")]
    assert [False, True] == [answer["update_id"] is not None for answer in heard]


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ({"kind": "hologram", "content": ""}, "kind must be one of photo, video, document, audio"),
        ({"kind": "photo", "content": "AAAA"}, "IMAGE_PROCESS_FAILED"),
        ({}, "content is missing"),
        ("x", "a JSON object is expected"),
    ],
)
async def test_what_people_cannot_send(telegram: Harness, file: object, reason: str) -> None:
    """400 with the reason."""
    answer = await telegram.try_control("POST", "send", {"user": ANNA, "file": file})
    assert (400, {"error": reason}) == answer


async def test_people_change_their_captions(telegram: Harness) -> None:
    """To nothing, if they like; 1024 characters are the limit."""
    sent = await telegram.sends(png(), text="old")
    await telegram.says("", edit=sent["message_id"])
    edited = (await telegram.result("getUpdates"))[-1]["edited_message"]
    assert (False, True) == ("caption" in edited, "photo" in edited)
    long = {"user": ANNA, "text": "x" * 1025, "edit": sent["message_id"]}
    status, answer = await telegram.try_control("POST", "send", long)
    assert (400, "a caption has 0-1024 characters, not 1025") == (status, answer["error"])


async def test_the_chat_page_is_shown_every_kind(telegram: Harness) -> None:
    """`media` tells kind and id, by which the bytes are served."""
    await telegram.result("sendPhoto", chat_id=ANNA, photo=png(), caption="Rack")
    [message] = await telegram.control("GET", f"chats/{ANNA}/messages?after=1")
    assert ("photo", 4, "Rack") == (message["media"]["kind"], message["media"]["width"], message["text"])
    address = f"{telegram.url}/sandbox/documents/{message['media']['file_id']}"
    async with telegram.client.get(address) as response:
        assert ("image/png", png()) == (response.content_type, await response.read())


async def test_files_outlive_a_restart(telegram: Harness) -> None:
    """A photo is what it was; a world kept before there were photos still opens."""
    sent = await telegram.result("sendPhoto", chat_id=ANNA, photo=png())
    kept = telegram.world.dump()
    telegram.world.load(kept)
    again = await telegram.result("sendPhoto", chat_id=ANNA, photo=sent["photo"][-1]["file_id"])
    assert sent["photo"] == again["photo"]
    old = [{**message, "document_id": message["file_id"]} for message in kept["messages"]]
    for message in old:
        del message["file_id"], message["media_group_id"]
    documents = [
        {name: file[name] for name in ("file_id", "name", "mime_type", "content")} for file in kept["files"]
    ]
    rest = {name: value for name, value in kept.items() if name != "files"}
    telegram.world.load({**rest, "messages": old, "documents": documents})
    assert sent["photo"][-1]["file_id"] in telegram.world.files
