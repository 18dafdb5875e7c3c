"""A running local world: the one place where its servers, its state and the bot are wired together."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping
from socket import socket
from typing import Any

from aiohttp import web

from sandbox import demo
from sandbox.autosave import Autosave
from sandbox.chat.app import Surroundings, create_chat_app
from sandbox.chat.sheet_view import BookView
from sandbox.child import BotProcess
from sandbox.exchange.app import create_exchange_app
from sandbox.exchange.demo import TRADER
from sandbox.exchange.errors import exchange_error_body
from sandbox.faults import Faults
from sandbox.options import Options
from sandbox.persistence import DataDir
from sandbox.ports import address
from sandbox.prices.app import create_prices_app, prices_error_body
from sandbox.prices.world import PricesWorld
from sandbox.sheets.app import RUNNER_OPTIONS, create_sheets_app
from sandbox.telegram.app import create_telegram_app
from sandbox.telegram.control import control_routes
from sandbox.telegram.errors import telegram_error_body
from sandbox.worlds import Worlds

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SHUTDOWN_SECONDS = 1.0


class Sandbox:
    """A running local world: servers on the given sockets, the bot beside them, the state on disk."""

    def __init__(
        self,
        options: Options,
        data: DataDir,
        worlds: Worlds,
        sockets: Mapping[str, socket],
        say: Callable[[str], None],
    ) -> None:
        self._options = options
        self._data = data
        self._worlds = worlds
        self._sockets = sockets
        self._say = say
        self._urls = {name: address(bound) for name, bound in sockets.items()}
        self._bot = BotProcess(bot_settings(self._urls, worlds, data), say) if options.bot else None
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Serve until the first SIGINT or SIGTERM; a second one kills the bot at once."""
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal)
        autosave = Autosave(lambda: self._data.save_world(self._worlds.dump()))
        self._worlds.telegram.on_change = autosave.changed
        self._save_key()
        autosave.changed()
        runners = await self._serve(autosave)
        self._announce()
        try:
            await self._start_bot()
            await self._stopped.wait()
            await self._stop_bot()
        finally:
            self._worlds.telegram.close()
            await asyncio.gather(*(runner.cleanup() for runner in runners))
            autosave.changed()
            autosave.flush()

    def _on_signal(self) -> None:
        if self._stopped.is_set() and self._bot is not None:
            self._bot.kill()
        elif self._bot is not None and self._bot.running:
            self._say("Waiting for the bot to end; a second Ctrl-C kills it.")
        self._stopped.set()

    def _save_key(self) -> None:
        # Anew at each start: the port in its token_uri may have changed.
        token_uri = f"{self._urls['sheets']}/token"
        self._data.save_service_account(self._worlds.sheets.make_service_account(token_uri))

    # -- servers --------------------------------------------------------------------------------------------

    async def _serve(self, autosave: Autosave) -> list[web.AppRunner]:
        runners = []
        for name, app in self._apps(autosave).items():
            options = RUNNER_OPTIONS if name == "sheets" else {}
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, **options)
            await runner.setup()
            await web.SockSite(runner, self._sockets[name]).start()
            runners.append(runner)
        return runners

    def _apps(self, autosave: Autosave) -> dict[str, web.Application]:
        options, worlds = self._options, self._worlds
        faults: dict[str, Any] = {"seed": options.seed, "latency_ms": options.latency_ms}
        worlds.telegram.settings.flood = options.flood
        telegram = create_telegram_app(worlds.telegram, Faults(error_body=telegram_error_body, **faults))
        sheets = create_sheets_app(worlds.sheets, Faults(**faults), quota=options.quota, auth=options.auth)
        venue_faults = Faults(error_body=exchange_error_body, **faults)
        exchange = create_exchange_app(worlds.exchange, venue_faults, quota=options.quota)
        prices = create_prices_app(
            PricesWorld(worlds.exchange), Faults(error_body=prices_error_body, **faults)
        )
        # Innermost: it must also see the work that a fault carries out late or without an answer.
        for app in (sheets, exchange):
            app.middlewares.append(_noticing_writes(autosave))
        view = BookView(worlds.sheets, demo.SPREADSHEET_ID, autosave.changed)
        chat = create_chat_app(
            Surroundings(self._place, self._start_bot, view), control_routes(worlds.telegram)
        )
        servers = {"telegram": telegram, "sheets": sheets, "exchange": exchange, "prices": prices}
        return servers | {"chat": chat}

    def _announce(self) -> None:
        self._say(f"Telegram   {self._urls['telegram']}")
        self._say(f"Sheets     {self._urls['sheets']}")
        self._say(f"Exchange   {self._urls['exchange']}  key {TRADER.key} secret {TRADER.secret}")
        self._say(f"Prices     {self._urls['prices']}")
        self._say(f"Chat page  {self._urls['chat']}  ← open this")
        people = ", ".join(f"{person.first_name} ({person.role}, {person.id})" for person in demo.PEOPLE)
        self._say(f"People     {people}")

    # -- what the page asks ---------------------------------------------------------------------------------

    def _place(self) -> dict[str, Any]:
        bot = "none" if self._bot is None else "running" if self._bot.running else "ended"
        return {
            "bot": bot,
            "exit_code": self._bot.exit_code if self._bot else None,
            "bot_name": self._worlds.telegram.bot.first_name,
            "roles": {person.id: person.role for person in demo.PEOPLE},
        }

    # -- the bot --------------------------------------------------------------------------------------------

    async def _start_bot(self) -> None:
        if self._bot is None:
            return
        self._data.bot.mkdir(exist_ok=True)
        await self._bot.start()

    async def _stop_bot(self) -> None:
        if self._bot is not None:
            await self._bot.stop()


def bot_settings(urls: Mapping[str, str], worlds: Worlds, data: DataDir) -> dict[str, str]:
    """The ordinary settings that point the bot at the local world."""
    return {
        "BOT_TOKEN": worlds.telegram.token,
        "TELEGRAM_API_URL": urls["telegram"],
        "ADMIN_IDS": ",".join(str(person.id) for person in demo.PEOPLE if person.admin),
        "ALLOWED_IDS": ",".join(str(person.id) for person in demo.PEOPLE if person.allowed),
        "SHEET_ID": demo.SPREADSHEET_ID,
        "GOOGLE_SERVICE_ACCOUNT": str(data.service_account.absolute()),
        "SHEETS_API_URL": urls["sheets"],
        "BYBIT_API_URL": urls["exchange"],
        "PRICES_API_URL": urls["prices"],
        "DATA_DIR": str(data.bot.absolute()),
    }


def _noticing_writes(autosave: Autosave) -> Any:
    @web.middleware
    async def notice(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        finally:
            if request.method not in ("GET", "HEAD"):
                autosave.changed()

    return notice
