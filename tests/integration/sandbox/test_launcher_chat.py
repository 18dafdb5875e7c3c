"""The chat page's server: what a browser may load, the sheet beside the chat, and how the bot is."""

import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

import sandbox.chat.app
from sandbox import demo
from sandbox.chat.app import Surroundings, create_chat_app
from sandbox.chat.sheet_view import BookView, typed
from sandbox.telegram.control import control_routes
from sandbox.worlds import Worlds, demo_worlds, restored_worlds

Client = TestClient[web.Request, web.Application]
PAGE = Path(sandbox.chat.app.__file__).with_name("page")


class Desk:
    """Demo worlds, and how often the bot was started or the sheet edited from the page."""

    def __init__(self) -> None:
        self.worlds = demo_worlds(date(2026, 11, 22), seed=0)
        self.starts = 0
        self.edits = 0

    async def start_bot(self) -> None:
        self.starts += 1

    def count_edit(self) -> None:
        self.edits += 1

    def surroundings(self) -> Surroundings:
        view = BookView(self.worlds.sheets, demo.SPREADSHEET_ID, self.count_edit)
        return Surroundings(lambda: {"bot": "ended", "exit_code": 1}, self.start_bot, view)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[Client]:
    app = create_chat_app(desk.surroundings(), control_routes(desk.worlds.telegram))
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_every_file_that_the_page_names_is_served(client: Client) -> None:
    """Scripts and styles named in the page and in one another exist, and all come from here."""
    html = await (await client.get("/")).text()
    named = set(re.findall(r'(?:href|src)="(/[^"]+)"', html))
    for script in PAGE.glob("*.js"):
        named |= {f"/page/{name}" for name in re.findall(r'from "\./([^"]+)"', script.read_text())}
    assert len(named) > 10
    assert dict.fromkeys(named, 200) == {name: (await client.get(name)).status for name in named}
    assert "http" not in re.sub(r'content="[^"]*"', "", html)


async def test_nothing_foreign_and_nothing_inline_may_run(client: Client) -> None:
    """A strict content policy on the page; no inline script, style or handler that it would stop."""
    answer = await client.get("/")
    policy = answer.headers["Content-Security-Policy"]
    html = await answer.text()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*src=)|<style| style=| on\w+=", html)
    for script in PAGE.glob("*.js"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script.read_text()
        )


async def test_the_page_talks_to_telegrams_control_side_on_its_own_port(client: Client) -> None:
    """A message sent through the page's origin is in the world."""
    sent = await client.post("/sandbox/send", json={"user": 1001, "text": "/start"})
    messages = await (await client.get("/sandbox/chats/1001/messages")).json()
    assert sent.status == 200
    assert [message["text"] for message in messages] == ["/start"]


async def test_the_sheet_is_shown_as_people_see_it(client: Client) -> None:
    """All rows as texts, dates as dates; asked again with the same revision nothing is sent."""
    sheet = await (await client.get("/sheet")).json()
    assert (sheet["spreadsheet"], sheet["title"], sheet["total"]) == ("Proxies of the desk", "Proxies", 151)
    assert sheet["rows"][0] == list(demo.HEADERS)
    assert len(sheet["rows"]) == 151
    assert {type(cell) for row in sheet["rows"] for cell in row} == {str}
    assert any(re.fullmatch(r"2026-1\d-\d\d", row[3]) for row in sheet["rows"])
    again = await (await client.get(f"/sheet?revision={sheet['revision']}")).json()
    assert again == {"revision": sheet["revision"]}


async def test_a_cell_can_be_edited_and_rows_sorted_as_a_colleague_would(client: Client, desk: Desk) -> None:
    """What is typed becomes a number, a day or text; a sort moves whole rows; each is a change to be saved."""
    for cell, value in (("G2", "kept for Chen"), ("E2", "7"), ("D2", "2020-02-29")):
        await client.post("/sheet/edit", json={"kind": "cell", "cell": cell, "value": value})
    before = desk.worlds.sheets.books[demo.SPREADSHEET_ID].sheets[0].grid.rows[1].copy()
    edit = {"kind": "sort", "range": "A2:G151", "column": "D", "descending": True}
    rows = (await (await client.post("/sheet/edit", json=edit)).json())["rows"]
    assert before[3:5] == [43890, 7]
    assert [[before[0], "2020-02-29", "7"]] == [
        [row[0], *row[3:5]] for row in rows if row[6:] == ["kept for Chen"]
    ]
    assert desk.edits == 4


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"kind": "dance"}',
        b'{"kind": "cell", "cell": "A1"}',
        b'{"kind": "cell", "cell": 1, "value": 1}',
    ],
)
async def test_a_senseless_edit_is_refused_with_a_reason(client: Client, desk: Desk, body: bytes) -> None:
    """400 and a reason; the sheet stays as it was."""
    answer = await client.post("/sheet/edit", data=body, headers={"Content-Type": "application/json"})
    assert answer.status == 400
    assert (await answer.json())["error"]
    assert desk.edits == 0


async def test_a_spreadsheet_that_is_gone_is_said_to_be(client: Client, desk: Desk) -> None:
    """A test that removed the demo book gets a 400 with words, not a stack trace."""
    desk.worlds.sheets.books.clear()
    answer = await client.get("/sheet")
    assert (answer.status, "gone" in (await answer.json())["error"]) == (400, True)


async def test_the_bot_can_be_started_from_the_page(client: Client, desk: Desk) -> None:
    """The page learns how the bot is and may start it."""
    assert (await (await client.get("/place")).json())["bot"] == "ended"
    assert (await client.post("/bot/start", json={})).status == 200
    assert desk.starts == 1


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("12", {"value": 12}),
        ("-1.5", {"value": -1.5}),
        ("true", {"value": True}),
        ("2026-11-22", {"value": 46348, "format": "DATE"}),
        ("31.12.2026", {"value": "31.12.2026"}),
        ("١٢", {"value": "١٢"}),
        ("", {"value": ""}),
    ],
)
def test_typed_text_is_understood_as_sheets_does(text: str, cell: dict[str, object]) -> None:
    """Numbers, booleans and ISO days are recognised; everything else stays text."""
    assert typed(text) == cell


def test_worlds_survive_being_kept(desk: Desk) -> None:
    """What is dumped and restored is the same sheet, the same people and the same exchange."""
    kept = desk.worlds.dump()
    again = restored_worlds(kept)
    assert again.exchange.dump() == kept["exchange"]
    assert again.sheets.dump() == desk.worlds.sheets.dump()
    assert again.telegram.users == desk.worlds.telegram.users


def test_a_world_from_before_the_exchange_gets_the_demos(desk: Desk) -> None:
    """Who has kept a world for long loses nothing of it, and can trade all the same."""
    kept = desk.worlds.dump()
    del kept["exchange"]
    assert set(restored_worlds(kept).exchange.keys) == set(desk.worlds.exchange.keys)


@pytest.mark.parametrize("kept", [{}, {"version": 1}, {"version": 2}, {"version": 1, "telegram": []}])
def test_what_is_no_world_is_refused(kept: dict[str, object]) -> None:
    """Restoring anything else raises ValueError."""
    with pytest.raises(ValueError):
        restored_worlds(kept)


def test_the_demo_people_are_in_telegram() -> None:
    """The four demo people exist and have not written yet."""
    worlds: Worlds = demo_worlds(date(2026, 11, 22), seed=0)
    assert {1001, 1002, 1003, 1004} < set(worlds.telegram.users)
    assert not any(worlds.telegram.chats[person.id].started for person in demo.PEOPLE)
