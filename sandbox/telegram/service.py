"""Service messages: what the chat itself says of an event, in words for the chat page."""

from sandbox.telegram.records import JsonObject


def service_text(actor: str, event: JsonObject) -> str:
    """One sentence; empty for an ordinary message."""
    match event:
        case {"new_chat_members": [{"first_name": name}]}:
            return f"{name} joined" if name == actor else f"{actor} added {name}"
        case {"left_chat_member": {"first_name": name}}:
            return f"{name} left" if name == actor else f"{actor} removed {name}"
        case {"pinned_message": pinned}:
            return f"{actor} pinned “{_summary(pinned)}”"
        case {"web_app_data": {"button_text": button}}:
            return f"Data from “{button}” was sent to the bot"
        case {"migrate_to_chat_id": _} | {"migrate_from_chat_id": _}:
            return "The group has become a supergroup"
    return ""


def _summary(message: JsonObject) -> str:
    text = message.get("text") or message.get("caption")
    if text:
        return str(text)[:60]
    return next((f"[{kind}]" for kind in ("photo", "video", "document", "audio") if kind in message), "")
