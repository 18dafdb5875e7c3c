"""What is sent and is no command typed here and now: edits, forwards, channels, groups, talk."""

from __future__ import annotations

from bad_inputs import sent_media, sent_rubbish
from bad_inputs.promises import Promise
from bad_inputs.sending import TAKE, Sent, in_group, late, other, typed
from bad_inputs.whole_desk import BORIS, CLARA, DORA, EVA

FORWARDED = "I only act on commands you type yourself. Send /help."
PLAIN = "I work by commands: try /take beboo 5, or see /help."
LATE = "That was asked a while ago: please ask again."
OTHERS_BOT = {"id": 555, "is_bot": True, "first_name": "Other", "username": "other_bot"}
TELEGRAM = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CHANNEL = {"id": -1_001_111_111_111, "type": "channel", "title": "News"}
AGO = {"minutes": 11 * 60, "a day": 24 * 3600}


ORIGIN = {"type": "user", "sender_user": OTHERS_BOT, "date": 1_700_000_000}
HIDDEN_ORIGIN = {"type": "hidden_user", "sender_user_name": "x", "date": 1_700_000_000}
FROM_CHANNEL = {"type": "channel", "chat": CHANNEL, "message_id": 5, "date": 1_700_000_000}
GONE = {"message_id": 1, "date": 0, "chat": {"id": EVA, "type": "private"}}
FEWER = "Only 3 of 10 are free for scarce. Nothing was taken."
PRIVATELY = "Sent to you privately."


ELSEWHERE = (
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "an edited command", other("edited_message", edit_date=1)),
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "a channel's post", other("channel_post")),
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "a channel's edited post", other("edited_channel_post")),
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "a business message", other("business_message")),
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "a guest's message", other("guest_message")),
    Sent(
        Promise.NOT_TYPED_HERE_AND_NOW, "a forwarded command", typed(TAKE, forward_origin=ORIGIN), FORWARDED
    ),
    Sent(
        Promise.NOT_TYPED_HERE_AND_NOW,
        "forwarded from somebody hidden",
        typed(TAKE, forward_origin=HIDDEN_ORIGIN),
        FORWARDED,
    ),
    Sent(
        Promise.NOT_TYPED_HERE_AND_NOW,
        "forwarded from a channel",
        typed("/stats", forward_origin=FROM_CHANNEL),
        FORWARDED,
    ),
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "through another bot", typed(TAKE, via_bot=OTHERS_BOT), FORWARDED),
    Sent(
        Promise.NOT_TYPED_HERE_AND_NOW,
        "an admin's command through another bot",
        typed("/stats", via_bot=OTHERS_BOT),
        FORWARDED,
    ),
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "a bot's command", typed(TAKE, **{"from": OTHERS_BOT})),
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "a command without a sender", typed(TAKE, **{"from": None})),
    Sent(Promise.NOT_TYPED_HERE_AND_NOW, "in a channel's name", typed(TAKE, sender_chat=CHANNEL)),
    *(
        Sent(Promise.NOT_TYPED_HERE_AND_NOW, f"{name} too late: {text}", late(text, seconds), LATE, by=by)
        for name, seconds in AGO.items()
        for text, by in ((TAKE, EVA), ("/release 10.0.0.3", BORIS), ("/take new_name", EVA))
    ),
    Sent(
        Promise.NOT_TYPED_HERE_AND_NOW,
        "from the year 1970",
        typed(TAKE, date=0),
        LATE,
    ),
    Sent(
        Promise.NOT_TYPED_HERE_AND_NOW,
        "in reply to what was deleted",
        typed("/take scarce 10", reply_to_message=GONE),
        FEWER,
        by=EVA,
    ),
    Sent(Promise.NOT_A_COMMAND, "for another bot", typed("/take@other_bot beboo 5"), by=EVA),
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
    Sent(Promise.IN_A_GROUP, "talk", in_group("does anybody know?"), by=EVA, in_group=True),
    Sent(Promise.IN_A_GROUP, "a command of somebody else's", in_group("/ban @eva"), by=EVA, in_group=True),
    Sent(Promise.IN_A_GROUP, "another bot's", in_group("/take@other_bot beboo"), by=EVA, in_group=True),
    Sent(
        Promise.IN_A_GROUP,
        "a forwarded command",
        in_group(TAKE, forward_origin=ORIGIN),
        by=EVA,
        in_group=True,
    ),
    Sent(
        Promise.IN_A_GROUP,
        "a wrong command",
        in_group("/take beboo 0"),
        "“0” does not work here: it is 1 to 50 at once, in digits.",
        by=EVA,
        in_group=True,
    ),
    Sent(
        Promise.IN_A_GROUP,
        "a command that is unknown",
        in_group("/tkae@quartermaster_bot beboo"),
        "I do not know that command. Did you mean /take?",
        by=EVA,
        in_group=True,
    ),
    Sent(
        Promise.IN_A_GROUP,
        "an admin's command",
        in_group("/stats"),
        "That is for admins.",
        by=EVA,
        in_group=True,
    ),
    Sent(
        Promise.IN_A_GROUP,
        "a user's command, by a viewer",
        in_group("/take@quartermaster_bot beboo"),
        "That is for users.",
        by=CLARA,
        in_group=True,
    ),
    Sent(Promise.IN_A_GROUP, "a stranger's command", in_group(TAKE), by=DORA, in_group=True),
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
        in_group(TAKE, sender_chat=CHANNEL, is_automatic_forward=True, **{"from": TELEGRAM}),
        by=EVA,
        in_group=True,
    ),
)
CASES: tuple[Sent, ...] = (
    *sent_media.CASES,
    *ELSEWHERE,
    *(Sent(Promise.NOT_A_COMMAND, ascii(text)[:40], typed(text), says) for text, says in TALK.items()),
    *GROUPS,
    *sent_rubbish.CASES,
)
