"""Telegram's Bot API, as the bot uses it."""

from bot.gateways.telegram.client import make_bot
from bot.gateways.telegram.pace import OutgoingPace
from bot.gateways.telegram.updates import GetRawUpdates, TelegramUpdates, WebhookAddress

__all__ = ["GetRawUpdates", "OutgoingPace", "TelegramUpdates", "WebhookAddress", "make_bot"]
