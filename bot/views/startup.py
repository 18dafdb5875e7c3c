"""Why the bot cannot start: one line what is wrong, and what to do. Plain text, for the terminal."""

from __future__ import annotations

import json
from pathlib import Path

from bot.errors import (
    AlreadyRunning,
    CannotListen,
    PeerRefused,
    QuartermasterError,
    SheetLayoutError,
    StorageError,
)

FORBIDDEN = 403
NOT_FOUND = 404


def start_failure(error: QuartermasterError, service_account: Path) -> str:
    """What to tell whoever started the bot; `service_account` is the file with the bot's address at Google."""
    match error:
        case AlreadyRunning():
            return f"Another process is using {error.path}: stop it first, or set another DATA_DIR."
        case CannotListen(taken=True):
            return f"Port {error.port} is in use: end what listens there, or set another WEBHOOK_PORT."
        case CannotListen():
            return f"The bot cannot listen at {error.host}, port {error.port} ({error.detail}): check WEBHOOK_HOST."
        case StorageError():
            return f"The database cannot be used: {error}."
        case SheetLayoutError():
            missing = ", ".join(error.missing)
            found = ", ".join(error.found) or "nothing"
            return f"Row 1 of the sheet has no column {missing} (it has {found}): add it there, or name it in .env."
        case PeerRefused(status=status, peer="Google Sheets") if status == FORBIDDEN:
            return f"The sheet is not shared with the bot: share it, as editor, with {_address(service_account)}."
        case PeerRefused(status=status, peer="Google Sheets") if status == NOT_FOUND:
            return f"The sheet was not found ({error.message}): check SHEET_ID and SHEET_TAB."
        case PeerRefused(status=401, peer="Google Sheets"):
            return (
                "Google does not accept the service account: make a new key and set GOOGLE_SERVICE_ACCOUNT."
            )
        case PeerRefused(status=400, peer="telegram"):
            return f"Telegram does not accept the webhook ({error.message}): check WEBHOOK_URL."
        case PeerRefused(peer="telegram"):
            return "Telegram does not know the bot's token: copy it anew from @BotFather into BOT_TOKEN."
    return f"The bot cannot go on: {error}."


def _address(service_account: Path) -> str:
    return str(json.loads(service_account.read_text())["client_email"])
