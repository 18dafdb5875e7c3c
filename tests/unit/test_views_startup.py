"""Why the bot cannot start: one line for whoever started it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import (
    AlreadyRunning,
    CannotListen,
    PeerRefused,
    PeerUnavailable,
    QuartermasterError,
    SheetLayoutError,
    StorageError,
)
from bot.views.startup import start_failure

SHEETS = "Google Sheets"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            AlreadyRunning("data/quartermaster.db"),
            "Another process is using data/quartermaster.db: stop it first, or set another DATA_DIR.",
        ),
        (StorageError("the disk is full"), "The database cannot be used: the disk is full."),
        (
            SheetLayoutError(("used_for",), ("proxy", "note")),
            "Row 1 of the sheet has no column used_for (it has proxy, note): add it there, or name it in .env.",
        ),
        (
            SheetLayoutError(("proxy", "used_for"), ()),
            "Row 1 of the sheet has no column proxy, used_for (it has nothing): add it there, or name it in .env.",
        ),
        (
            PeerRefused(SHEETS, 403, "the caller does not have permission"),
            "The sheet is not shared with the bot: share it, as editor, with desk@example.org.",
        ),
        (
            PeerRefused(SHEETS, 404, "no tab 'Pools', only Pool"),
            "The sheet was not found (no tab 'Pools', only Pool): check SHEET_ID and SHEET_TAB.",
        ),
        (
            PeerRefused(SHEETS, 401, "invalid_grant"),
            "Google does not accept the service account: make a new key and set GOOGLE_SERVICE_ACCOUNT.",
        ),
        (
            CannotListen("127.0.0.1", 8080, "Address already in use", taken=True),
            "Port 8080 is in use: end what listens there, or set another WEBHOOK_PORT.",
        ),
        (
            CannotListen("192.0.2.1", 8080, "Cannot assign requested address", taken=False),
            "The bot cannot listen at 192.0.2.1, port 8080 (Cannot assign requested address): check WEBHOOK_HOST.",
        ),
        (
            PeerRefused("telegram", 400, "Bad Request: bad webhook: no such host"),
            "Telegram does not accept the webhook (Bad Request: bad webhook: no such host): check WEBHOOK_URL.",
        ),
        (
            PeerRefused("telegram", 401, "Unauthorized"),
            "Telegram does not know the bot's token: copy it anew from @BotFather into BOT_TOKEN.",
        ),
        (PeerRefused(SHEETS, 400, "bad range"), "The bot cannot go on: Google Sheets: 400 bad range."),
        (
            PeerUnavailable(SHEETS, "no answer within 20 s"),
            "The bot cannot go on: Google Sheets: no answer within 20 s.",
        ),
        (QuartermasterError("the committer has ended"), "The bot cannot go on: the committer has ended."),
    ],
)
def test_each_failure_is_one_line_that_says_what_to_do(
    tmp_path: Path, error: QuartermasterError, line: str
) -> None:
    """What is wrong first; the address is the one in the key file."""
    key = tmp_path / "key.json"
    key.write_text('{"client_email": "desk@example.org"}')
    assert line == start_failure(error, key)
