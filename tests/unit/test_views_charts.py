"""Charts for people: captions, grids, and pictures of whatever there is to draw."""

from __future__ import annotations

import struct
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.models.chart import Chart, DayUse, Drawn, LineChart, Span, UsageChart
from bot.models.price import Point
from bot.views import charts as views
from bot.views.charts_axes import figure, stretches, time_ticks, value_ticks
from bot.views.charts_drawing import draw

D = Decimal
NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC).timestamp()
BERLIN = ZoneInfo("Europe/Berlin")


def a_line(*prices: str, step: float = 86_400.0, **changes: object) -> LineChart:
    last = len(prices) - 1
    points = tuple(Point(NOW - (last - place) * step, D(price)) for place, price in enumerate(prices))
    return replace(LineChart(Drawn.PRICE, "BTC", Span.WEEK, points), **changes)


def the_pool(days: int, *names: str, resource: str | None = None) -> UsageChart:
    dates = tuple(f"2026-11-{day:02}" for day in range(1, days + 1))
    uses = [DayUse(name, day, number, 50 - number) for day in dates for number, name in enumerate(names)]
    return UsageChart(resource, dates, tuple(uses))


def caption(chart: Chart, source: str = "binance", age: float | None = 3.0, **more: object) -> str:
    [text] = views.chart(chart, source, age, series="BTC", picture=None, **more).texts
    return text


def test_a_caption_has_the_figures_their_source_and_their_age() -> None:
    """What can be read without the picture."""
    assert (
        "<b>BTC</b> · 7 days\n61,234.50 USD · +2.06%\nHigh 62,000.00 · low 59,000.00\n<i>binance · 3 s ago</i>"
    ) == caption(a_line("60000", "62000", "59000", "60000", "60500", "61000", "61100", "61234.5"))


def test_old_prices_are_said_to_be_old() -> None:
    """First of all."""
    text = caption(a_line("1", "2"), age=7200.0, stale=True)
    assert text.startswith("⚠ binance does not answer just now: this is what it said 2 h ago.\n")


def test_a_line_that_is_shorter_than_asked_for_says_so() -> None:
    """As does a single value."""
    gold = a_line("4392", "4400", step=3600, what=Drawn.SPOT, name="XAU")
    assert "<b>Gold</b> · 1 h so far\n4,400.00 USD an ounce · +0.18%" in caption(gold)
    assert ("<b>Gold</b> · one value so far\n4,400.00 USD an ounce\n<i>noted here · 3 s ago</i>") == caption(
        replace(gold, points=gold.points[-1:])
    )


def test_a_portfolio_that_was_empty_has_no_change() -> None:
    """Nothing can be divided by nothing."""
    assert "\n100.00 USD\n" in caption(a_line("0", "100", what=Drawn.PORTFOLIO, name="paper"))


@pytest.mark.parametrize(
    ("chart", "text"),
    [
        (a_line(what=Drawn.SPOT, name="XAG"), "No price of silver was noted in the last 7 days.\n"),
        (
            a_line(what=Drawn.PORTFOLIO, name="<b>"),
            "What &lt;b&gt; was worth was not noted in the last 7 days: ",
        ),
        (the_pool(0), "Nothing was noted yet: "),
        (the_pool(0, resource="beboo"), "Nothing was noted for beboo yet: "),
    ],
)
def test_nothing_to_draw_is_a_sentence(chart: Chart, text: str) -> None:
    """And what to do."""
    assert caption(chart).startswith(text)
    assert "Look again later" in caption(chart)


def test_the_pools_caption_sums_up() -> None:
    """All days, today, and what is free of the one resource."""
    assert (
        "<b>Handed out</b> · 3 days, by day\n9 in all · today 3\n<i>noted here every 10 min</i>"
    ) == caption(the_pool(3, "a", "b", "c"))
    one = replace(the_pool(1, "beboo"), resource="beboo")
    assert "0 in all · today 0 · 50 free" in caption(one)


def test_one_button_for_each_span() -> None:
    """The present one is marked; the pool has none."""
    reply = views.chart(a_line("1"), "binance", 1.0, series="BTC", picture=None)
    assert ["1d", "✓ 7d", "30d", "90d"] == [button.text for button in reply.buttons]
    assert {("BTC", span) for span in Span} == {button.action.args for button in reply.buttons}
    assert () == views.chart(the_pool(1, "a"), "", None, series="pool", picture=None).buttons


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("61234.5", "61,234.50"),
        ("1.23456", "1.2346"),
        ("0.0000123456", "0.000012346"),
        ("1341139858319.7", "1,341,139,858,320"),
        ("0", "0"),
        ("NaN", "–"),
    ],
)
def test_a_figure_has_what_a_chart_can_show(value: str, text: str) -> None:
    """Cents, or five digits."""
    assert text == figure(D(value))


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        ("60400", "61850", ["60,500", "61,000", "61,500"]),
        ("0.0000000701", "0.0000001373", ["0.00000008", "0.00000010", "0.00000012"]),
        ("995000000", "1290000000", ["1.0B", "1.1B", "1.2B"]),
        ("1000000", "1000004", ["1,000,000", "1,000,001", "1,000,002", "1,000,003", "1,000,004"]),
        ("-1.2", "1.2", ["−1.0", "−0.5", "0.0", "0.5", "1.0"]),
    ],
)
def test_the_grid_has_round_values(low: str, high: str, labels: list[str]) -> None:
    """Few, inside the range, and told apart."""
    ticks = value_ticks(D(low), D(high))
    assert labels == [label for _, label in ticks]
    assert all(D(low) <= D(str(value)) <= D(high) for value, _ in ticks)


def test_whole_things_have_whole_numbers() -> None:
    """There is no half proxy."""
    assert ["0", "1"] == [label for _, label in value_ticks(D(0), D("1.08"), whole=True)]
    assert ["0", "5", "10"] == [label for _, label in value_ticks(D(0), D(13), whole=True)][:3]


@pytest.mark.parametrize(
    ("seconds", "labels"),
    [
        (3_600, ["10:00", "10:15", "10:30", "10:45", "11:00"]),
        (86_400, ["12:00", "18:00", "28 Nov", "06:00"]),
        (7 * 86_400, ["22 Nov", "24 Nov", "26 Nov", "28 Nov"]),
        (90 * 86_400, ["31 Aug", "30 Sep", "30 Oct"]),
    ],
)
def test_times_are_those_of_the_persons_zone(seconds: float, labels: list[str]) -> None:
    """Round hours or midnights, also across the end of summer time."""
    assert labels == [label for _, label in time_ticks(NOW - seconds, NOW, BERLIN)]


def test_a_long_silence_divides_the_line() -> None:
    """What nobody noted is not drawn as if it were known."""
    line = a_line(*"123456789", step=60).points
    assert [4, 3] == [
        len(part) for part in stretches([*line[:4], *(Point(p.at + 9000, p.price) for p in line[6:])])
    ]
    assert [9] == [len(part) for part in stretches(line)]
    assert [] == list(stretches(()))


DRAWN = {
    "a week": a_line(*(str(60000 + 37 * place % 900) for place in range(100)), step=6_000),
    "one value": a_line("4392", what=Drawn.SPOT, name="XAU"),
    "a flat line": a_line("0", "0", "0", what=Drawn.PORTFOLIO, name="paper"),
    "tiny, strange and long": a_line("1e-12", "3e-12", "2e-12", name="日$本$" + "W" * 40),
    "huge": a_line("1e15", "1.1e15", what=Drawn.PORTFOLIO, name="binanceusdm …a3f9"),
    "all resources": the_pool(28, *"abcdefgh", "очень-длинное-имя"),
    "one resource": replace(the_pool(2, "beboo"), resource="beboo"),
}


@pytest.mark.parametrize("chart", DRAWN.values(), ids=DRAWN)
def test_everything_can_be_drawn(chart: Chart) -> None:
    """A PNG of 1080 × 720 below 100 kB; the same data make the same picture, and no warning is given."""
    picture = draw(chart, BERLIN)
    assert b"\x89PNG" == picture[:4]
    assert (1080, 720) == struct.unpack(">II", picture[16:24])
    assert 5_000 < len(picture) < 100_000


def test_a_picture_is_made_of_its_data_alone() -> None:
    """No date of making, no name of a program."""
    chart = DRAWN["one value"]
    assert draw(chart, BERLIN) == draw(chart, BERLIN)
    assert b"matplotlib" not in draw(chart, BERLIN)


def test_the_library_behind_it_waits_for_the_first_picture() -> None:
    """Who can draw does not import it yet; it costs a second and 40 MB. Nobody else may: see the import contracts."""
    script = (
        "import sys, bot.views.charts, bot.views.charts_drawing, bot.services.charts\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'matplotlib', 'numpy', 'PIL'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert "[]" == done.stdout.strip()
