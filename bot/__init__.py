"""Quartermaster: a Telegram bot for small desks that share scarce things."""

__version__ = "0.1.0"
