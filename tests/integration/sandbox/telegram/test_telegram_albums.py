"""Albums, and changing what a message shows: files, captions."""

from typing import Any

import pytest
from telegram_harness import ANNA, Harness
from telegram_pictures import png


def media(kind: str, part: str = "attach://one", **fields: object) -> dict[str, object]:
    """One InputMedia."""
    return {"type": kind, "media": part, **fields}


async def album(telegram: Harness, *items: object) -> Any:
    """An album that has to be sent; its uploads are `one` and `two`."""
    return await telegram.result("sendMediaGroup", chat_id=ANNA, media=items, one=png(), two=png(8, 6))


async def test_an_album_is_several_messages_with_one_group(telegram: Harness) -> None:
    """Photos and videos mix; each has its own caption; the group's id is new for each album."""
    photo = media("photo", caption="<i>first</i>", parse_mode="HTML")
    first, second = await album(telegram, photo, media("video", "attach://two"))
    assert ("first", "italic") == (first["caption"], first["caption_entities"][0]["type"])
    assert ("photo" in first, "video" in second) == (True, True)
    assert first["media_group_id"] == second["media_group_id"]
    other = await album(telegram, media("photo", first["photo"][-1]["file_id"]), media("photo"))
    assert first["media_group_id"] != other[0]["media_group_id"]


@pytest.mark.parametrize("kind", ["photo", "video", "document", "audio"])
@pytest.mark.parametrize("size", [2, 10])
async def test_two_to_ten_of_a_kind_are_an_album(telegram: Harness, kind: str, size: int) -> None:
    """Of every kind."""
    assert len(await album(telegram, *[media(kind)] * size)) == size


async def test_one_alone_is_an_ordinary_message(telegram: Harness) -> None:
    """It belongs to no group."""
    [message] = await album(telegram, media("photo"))
    assert "media_group_id" not in message


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ("", 'parameter "media" is required'),
        ("[", "can't parse media JSON object"),
        ({}, "expected an Array of InputMedia"),
        ([], "there are no messages to send"),
        ([1, 2], "can't parse InputMedia: expected an Object"),
        ([{"media": "attach://one"}], "can't parse InputMedia: Can't find field \"type\""),
        ([media("photo")] * 11, "too many messages to send as an album"),
        ([media("photo"), media("document")], "document can't be mixed with other media types"),
        ([media("audio"), media("video")], "audio can't be mixed with other media types"),
        (
            [media("photo"), media("animation")],
            "can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup",
        ),
        ([media("sticker")] * 2, 'can\'t parse InputMedia: type "sticker" is unsupported'),
        ([media("photo"), media("photo", "attach://gone")], "can't parse InputMedia: media not found"),
        ([media("photo", caption="x" * 1025)] * 2, "message caption is too long"),
        (
            [media("photo"), media("photo", "attach://none")],
            'failed to send message #2 with the error message "IMAGE_PROCESS_FAILED"',
        ),
    ],
)
async def test_what_is_no_album(telegram: Harness, items: object, reason: str) -> None:
    """One wrong item, and nothing is sent."""
    refused = await telegram.refusal(
        "sendMediaGroup", chat_id=ANNA, media=items, one=png(), none=b"no picture"
    )
    assert f"Bad Request: {reason}" == refused
    assert len(await telegram.control("GET", f"chats/{ANNA}/messages")) == 1


async def test_an_album_counts_as_its_messages(telegram: Harness) -> None:
    """Under flood control an album of 10 passes, and what follows waits for all of it."""
    await telegram.control("PUT", "settings", {"flood": True})
    await album(telegram, *[media("photo")] * 10)
    status, body = await telegram.call("sendMessage", chat_id=ANNA, text="x")
    assert (429, {"retry_after": 6}) == (status, body["parameters"])
    telegram.clock.tick(6)
    assert await telegram.result("sendMessage", chat_id=ANNA, text="x")


async def test_people_send_albums(telegram: Harness) -> None:
    """Messages of one group, one update each."""
    for text in ("a", "b"):
        await telegram.sends(png(), text=text, media_group_id="77")
    messages = [update["message"] for update in await telegram.result("getUpdates")]
    assert [("a", "77"), ("b", "77")] == [(m["caption"], m["media_group_id"]) for m in messages]


async def test_a_caption_can_be_changed_and_taken_away(telegram: Harness) -> None:
    """The file stays; the same caption again is no edit; a text has none."""
    sent = await telegram.result("sendDocument", chat_id=ANNA, document=b"x", caption="old")
    place = {"chat_id": ANNA, "message_id": sent["message_id"]}
    edited = await telegram.result("editMessageCaption", caption="<b>new</b>", parse_mode="HTML", **place)
    assert ("new", sent["document"]) == (edited["caption"], edited["document"])
    same = {"caption": "<b>new</b>", "parse_mode": "HTML"}
    assert "is not modified" in await telegram.refusal("editMessageCaption", **same, **place)
    assert "caption" not in await telegram.result("editMessageCaption", **place)
    text = await telegram.result("sendMessage", chat_id=ANNA, text="x")
    refused = await telegram.refusal(
        "editMessageCaption", chat_id=ANNA, message_id=text["message_id"], caption="y"
    )
    assert refused == "Bad Request: there is no caption in the message to edit"
    refused = await telegram.refusal("editMessageText", text="y", **place)
    assert refused == "Bad Request: there is no text in the message to edit"


async def test_a_message_can_show_another_file(telegram: Harness) -> None:
    """Of another kind too, or a file where there was a text; without a caption the old one goes."""
    sent = await telegram.result("sendMessage", chat_id=ANNA, text="soon")
    place = {"chat_id": ANNA, "message_id": sent["message_id"]}
    shown = await telegram.result(
        "editMessageMedia", media=media("photo", caption="Rack"), one=png(), **place
    )
    assert ("Rack", 4, False) == (shown["caption"], shown["photo"][-1]["width"], "text" in shown)
    listed = await telegram.result("editMessageMedia", media=media("document"), one=b"a,b", **place)
    assert ("document" in listed, "photo" in listed, "caption" in listed) == (True, False, False)
    same = media("document", listed["document"]["file_id"])
    assert "is not modified" in await telegram.refusal("editMessageMedia", media=same, **place)
    assert await telegram.refusal("editMessageMedia", **place) == 'Bad Request: parameter "media" is required'
    keyboard = {"inline_keyboard": [[{"text": "x", "callback_data": "d"}]]}
    pressed = await telegram.result("editMessageReplyMarkup", reply_markup=keyboard, **place)
    assert (keyboard, listed["document"]) == (pressed["reply_markup"], pressed["document"])


async def test_an_album_keeps_its_kind(telegram: Harness) -> None:
    """A photo of an album becomes a video, never a document."""
    first, _ = await album(telegram, media("photo"), media("photo"))
    place = {"chat_id": ANNA, "message_id": first["message_id"]}
    film = await telegram.result("editMessageMedia", media=media("video"), one=b"film", **place)
    assert ("video" in film, film["media_group_id"]) == (True, first["media_group_id"])
    refused = await telegram.refusal("editMessageMedia", media=media("document"), one=b"x", **place)
    assert refused == "Bad Request: can't change media type in the album"
