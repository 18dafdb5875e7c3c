"""The intake: no update is lost, none runs twice.

Every polled batch is stored in one transaction, and only then confirmed to Telegram, by asking for what comes
after it. Handlers work from what is stored, and mark it done; a start begins with what was left open.
"""

from bot.services.intake.lanes import kind_of, lane_of
from bot.services.intake.ports import InboxStore, RawUpdate, Stored, Undecodable, Undelivered, Updates
from bot.services.intake.service import Intake, IntakeStats

__all__ = [
    "InboxStore",
    "Intake",
    "IntakeStats",
    "RawUpdate",
    "Stored",
    "Undecodable",
    "Undelivered",
    "Updates",
    "kind_of",
    "lane_of",
]
