"""Photographs, voices, albums: what the bot cannot read, and says so, once."""

from __future__ import annotations

from collections.abc import Iterator

from bad_inputs.promises import Promise
from bad_inputs.sending import TAKE, Sent, in_group, message
from bad_inputs.whole_desk import DORA, EVA, Json

UNREADABLE = "I cannot read that here. Send /help."
DOOR = "This is a private desk. Ask for access to be let in; your id is 10."
FILE = {"file_id": "BQAC", "file_unique_id": "AQAD"}
PHOTO = [{**FILE, "width": 90, "height": 90, "file_size": 1000}]
TWENTY_MEGABYTES = 20 * 1024 * 1024 + 1
PLACE = {"latitude": 52.0, "longitude": 13.0}

MEDIA: dict[str, Json] = {
    "photograph": {"photo": PHOTO},
    "photograph with a command for a caption": {"photo": PHOTO, "caption": TAKE},
    "video": {"video": {**FILE, "width": 90, "height": 90, "duration": 3}},
    "animation": {"animation": {**FILE, "width": 90, "height": 90, "duration": 3}},
    "audio": {"audio": {**FILE, "duration": 3}},
    "voice": {"voice": {**FILE, "duration": 3}},
    "voice with a command for a caption": {"voice": {**FILE, "duration": 3}, "caption": TAKE},
    "video note": {"video_note": {**FILE, "length": 90, "duration": 3}},
    "file": {"document": {**FILE, "file_name": "proxies.txt", "mime_type": "text/plain", "file_size": 10}},
    "file of 20 MB": {"document": {**FILE, "file_name": "../../etc/passwd", "file_size": TWENTY_MEGABYTES}},
    "file with a command for a caption": {"document": FILE, "caption": TAKE},
    "sticker": {
        "sticker": {
            **FILE,
            "type": "regular",
            "width": 9,
            "height": 9,
            "is_animated": False,
            "is_video": False,
        }
    },
    "dice": {"dice": {"emoji": "🎲", "value": 6}},
    "contact": {"contact": {"phone_number": "+10000000000", "first_name": "<b>"}},
    "location": {"location": PLACE},
    "venue": {"venue": {"location": PLACE, "title": TAKE, "address": "x"}},
    "poll": {
        "poll": {
            "id": "1",
            "question": TAKE,
            "options": [],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": False,
            "members_only": False,
        }
    },
    "game": {"game": {"title": TAKE, "description": "x", "photo": PHOTO}},
    "story": {"story": {"chat": {"id": 5, "type": "private"}, "id": 1}},
    "paid media": {"paid_media": {"star_count": 1, "paid_media": []}},
    "checklist": {"checklist": {"title": TAKE, "tasks": []}},
}
SERVICE: dict[str, Json] = {
    "a chat's new title": {"new_chat_title": TAKE},
    "a timer": {"message_auto_delete_timer_changed": {"message_auto_delete_time": 60}},
    "a pinned message": {
        "pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 5, "type": "private"}}
    },
    "something newer than this bot": {"hologram": {"text": TAKE}},
    "nothing at all": {},
}


def _cases() -> Iterator[Sent]:
    for name, content in MEDIA.items():
        yield Sent(Promise.MEDIA, name, message(**content), UNREADABLE)
    for name, content in SERVICE.items():
        yield Sent(Promise.MEDIA, name, message(**content))
    album: Json = {"photo": PHOTO, "media_group_id": "12", "caption": TAKE}
    yield Sent(
        Promise.MEDIA,
        "an album of four",
        lambda desk, user: [{"message": desk.message(None, user, **album)} for _ in range(4)],
        UNREADABLE,
    )
    yield Sent(
        Promise.MEDIA,
        "five stickers and a voice",
        lambda desk, user: [
            {"message": desk.message(None, user, **MEDIA[kind])} for kind in (*["sticker"] * 5, "voice")
        ],
        UNREADABLE,
    )
    for name in ("photograph with a command for a caption", "voice", "poll", "sticker"):
        yield Sent(
            Promise.IN_A_GROUP, f"{name}, in a group", in_group(None, **MEDIA[name]), by=EVA, in_group=True
        )
        yield Sent(Promise.NOT_FOR_THEM, f"{name}, by a stranger", message(**MEDIA[name]), DOOR, by=DORA)


CASES = tuple(_cases())
