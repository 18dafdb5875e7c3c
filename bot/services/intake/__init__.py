"""The intake: no update is lost, none runs twice.

What comes is stored, and only then confirmed to Telegram: a polled batch by asking for what comes after it, what
a webhook brings by its answer. Handlers work from what is stored, and mark it done; a start begins with what was
left open.
"""

from bot.services.intake.lanes import kind_of, lane_of
from bot.services.intake.ports import InboxStore, NotNow, RawUpdate, Stored, Undecodable, Undelivered, Updates
from bot.services.intake.service import Intake, IntakeStats

__all__ = [
    "InboxStore",
    "Intake",
    "IntakeStats",
    "NotNow",
    "RawUpdate",
    "Stored",
    "Undecodable",
    "Undelivered",
    "Updates",
    "kind_of",
    "lane_of",
]
