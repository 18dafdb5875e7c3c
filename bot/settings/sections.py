"""The settings by name, one section for each thing the bot deals with. Durations are in seconds."""

from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.settings import identities, places, quantities, webhook
from bot.settings.desks import MarketSettings, TradingSettings
from bot.settings.forms import FormError, choice, header_names, text
from bot.settings.section import Section

TELEGRAM_API = "https://api.telegram.org"
SHEETS_API = "https://sheets.googleapis.com"
DATABASE_FILE = "quartermaster.db"

COLUMNS = ("proxy", "used_for", "issued", "expires", "days_left", "country", "note")

ColumnNames = Annotated[tuple[str, ...], header_names()]
CallsPerMinute = Annotated[int, quantities.whole_number(1, 300)]


class TelegramSettings(Section):
    """The bot's account, its server, the people it listens to, and the webhook (None: it asks for updates)."""

    token: Annotated[SecretStr, identities.bot_token()] = Field(validation_alias="BOT_TOKEN")
    api_url: Annotated[str, places.base_url(TELEGRAM_API, not_with="/bot")] = Field(
        default=TELEGRAM_API, validation_alias="TELEGRAM_API_URL"
    )
    admin_ids: Annotated[frozenset[int], identities.user_ids()] = Field(validation_alias="ADMIN_IDS")
    allowed_ids: Annotated[frozenset[int], identities.user_ids()] = Field(
        default=frozenset(), validation_alias="ALLOWED_IDS"
    )
    requests_per_minute: Annotated[int, quantities.whole_number(1, 600)] = Field(
        default=60, validation_alias="REQUESTS_PER_MINUTE"
    )
    lean_start: Annotated[Literal["on", "off"], choice("on", "off")] = Field(
        default="on", validation_alias="LEAN_START"
    )
    webhook_url: Annotated[str | None, webhook.update_url()] = Field(
        default=None, validation_alias="WEBHOOK_URL"
    )
    webhook_secret: Annotated[SecretStr | None, webhook.update_secret()] = Field(
        default=None, validation_alias="WEBHOOK_SECRET"
    )
    webhook_host: Annotated[str, webhook.listening_host()] = Field(
        default="127.0.0.1", validation_alias="WEBHOOK_HOST"
    )
    webhook_port: Annotated[int, quantities.whole_number(1, 65_535)] = Field(
        default=8080, validation_alias="WEBHOOK_PORT"
    )

    @field_validator("webhook_url")
    @classmethod
    def _can_be_reached(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url is not None and "api_url" in info.data:
            webhook.check_reachable(url, info.data["api_url"])
        return url

    @field_validator("webhook_secret")
    @classmethod
    def _keeps_others_out(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if secret is None and info.data.get("webhook_url") is not None:
            raise FormError("is missing: without it anybody could send updates to WEBHOOK_URL")
        return secret


class SheetSettings(Section):
    """The spreadsheet with the proxies, how to read it, and the pace Google allows."""

    id: Annotated[str, identities.spreadsheet_id()] = Field(validation_alias="SHEET_ID")
    tab: Annotated[str | None, text()] = Field(default=None, validation_alias="SHEET_TAB")
    service_account: Annotated[Path, places.service_account_file()] = Field(
        validation_alias="GOOGLE_SERVICE_ACCOUNT"
    )
    api_url: Annotated[str, places.base_url(SHEETS_API, not_with="/v4")] = Field(
        default=SHEETS_API, validation_alias="SHEETS_API_URL"
    )
    reads_per_minute: CallsPerMinute = Field(default=50, validation_alias="SHEET_READS_PER_MINUTE")
    writes_per_minute: CallsPerMinute = Field(default=50, validation_alias="SHEET_WRITES_PER_MINUTE")
    cache_ttl: Annotated[float, quantities.duration(0.1, 3600)] = Field(
        default=60.0, validation_alias="SHEET_CACHE_TTL"
    )
    write_horizon: Annotated[float, quantities.duration(1, 3600)] = Field(
        default=200.0, validation_alias="SHEET_WRITE_HORIZON"
    )
    call_timeout: Annotated[float, quantities.duration(0.1, 180)] = Field(
        default=20.0, validation_alias="SHEET_CALL_TIMEOUT"
    )
    column_proxy: ColumnNames = Field(
        default=("proxy", "proxies", "address"), validation_alias="SHEET_COLUMN_PROXY"
    )
    column_used_for: ColumnNames = Field(
        default=("used_for", "used for", "usage"), validation_alias="SHEET_COLUMN_USED_FOR"
    )
    column_issued: ColumnNames = Field(default=("issued",), validation_alias="SHEET_COLUMN_ISSUED")
    column_expires: ColumnNames = Field(
        default=("expires", "expiry", "expires_at", "valid until"), validation_alias="SHEET_COLUMN_EXPIRES"
    )
    column_days_left: ColumnNames = Field(
        default=("days_left", "days left"), validation_alias="SHEET_COLUMN_DAYS_LEFT"
    )
    column_country: ColumnNames = Field(default=("country", "geo"), validation_alias="SHEET_COLUMN_COUNTRY")
    column_note: ColumnNames = Field(
        default=("note", "notes", "comment"), validation_alias="SHEET_COLUMN_NOTE"
    )

    @field_validator(*(f"column_{column}" for column in COLUMNS))
    @classmethod
    def _names_one_column(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for field, others in info.data.items():
            if field.startswith("column_") and not set(names).isdisjoint(others):
                raise FormError(f"shares a header with SHEET_{field.upper()}")
        return names

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """For each column (`proxy`, `used_for`, …) the header names it is found by, casefolded."""
        return {column: getattr(self, f"column_{column}") for column in COLUMNS}


class PoolSettings(Section):
    """How proxies are promised."""

    reservation_ttl: Annotated[float, quantities.duration(1, 86_400)] = Field(
        default=300.0, validation_alias="RESERVATION_TTL"
    )
    max_held: Annotated[int, quantities.whole_number(1, 100_000)] = Field(
        default=500, validation_alias="MAX_HELD"
    )
    max_reserved: Annotated[int, quantities.whole_number(1, 1_000)] = Field(
        default=50, validation_alias="MAX_RESERVED"
    )
    take_mode: Annotated[Literal["strict", "fast"], choice("strict", "fast")] = Field(
        default="strict", validation_alias="TAKE_MODE"
    )
    outage: Annotated[Literal["queue", "refuse"], choice("queue", "refuse")] = Field(
        default="queue", validation_alias="SHEET_OUTAGE"
    )
    timezone: Annotated[ZoneInfo, quantities.time_zone()] = Field(
        default_factory=lambda: ZoneInfo("UTC"), validation_alias="TIMEZONE"
    )


def _database_beside(data: dict[str, Any]) -> str:
    return f"sqlite+aiosqlite:///{data['data_dir'] / DATABASE_FILE}"


class StorageSettings(Section):
    """Where the bot keeps what it must not forget, and the keys it is encrypted with (the first encrypts)."""

    data_dir: Annotated[Path, places.folder()] = Field(default=Path("data"), validation_alias="DATA_DIR")
    database_url: Annotated[str, places.sqlite_url()] = Field(
        default_factory=_database_beside, validation_alias="DATABASE_URL"
    )
    secret_keys: Annotated[tuple[SecretStr, ...], identities.fernet_keys()] = Field(
        default=(), validation_alias="SECRET_KEY"
    )


class LogSettings(Section):
    """What is logged, how it looks, and where it goes besides stderr."""

    level: Annotated[str, choice("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")] = Field(
        default="INFO", validation_alias="LOG_LEVEL"
    )
    format: Annotated[Literal["console", "json"], choice("console", "json")] = Field(
        default="console", validation_alias="LOG_FORMAT"
    )
    file: Annotated[Path | None, places.file()] = Field(default=None, validation_alias="LOG_FILE")


class AlertSettings(Section):
    """What admins are warned of, and where warnings go besides their chats."""

    low_stock: Annotated[int, quantities.whole_number(0, 100_000)] = Field(
        default=5, validation_alias="LOW_STOCK"
    )
    webhook_url: Annotated[SecretStr | None, places.webhook_url()] = Field(
        default=None, validation_alias="ALERT_WEBHOOK_URL"
    )
    webhook_secret: Annotated[SecretStr | None, identities.signing_secret()] = Field(
        default=None, validation_alias="ALERT_WEBHOOK_SECRET"
    )

    @field_validator("webhook_secret")
    @classmethod
    def _goes_with_the_url(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if secret is None and info.data.get("webhook_url") is not None:
            raise FormError("is missing: what goes to ALERT_WEBHOOK_URL is signed with it")
        return secret


class Settings(BaseSettings):
    """All settings, by section."""

    model_config = SettingsConfigDict(frozen=True, validate_default=True, hide_input_in_errors=True)

    telegram: TelegramSettings
    sheet: SheetSettings
    pool: PoolSettings
    alerts: AlertSettings = Field(default_factory=AlertSettings)
    trading: TradingSettings = Field(default_factory=TradingSettings)
    markets: MarketSettings = Field(default_factory=MarketSettings)
    storage: StorageSettings
    log: LogSettings

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """`load_settings` brings the values: the usual sources know neither slips of the pen nor double lines."""
        return (init_settings,)

    def secrets(self) -> tuple[str, ...]:
        """What must never be shown or logged, as plain text."""
        telegram = (self.telegram.token, self.telegram.webhook_secret)
        alerts = (self.alerts.webhook_url, self.alerts.webhook_secret)
        secrets = (*telegram, *self.storage.secret_keys, *alerts, self.markets.coincap_key)
        return tuple(secret.get_secret_value() for secret in secrets if secret is not None)

    def warnings(self) -> tuple[str, ...]:
        """What is allowed but unwise, a sentence each."""
        path, secret = self.sheet.service_account, self.telegram.webhook_secret
        found = {
            f"GOOGLE_SERVICE_ACCOUNT: every user of this machine can read {path}; run: chmod 600 {path}": (
                places.readable_by_others(path)
            ),
            "WEBHOOK_SECRET: is short enough to be guessed; make a new one of 16 characters or more": (
                secret is not None and len(secret) < identities.SHORTEST_SECRET
            ),
        }
        return tuple(sentence for sentence, holds in found.items() if holds)
