"""Who is what in a group: members come, go, are promoted and banned. ValueError if that cannot be."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sandbox.telegram.records import Chat, JsonObject, User
from sandbox.telegram.rendering import chat_json, user_json
from sandbox.telegram.world import TelegramWorld

STATUSES = ("creator", "administrator", "member", "left", "kicked")
INSIDE = frozenset({"creator", "administrator", "member"})
RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
    "can_pin_messages",
)


@dataclass(frozen=True, slots=True)
class Appointment:
    """What somebody becomes; `rights` are an administrator's."""

    status: str
    rights: Sequence[str] = ()


def status_of(chat: Chat, user: User) -> str:
    """One of STATUSES."""
    if user.id not in chat.members and (chat.is_group or not user.is_bot):
        return "kicked" if user.id in chat.banned else "left"
    if user.id == chat.creator:
        return "creator"
    return "administrator" if chat.is_administrator(user.id) else "member"


def member_json(chat: Chat, user: User) -> JsonObject:
    """A ChatMember."""
    status = status_of(chat, user)
    details: dict[str, JsonObject] = {
        "creator": {"is_anonymous": False},
        "administrator": {"can_be_edited": False, "is_anonymous": False, **_rights(chat, user)},
        "kicked": {"until_date": 0},
    }
    return {"status": status, "user": user_json(user), **details.get(status, {})}


def appoint(world: TelegramWorld, chat: Chat, user: User, actor: User, appointment: Appointment) -> list[int]:
    """Make somebody something else in a group; returns the ids of the updates that tell the bot."""
    _check(world, chat, user, appointment)
    before, was_inside = member_json(chat, user), user.id in chat.members
    _settle(chat, user.id, appointment)
    after = member_json(chat, user)
    if before == after:
        raise ValueError(f"{user.first_name} is that already")
    change = {"chat": chat_json(world, chat), "from": user_json(actor), "date": world.now()}
    told = [_tell(world, chat, user, change | {"old_chat_member": before, "new_chat_member": after})]
    if was_inside != (user.id in chat.members):
        told.append(world.report(chat, actor, _event(user, joined=not was_inside)).update_id)
    world.touch()
    return [update_id for update_id in told if update_id is not None]


def _check(world: TelegramWorld, chat: Chat, user: User, appointment: Appointment) -> None:
    if not chat.is_group or chat.migrated_to is not None:
        raise ValueError(f"chat {chat.id} is no group whose members change")
    if appointment.status not in STATUSES:
        raise ValueError(f"status must be one of {', '.join(STATUSES)}")
    unknown = set(appointment.rights) - set(RIGHTS)
    if unknown:
        raise ValueError(f"unknown rights: {', '.join(sorted(unknown))}")
    if appointment.status == "creator" and (user.is_bot or chat.creator not in (None, user.id)):
        raise ValueError("a group has one creator, who is a person")


def _settle(chat: Chat, user_id: int, appointment: Appointment) -> None:
    _without(chat.banned, user_id)
    chat.administrators.pop(str(user_id), None)
    if user_id == chat.creator:
        chat.creator = None
    if appointment.status in INSIDE:
        if user_id not in chat.members:
            chat.members.append(user_id)
    else:
        _without(chat.members, user_id)
    if appointment.status == "creator":
        chat.creator = user_id
    if appointment.status == "administrator":
        chat.administrators[str(user_id)] = sorted({"can_manage_chat", *appointment.rights})
    if appointment.status == "kicked":
        chat.banned.append(user_id)


def _tell(world: TelegramWorld, chat: Chat, user: User, change: JsonObject) -> int | None:
    """The bot always hears of itself; of others only as an administrator who has asked for it."""
    if user.id == world.bot.id:
        return world.push("my_chat_member", change)
    return world.push("chat_member", change) if chat.is_administrator(world.bot.id) else None


def _event(user: User, *, joined: bool) -> JsonObject:
    return {"new_chat_members": [user_json(user)]} if joined else {"left_chat_member": user_json(user)}


def _rights(chat: Chat, user: User) -> dict[str, bool]:
    held: Collection[str] = chat.administrators.get(str(user.id), [])
    return {right: right in held for right in RIGHTS}


def _without(ids: list[int], user_id: int) -> None:
    if user_id in ids:
        ids.remove(user_id)
