"""The witness: the real gspread, with real service-account credentials, against the server."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import gspread
import pytest
import requests
from google.oauth2 import service_account
from sheets_bench import BOOK, Bench, running_sheets

T = TypeVar("T")
GOOGLE = "https://sheets.googleapis.com"


class LocalCredentials(service_account.Credentials):
    """google-auth's own, without its look-up of regions at another host of Google's."""

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


@contextmanager
def gspread_client(bench: Bench, account: str = "quartermaster") -> Iterator[gspread.Client]:
    """gspread as it is, but for the host it speaks to."""

    class Local(gspread.HTTPClient):
        def request(self, method: str, endpoint: str, *args: Any, **options: Any) -> requests.Response:
            return super().request(method, endpoint.replace(GOOGLE, bench.url), *args, **options)

    info = bench.world.make_service_account(bench.url + "/token", account)
    credentials = LocalCredentials.from_service_account_info(info, scopes=gspread.auth.DEFAULT_SCOPES)
    client = gspread.authorize(credentials, http_client=Local)
    try:
        yield client
    finally:
        client.session.close() if hasattr(client, "session") else client.http_client.session.close()


async def with_gspread(bench: Bench, use: Callable[[gspread.Client], T], **options: str) -> T:
    """Run a blocking use of gspread in a thread."""

    def run() -> T:
        with gspread_client(bench, **options) as client:
            return use(client)

    return await asyncio.to_thread(run)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running_sheets(auth=True, quota=True, clock=time.time) as bench:
        yield bench


async def test_open_and_read(bench: Bench) -> None:
    """open_by_key, worksheet, get and batch_get work unchanged."""

    def use(client: gspread.Client) -> Any:
        book = client.open_by_key(BOOK)
        sheet = book.worksheet("Pool")
        assert (book.title, sheet.id, sheet.row_count, sheet.col_count) == ("Desk", 0, 1000, 26)
        return (
            sheet.get("A1:C3"),
            sheet.batch_get(["A1:A1", "2:3"]),
            sheet.row_values(3),
            sheet.get_all_values(),
        )

    first, batch, row, everything = await with_gspread(bench, use)
    assert first == [["a", "", "c"], [], ["d"]]
    assert [list(part) for part in batch] == [[["a"]], [[], ["d"]]]
    assert (row, everything) == (["d"], [["a", "", "c"], ["", "", ""], ["d", "", ""]])
    counters = await bench.control("GET", "/counters")
    assert (counters["token_calls"], counters["reads"], counters["writes"]) == (1, 6, 0)


async def test_write(bench: Bench) -> None:
    """update and batch_update send RAW and get Google's counts back."""

    def use(client: gspread.Client) -> Any:
        sheet = client.open_by_key(BOOK).sheet1
        single = sheet.update([["=1+1", 5]], "A5")
        return single, sheet.batch_update(
            [{"range": "6:6", "values": [[None, "x"]]}, {"range": "A7", "values": [["y"]]}],
            include_values_in_response=True,
        )

    single, batch = await with_gspread(bench, use)
    assert (single["updatedRange"], single["updatedCells"]) == ("Pool!A5:B5", 2)
    assert (batch["totalUpdatedCells"], batch["totalUpdatedRows"]) == (2, 2)
    assert batch["responses"][0]["updatedData"]["values"] == [["", "x"]]
    assert await with_gspread(bench, lambda client: client.open_by_key(BOOK).sheet1.get("A5:B7")) == [
        ["=1+1", "5"],
        ["", "x"],
        ["y"],
    ]


async def test_titles_with_apostrophes_and_cells(bench: Bench) -> None:
    """What gspread quotes, the server finds: Bob's, P1, Лист 1 and A/B!."""
    titles = ["Bob's", "P1", "Лист 1", "A/B!"]
    await bench.put_book(*({"title": title, "values": [[title]]} for title in titles))

    def use(client: gspread.Client) -> list[Any]:
        book = client.open_by_key(BOOK)
        return [book.worksheet(title).acell("A1").value for title in titles]

    assert await with_gspread(bench, use) == titles


async def test_error_classes(bench: Bench) -> None:
    """404 and 403 on opening, and APIError with code and message for the rest."""
    await bench.put_book({"title": "Secret"}, book="secret", shared_with=[])

    def use(client: gspread.Client) -> list[str]:
        with pytest.raises(gspread.SpreadsheetNotFound):
            client.open_by_key("nothing")
        with pytest.raises(PermissionError):
            client.open_by_key("secret")
        sheet = client.open_by_key(BOOK).sheet1
        with pytest.raises(gspread.WorksheetNotFound):
            client.open_by_key(BOOK).worksheet("Nobody")
        with pytest.raises(gspread.exceptions.APIError) as past_grid:
            sheet.get("A1001")
        with pytest.raises(gspread.exceptions.APIError) as too_wide:
            sheet.update([["x", "y"]], "A1:A2")
        return [str(past_grid.value), str(too_wide.value)]

    assert await with_gspread(bench, use) == [
        "APIError: [400]: Range (Pool!A1001) exceeds grid limits. Max rows: 1000, max columns: 26",
        "APIError: [400]: Requested writing within range [Pool!A1:A2], but tried writing to column [B]",
    ]


async def test_faults_look_to_gspread_as_google_s_do(bench: Bench) -> None:
    """A 503 has its code, an HTML 502 has -1, a reset is a requests error."""
    for rule in ({"kind": "status", "status": 503}, {"kind": "html"}, {"kind": "reset"}):
        bench.faults.add({**rule, "times": 1, "path": "/values/", "skip": 0})

    def use(client: gspread.Client) -> list[int]:
        sheet = client.open_by_key(BOOK).sheet1
        codes = []
        for _ in range(2):
            with pytest.raises(gspread.exceptions.APIError) as refused:
                sheet.get("A1")
            codes.append(refused.value.code)
        with pytest.raises(requests.ConnectionError):
            sheet.get("A1")
        return codes

    assert await with_gspread(bench, use) == [503, -1]


async def test_an_unshared_account_is_refused(bench: Bench) -> None:
    """A second service account has tokens of its own, but no access."""
    with pytest.raises(PermissionError):
        await with_gspread(bench, lambda client: client.open_by_key(BOOK), account="stranger")
