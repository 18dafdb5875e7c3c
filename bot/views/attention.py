"""What needs an admin: each open matter, `topic: what is known of it`, as a sentence that says what to do."""

from __future__ import annotations

from bot.views.text import escaped

LONGEST = 150


def sentence(matter: str) -> str:
    """For /stats, /refresh and the notice; a topic that is not known is told as it is."""
    topic, _, detail = matter.partition(": ")
    kind, _, subject = topic.partition(" ")
    what = escaped(detail[:LONGEST])
    match kind:
        case "columns":
            return f"{what[:1].upper()}{what[1:]}: add it there, or see /doctor."
        case "audit":
            return f"{what[:1].upper()}{what[1:]}."
        case "sheet":
            return f"The sheet cannot be worked with: {what}. See /doctor."
        case "repair":
            return (
                "Somebody keeps changing a row while I write it. Leave it alone for a minute, then tap Retry."
            )
        case "refused":
            return f"Google refuses changes in {what}. See /doctor."
        case "storage":
            return "My records cannot be written, so nothing is handed out. Is the disk full?"
        case "orders":
            return f"Nobody knows what has become of {what}: look at the exchange, and answer the message I sent you."
        case "removals":
            return f"{what}. Answer the message that I sent you."
        case "price":
            return (
                f"I have refused a price of {escaped(subject)}: {what}. "
                "The last good one stays until a second source confirms a new one; see METAL_SOURCES."
            )
    return escaped(matter[:LONGEST])
