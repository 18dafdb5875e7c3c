"""What a client meets when latency or a fault is switched on, over a real socket."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sandbox.faults import Faults, Handler

ANSWER = "0123456789" * 20


@dataclass
class Bench:
    """A server with one unit of work, `/work`, and a client for it."""

    client: aiohttp.ClientSession
    faults: Faults
    url: str
    done: list[str] = field(default_factory=list)
    worked: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self, request: web.Request) -> web.Response:
        self.done.append(await request.text())
        self.worked.set()
        return web.Response(text=ANSWER, headers={"X-Work": "done"})

    async def call(self, path: str = "/work", method: str = "POST") -> tuple[int, str]:
        async with self.client.request(method, self.url + path, data="please") as response:
            return response.status, await response.text()


@asynccontextmanager
async def running(faults: Faults) -> AsyncIterator[Bench]:
    async with aiohttp.ClientSession() as client:
        bench = Bench(client, faults, "")
        app = web.Application(middlewares=[faults.middleware])
        app.add_routes([web.route("*", "/work", bench.work), *faults.routes()])
        app.on_shutdown.append(faults.close)
        async with TestServer(app) as server:
            bench.url = str(server.make_url("")).rstrip("/")
            yield bench


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with running(Faults()) as bench:
        yield bench


async def test_constant_latency_is_the_whole_calls_time(bench: Bench) -> None:
    """A latency of 80 ms makes a call take 80 ms, hardly more."""
    bench.faults.set({"latency": {"kind": "constant", "ms": 80}})
    started = time.perf_counter()
    await bench.call()
    assert 0.080 <= time.perf_counter() - started < 1


async def test_control_paths_are_never_delayed_nor_faulted(bench: Bench) -> None:
    """With everything broken, `/sandbox/faults` still answers at once."""
    bench.faults.set({"latency": {"kind": "constant", "ms": 60_000}, "rules": [{"kind": "reset"}]})
    status, _ = await asyncio.wait_for(bench.call("/sandbox/faults", "GET"), 5)
    assert status == 200


async def test_the_seed_repeats_drawn_latencies(bench: Bench) -> None:
    """The same seed strikes the same calls again."""
    runs = []
    for _ in range(2):
        bench.faults.set({"seed": 5, "rules": [{"kind": "status", "status": 500, "probability": 0.5}]})
        runs.append([(await bench.call())[0] for _ in range(12)])
    assert runs[0] == runs[1]
    assert {200, 500} == set(runs[0])


async def test_status_refuses_without_doing_the_work(bench: Bench) -> None:
    """`status` answers the code, a Google body and Retry-After; the work is not done."""
    bench.faults.add({"kind": "status", "status": 503, "retry_after": 7})
    async with bench.client.post(bench.url + "/work") as response:
        body = await response.json()
        assert (response.status, response.headers["Retry-After"]) == (503, "7")
    assert body == {
        "error": {"code": 503, "message": "The service is currently unavailable.", "status": "UNAVAILABLE"}
    }
    assert bench.done == []


async def test_a_server_supplies_its_own_error_body() -> None:
    """`error_body` is given the status and the wait."""
    faults = Faults(error_body=lambda status, wait: {"ok": False, "error_code": status, "wait": wait})
    async with running(faults) as bench:
        faults.add({"kind": "status", "status": 429, "retry_after": 3})
        assert await bench.call() == (429, '{"ok": false, "error_code": 429, "wait": 3}')


async def test_html_is_a_502_page(bench: Bench) -> None:
    """`html` answers a 502 whose body is no JSON; the work is not done."""
    bench.faults.add({"kind": "html"})
    status, page = await bench.call()
    assert status == 502
    assert page.startswith("<!DOCTYPE html>")
    assert bench.done == []


async def test_hang_closes_without_answer_or_work(bench: Bench) -> None:
    """`hang` keeps the client waiting, then closes; the work is not done."""
    bench.faults.add({"kind": "hang", "seconds": 0.05})
    started = time.perf_counter()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await bench.call()
    assert time.perf_counter() - started >= 0.05
    assert bench.done == []


async def test_reset_is_a_connection_reset_before_the_work(bench: Bench) -> None:
    """`reset` shows as ECONNRESET; the work is not done."""
    bench.faults.add({"kind": "reset"})
    with pytest.raises((ConnectionResetError, aiohttp.ClientOSError)):
        await bench.call()
    assert bench.done == []


async def test_cut_sends_half_of_a_finished_answer(bench: Bench) -> None:
    """`cut` does the work, announces the full length and ends half-way."""
    bench.faults.add({"kind": "cut"})
    async with bench.client.post(bench.url + "/work", data="please") as response:
        assert (
            response.status,
            response.headers["Content-Length"],
            response.headers["X-Work"],
        ) == (200, "200", "done")
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
    assert bench.done == ["please"]


async def test_lose_answer_resets_after_the_work(bench: Bench) -> None:
    """`lose_answer` does the work, but the client sees a reset."""
    bench.faults.add({"kind": "lose_answer", "seconds": 0.02})
    with pytest.raises((ConnectionResetError, aiohttp.ClientOSError)):
        await bench.call()
    assert bench.done == ["please"]


async def test_late_work_survives_the_clients_leaving(bench: Bench) -> None:
    """`late` does the work after the client has given up."""
    bench.faults.add({"kind": "late", "seconds": 0.4})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bench.call(), 0.05)
    assert bench.done == []
    await asyncio.wait_for(bench.worked.wait(), 5)
    assert bench.done == ["please"]


async def test_late_gives_a_patient_client_no_answer(bench: Bench) -> None:
    """`late` closes the connection once the work is done."""
    bench.faults.add({"kind": "late", "seconds": 0.02})
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await bench.call()
    assert bench.done == ["please"]


async def test_shutdown_ends_late_work_and_hanging_calls() -> None:
    """Stopping the server drops work that is still to come and lets hanging calls go."""
    async with running(Faults()) as bench:
        bench.faults.set(
            {"rules": [{"kind": "late", "seconds": 600, "times": 1}, {"kind": "hang", "seconds": 600}]}
        )
        calls = [asyncio.create_task(bench.call()) for _ in range(2)]
        while sum(rule["hits"] for rule in bench.faults.snapshot()["rules"]) < 2:  # hits have no event
            await asyncio.sleep(0.005)
    outcomes = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 5)
    assert all(isinstance(outcome, aiohttp.ClientError) for outcome in outcomes)
    assert bench.done == []


async def test_drip_dribbles_the_whole_body(bench: Bench) -> None:
    """`drip` delivers the whole answer at its pace."""
    bench.faults.add({"kind": "drip", "bytes_per_second": 2000})
    started = time.perf_counter()
    assert await bench.call() == (200, ANSWER)
    assert time.perf_counter() - started >= len(ANSWER) / 2000


async def test_a_rule_picks_its_calls(bench: Bench) -> None:
    """`method`, `path`, `skip` and `times` narrow a rule; its hits can be read."""
    rule = {"kind": "status", "status": 500, "method": "POST", "path": "w.rk\\?x", "skip": 1, "times": 2}
    bench.faults.add(rule)
    calls = [("/work", "POST"), ("/work?x=1", "GET"), *[("/work?x=1", "POST")] * 4]
    assert [(await bench.call(*call))[0] for call in calls] == [200, 200, 200, 500, 500, 200]
    async with bench.client.get(bench.url + "/sandbox/faults") as response:
        assert [rule["hits"] for rule in (await response.json())["rules"]] == [2]


async def test_the_first_striking_rule_decides(bench: Bench) -> None:
    """Rules are tried in order; a spent one makes room for the next."""
    bench.faults.set({"rules": [{"kind": "status", "status": 500, "times": 1}, {"kind": "html"}]})
    assert [(await bench.call())[0] for _ in range(3)] == [500, 502, 502]


async def test_faults_are_set_added_and_cleared_over_http(bench: Bench) -> None:
    """PUT replaces, POST adds a rule, DELETE clears all."""
    url = bench.url + "/sandbox/faults"
    uniform = {"kind": "uniform", "min_ms": 0, "max_ms": 1}
    async with bench.client.put(
        url, json={"seed": 7, "latency": uniform, "rules": [{"kind": "html"}]}
    ) as response:
        assert response.status == 200
    async with bench.client.post(url + "/rules", json={"kind": "reset"}) as response:
        state = await response.json()
        assert (state["seed"], [rule["kind"] for rule in state["rules"]]) == (7, ["html", "reset"])
    async with bench.client.delete(url) as response:
        assert await response.json() == {"seed": 7, "latency": None, "rules": []}


async def test_a_named_rule_is_replaced_and_dropped_by_its_name(bench: Bench) -> None:
    """One of each name; the others stay."""
    url = bench.url + "/sandbox/faults/rules"
    bench.faults.add({"kind": "html", "path": "elsewhere"})
    for status in (429, 503):
        async with bench.client.post(
            url, json={"kind": "status", "status": status, "name": "a drill"}
        ) as answer:
            assert 2 == len((await answer.json())["rules"])
    assert 503 == (await bench.call())[0]
    async with bench.client.delete(url + "/a%20drill") as response:
        assert ["html"] == [rule["kind"] for rule in (await response.json())["rules"]]
    assert (200, ANSWER) == await bench.call()


async def test_a_rule_may_last_for_a_while(bench: Bench) -> None:
    """After its time it strikes no more, and is gone when the next one comes."""
    bench.faults.add({"kind": "html", "lasts": 600})
    assert 502 == (await bench.call())[0]
    bench.faults.set({"rules": [{"kind": "html", "lasts": 0}]})
    assert 200 == (await bench.call())[0]
    bench.faults.add({"kind": "status", "status": 503})
    assert [503] == [rule["status"] for rule in bench.faults.snapshot()["rules"]]


async def test_slow_answers_as_usual_but_later(bench: Bench) -> None:
    """The work is done after the wait."""
    bench.faults.add({"kind": "slow", "seconds": 0.05})
    started = time.perf_counter()
    assert (200, ANSWER) == await bench.call()
    assert 0.05 <= time.perf_counter() - started < 1


@pytest.mark.parametrize(
    "settings",
    [
        {"rules": [{"kind": "html", "lasts": -1}]},
        {"rules": [{"kind": "html", "name": 7}]},
        {"rules": [{"kind": "explode"}]},
        {"rules": [{"kind": "html", "colour": "red"}]},
        {"rules": [{"kind": "html", "path": "("}]},
        {"rules": [{"kind": "html", "times": "two"}]},
        {"rules": [{"kind": "drip", "bytes_per_second": 0}]},
        {"latency": {"kind": "constant", "ms": -1}},
        {"latency": {"kind": "uniform", "min_ms": 5, "max_ms": 1}},
        {"speed": 1},
    ],
)
async def test_nonsense_is_refused_and_changes_nothing(bench: Bench, settings: dict[str, object]) -> None:
    """A wrong setting is a 400 and leaves the faults as they were."""
    async with bench.client.put(bench.url + "/sandbox/faults", json={"seed": 3, **settings}) as response:
        assert response.status == 400
    assert bench.faults.snapshot() == {"seed": 0, "latency": None, "rules": []}


async def test_who_hangs_up_while_sending_is_no_error_of_the_server(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """A call cut off in the middle of its body does no work and leaves no traceback; the next one is served."""
    gone = asyncio.Event()

    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await bench.faults.middleware(request, handler)
        finally:
            gone.set()

    app = web.Application(middlewares=[watch])
    app.add_routes([web.post("/work", bench.work)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        _, writer = await asyncio.open_connection(*runner.addresses[0])
        writer.write(b"POST /work HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\nple")
        await writer.drain()
        writer.close()
        await asyncio.wait_for(gone.wait(), 5)
    finally:
        await runner.cleanup()
    assert [] == bench.done
    assert [] == [record.message for record in caplog.records if record.levelno >= logging.ERROR]


async def test_an_answer_of_ones_own_takes_the_place_of_the_works(bench: Bench) -> None:
    """A text as it is, anything else as JSON, with a 200 unless told otherwise; the work is not done."""
    bench.faults.add({"kind": "answer", "body": "<p>", "content_type": "text/html", "times": 1})
    bench.faults.add({"kind": "answer", "body": {"code": 7}, "status": 502, "times": 1})
    assert await bench.call() == (200, "<p>")
    assert await bench.call() == (502, '{"code": 7}')
    assert bench.done == []


async def test_an_answer_of_ones_own_may_hide_that_the_work_was_done(bench: Bench) -> None:
    """With `work` it is carried out first, and its answer is thrown away."""
    bench.faults.add({"kind": "answer", "body": "busy", "status": 503, "work": True})
    assert await bench.call() == (503, "busy")
    assert bench.done == ["please"]


async def test_a_status_may_come_with_a_page() -> None:
    """Where a server's errors are texts they are sent as pages."""
    async with running(Faults(error_body=lambda status, wait: f"<p>{status}")) as bench:
        bench.faults.add({"kind": "status", "status": 503, "retry_after": 2})
        async with bench.client.post(bench.url + "/work") as response:
            assert (response.content_type, response.headers["Retry-After"]) == ("text/html", "2")
            assert await response.text() == "<p>503"
