"""The state behind all local servers: made new as a demo, or taken up where the last start left it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from sandbox import demo
from sandbox.exchange.demo import demo_exchange
from sandbox.exchange.world import ExchangeWorld
from sandbox.sheets.world import SheetsWorld
from sandbox.telegram.world import TelegramWorld

VERSION = 1


@dataclass(frozen=True, slots=True)
class Worlds:
    """Telegram's people and chats; Google's spreadsheets and service accounts; the exchange's accounts and orders."""

    telegram: TelegramWorld
    sheets: SheetsWorld
    exchange: ExchangeWorld

    def dump(self) -> dict[str, Any]:
        """All of them as one JSON-able object."""
        return {
            "version": VERSION,
            "telegram": self.telegram.dump(),
            "sheets": self.sheets.dump(),
            "exchange": self.exchange.dump(),
        }


def demo_worlds(today: date, seed: int) -> Worlds:
    """The demo people, who have not written yet, the demo sheet and the demo accounts at the exchange."""
    telegram, sheets = TelegramWorld(), SheetsWorld(Random(seed))
    for person in demo.PEOPLE:
        telegram.add_user(person.first_name, person.username or "", user_id=person.id)
    sheet = demo.demo_sheet(today, seed)
    formats = dict.fromkeys(sheet.date_cells, "DATE")
    tab = {"title": demo.TAB, "values": sheet.values, "formats": formats}
    sheets.put_book(demo.SPREADSHEET_ID, {"title": demo.SPREADSHEET_TITLE, "sheets": [tab]})
    return Worlds(telegram, sheets, demo_exchange(seed))


def restored_worlds(kept: Mapping[str, Any]) -> Worlds:
    """What `Worlds.dump` gave; ValueError if it is something else."""
    try:
        if kept["version"] != VERSION:
            raise ValueError(f"a world of version {kept['version']}, not {VERSION}")
        telegram = TelegramWorld()
        telegram.load(kept["telegram"])
        sheets = SheetsWorld.load(kept["sheets"])
        # A world from before there was an exchange gets the demo's.
        exchange = ExchangeWorld.load(kept["exchange"]) if "exchange" in kept else demo_exchange()
        return Worlds(telegram, sheets, exchange)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a world: {error!r}") from error
