"""Every setting of the bot, read once at the start and typed; see `.env.example` for what each one does."""

from bot.settings.loading import env_file_named_by, load_settings
from bot.settings.problems import SettingProblem, SettingsError
from bot.settings.sections import (
    AlertSettings,
    LogSettings,
    PoolSettings,
    Settings,
    SheetSettings,
    StorageSettings,
    TelegramSettings,
)

__all__ = [
    "AlertSettings",
    "LogSettings",
    "PoolSettings",
    "SettingProblem",
    "Settings",
    "SettingsError",
    "SheetSettings",
    "StorageSettings",
    "TelegramSettings",
    "env_file_named_by",
    "load_settings",
]
