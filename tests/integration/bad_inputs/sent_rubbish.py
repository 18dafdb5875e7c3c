"""Updates that Telegram never sends, or not to this bot: each is passed over, and the next one works."""

from __future__ import annotations

from bad_inputs.promises import Promise
from bad_inputs.sending import TAKE, Sent, raw
from bad_inputs.whole_desk import EVA, Json

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

CASES = tuple(
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, name, raw(update), by=EVA) for name, update in RUBBISH.items()
)
