"""The sandbox's Telegram: a Bot API server on loopback, and the people who use the bot."""

from sandbox.telegram.app import create_telegram_app
from sandbox.telegram.control import control_routes
from sandbox.telegram.errors import telegram_error_body
from sandbox.telegram.world import TelegramWorld

__all__ = ["TelegramWorld", "control_routes", "create_telegram_app", "telegram_error_body"]
