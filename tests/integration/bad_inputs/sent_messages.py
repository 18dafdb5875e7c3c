"""What is sent and is no command typed here and now: media, edits, forwards, channels, groups, rubbish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bad_inputs.promises import Promise
from bad_inputs.whole_desk import BORIS, CLARA, DORA, EVA, Json, WholeDesk

Make = Callable[[WholeDesk, int], list[Json]]

UNREADABLE = "I can't read that here. Send /help."
FORWARDED = "I only act on commands you type yourself. Send /help."
PLAIN = "I work by commands: try /take beboo 5, or see /help."
LATE = "That was asked a while ago: please ask again."
TAKE = "/take beboo 5"
FILE = {"file_id": "BQAC", "file_unique_id": "AQAD"}
PHOTO = [{**FILE, "width": 90, "height": 90, "file_size": 1000}]
TWENTY_MEGABYTES = 20 * 1024 * 1024 + 1
PLACE = {"latitude": 52.0, "longitude": 13.0}
OTHERS_BOT = {"id": 555, "is_bot": True, "first_name": "Other", "username": "other_bot"}
TELEGRAM = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CHANNEL = {"id": -1_001_111_111_111, "type": "channel", "title": "News"}
AGO = {"minutes": 11 * 60, "a day": 24 * 3600}


@dataclass(frozen=True, slots=True)
class Sent:
    """Updates that come in, and the whole lines with which the bot's one answer begins; None: it says nothing.

    By a newcomer, unless `by` says who; `in_group`: the answer comes where it was asked.
    """

    promise: Promise
    name: str
    make: Make
    says: str | None = None
    by: int | None = None
    in_group: bool = False


def _message(**changes: object) -> Make:
    return lambda desk, user: [{"message": desk.message(None, user, **changes)}]


def _typed(text: str, **changes: object) -> Make:
    return lambda desk, user: [{"message": desk.message(text, user, **changes)}]


def _in_group(text: str | None, **changes: object) -> Make:
    return lambda desk, user: [{"message": desk.message(text, user, desk.group, **changes)}]


def _other(kind: str, text: str = TAKE, **changes: object) -> Make:
    return lambda desk, user: [{kind: desk.message(text, user, **changes)}]


def _late(text: str, seconds: float) -> Make:
    return lambda desk, user: [{"message": desk.message(text, user, date=int(desk.clock.time() - seconds))}]


def _raw(update: Json) -> Make:
    return lambda _desk, _user: [update]


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
ORIGIN = {"type": "user", "sender_user": OTHERS_BOT, "date": 1_700_000_000}
HIDDEN_ORIGIN = {"type": "hidden_user", "sender_user_name": "x", "date": 1_700_000_000}
FROM_CHANNEL = {"type": "channel", "chat": CHANNEL, "message_id": 5, "date": 1_700_000_000}
GONE = {"message_id": 1, "date": 0, "chat": {"id": EVA, "type": "private"}}
FEWER = "Only 3 of 10 are free for scarce. Nothing was taken."
PRIVATELY = "Sent to you privately."


def _media() -> Iterator[Sent]:
    for name, content in MEDIA.items():
        yield Sent(Promise.MEDIA, name, _message(**content), UNREADABLE)
    for name, content in SERVICE.items():
        yield Sent(Promise.MEDIA, name, _message(**content))
    album = {"photo": PHOTO, "media_group_id": "12", "caption": TAKE}
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
            Promise.IN_A_GROUP, f"{name}, in a group", _in_group(None, **MEDIA[name]), by=EVA, in_group=True
        )
        yield Sent(Promise.NOT_FOR_THEM, f"{name}, by a stranger", _message(**MEDIA[name]), DOOR, by=DORA)


DOOR = "This is a private desk. Ask for access to be let in; your id is 10."

ELSEWHERE = (
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "an edited command", _other("edited_message", edit_date=1)),
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "a channel's post", _other("channel_post", chat=None)),
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "a channel's edited post", _other("edited_channel_post")),
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "a business message", _other("business_message")),
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "a guest's message", _other("guest_message")),
    Sent(
        Promise.NOT_TYPED_HERE_AND_NOW, "a forwarded command", _typed(TAKE, forward_origin=ORIGIN), FORWARDED
    ),
    Sent(
        Promise.NOT_TYPED_HERE_AND_NOW,
        "forwarded from somebody hidden",
        _typed(TAKE, forward_origin=HIDDEN_ORIGIN),
        FORWARDED,
    ),
    Sent(
        Promise.NOT_TYPED_HERE_AND_NOW,
        "forwarded from a channel",
        _typed("/stats", forward_origin=FROM_CHANNEL),
        FORWARDED,
    ),
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "through another bot", _typed(TAKE, via_bot=OTHERS_BOT), FORWARDED),
    Sent(
        Promise.NOT_TYPED_HERE_AND_NOW,
        "an admin's command through another bot",
        _typed("/stats", via_bot=OTHERS_BOT),
        FORWARDED,
    ),
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "a bot's command", _typed(TAKE, **{"from": OTHERS_BOT})),
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "a command without a sender", _typed(TAKE, **{"from": None})),
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "in a channel's name", _typed(TAKE, sender_chat=CHANNEL)),
    *(
        Sent(Promise.NOT_TYPED_HERE_AND_NOW, f"{name} too late: {text}", _late(text, seconds), LATE, by=by)
        for name, seconds in AGO.items()
        for text, by in ((TAKE, EVA), ("/release 10.0.0.3", BORIS), ("/take new_name", EVA))
    ),
    Sent(
        Promise.NOT_TYPED_HERE_AND_NOW,
        "from the year 1970",
        _typed(TAKE, date=0),
        LATE,
    ),
    Sent(
        Promise.NOT_TYPED_HERE_AND_NOW,
        "in reply to what was deleted",
        _typed("/take scarce 10", reply_to_message=GONE),
        FEWER,
        by=EVA,
    ),
    Sent(Promise.NOT_A_COMMAND, "for another bot", _typed("/take@other_bot beboo 5"), by=EVA),
)
TALK = {
    "hello": PLAIN,
    "please /take beboo 5": PLAIN,
    "take beboo 5": PLAIN,
    "beboo": PLAIN,
    "5": PLAIN,
    "／take beboo 5": PLAIN,
    "\\take beboo 5": PLAIN,
    "\u202e/take beboo 5": PLAIN,
    "\ufeff/take beboo 5": PLAIN,
    "\x00": PLAIN,
    "🙂": PLAIN,
    "<b>&lt;": PLAIN,
    "10.0.0.2:8080:user2:pass2": PLAIN,
    "x" * 4096: PLAIN,
    "x\n" * 2048: PLAIN,
}
GROUPS = (
    Sent(Promise.IN_A_GROUP, "talk", _in_group("does anybody know?"), by=EVA, in_group=True),
    Sent(Promise.IN_A_GROUP, "a command of somebody else's", _in_group("/ban @eva"), by=EVA, in_group=True),
    Sent(Promise.IN_A_GROUP, "another bot's", _in_group("/take@other_bot beboo"), by=EVA, in_group=True),
    Sent(
        Promise.IN_A_GROUP,
        "a forwarded command",
        _in_group(TAKE, forward_origin=ORIGIN),
        by=EVA,
        in_group=True,
    ),
    Sent(
        Promise.IN_A_GROUP,
        "a wrong command",
        _in_group("/take beboo 0"),
        "“0” does not work here: it is 1 to 50 at once, in digits.",
        by=EVA,
        in_group=True,
    ),
    Sent(
        Promise.IN_A_GROUP,
        "a command that is unknown",
        _in_group("/tkae@quartermaster_bot beboo"),
        "I don't know that command. Did you mean /take?",
        by=EVA,
        in_group=True,
    ),
    Sent(
        Promise.IN_A_GROUP,
        "an admin's command",
        _in_group("/stats"),
        "That is for admins.",
        by=EVA,
        in_group=True,
    ),
    Sent(
        Promise.IN_A_GROUP,
        "a user's command, by a viewer",
        _in_group("/take@quartermaster_bot beboo"),
        "That is for users.",
        by=CLARA,
        in_group=True,
    ),
    Sent(Promise.IN_A_GROUP, "a stranger's command", _in_group(TAKE), by=DORA, in_group=True),
    Sent(
        Promise.IN_A_GROUP,
        "an anonymous admin's command",
        lambda desk, user: [
            {
                "message": desk.message(
                    "/stats",
                    user,
                    desk.group,
                    sender_chat={"id": desk.group, "type": "supergroup", "title": "Team"},
                    **{"from": ANONYMOUS},
                )
            }
        ],
        by=EVA,
        in_group=True,
    ),
    Sent(
        Promise.IN_A_GROUP,
        "the linked channel's post",
        _in_group(TAKE, sender_chat=CHANNEL, is_automatic_forward=True, **{"from": TELEGRAM}),
        by=EVA,
        in_group=True,
    ),
)
RUBBISH: dict[str, Json] = {
    "an empty update": {},
    "an unknown kind": {"hologram": {"id": 1}},
    "a message that is text": {"message": TAKE},
    "a message that is a list": {"message": [TAKE]},
    "a message without a chat": {"message": {"message_id": 1, "date": 0, "text": TAKE}},
    "a message without an id": {"message": {"date": 0, "text": TAKE, "chat": {"id": EVA, "type": "private"}}},
    "a message from the year one million": {
        "message": {"message_id": 1, "date": 10**30, "chat": {"id": EVA, "type": "private"}, "text": TAKE}
    },
    "a text that is a number": {
        "message": {"message_id": 1, "date": 0, "chat": {"id": EVA, "type": "private"}, "text": 5}
    },
    "half a character": {
        "message": {
            "message_id": 1,
            "date": 0,
            "chat": {"id": EVA, "type": "private"},
            "text": "/take \ud800",
        }
    },
    "a callback that is null": {"callback_query": None},
    "a callback without a sender": {"callback_query": {"id": "1", "chat_instance": "1", "data": "b:x:0"}},
    "a reaction": {
        "message_reaction": {
            "chat": {"id": EVA, "type": "private"},
            "message_id": 1,
            "date": 0,
            "old_reaction": [],
            "new_reaction": [],
        }
    },
    "a poll's answer": {"poll_answer": {"poll_id": "1", "option_ids": [0], "option_persistent_ids": ["0"]}},
    "an inline query": {
        "inline_query": {
            "id": "1",
            "from": {"id": EVA, "is_bot": False, "first_name": "Eva"},
            "query": TAKE,
            "offset": "",
        }
    },
}

CASES: tuple[Sent, ...] = (
    *_media(),
    *ELSEWHERE,
    *(Sent(Promise.NOT_A_COMMAND, ascii(text)[:40], _typed(text), says) for text, says in TALK.items()),
    *GROUPS,
    *(Sent(Promise.NOT_TYPED_HERE_AND_NOW, name, _raw(update), by=EVA) for name, update in RUBBISH.items()),
)
