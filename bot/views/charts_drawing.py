"""Charts as pictures for phones: PNG, 1080 × 720, on a light card that stands in dark surroundings as well.

The library behind them takes a second to be imported and 40 MB to be held, so it is imported with the first picture.
Nothing of it is set for the whole process: figures are made and drawn as objects.
"""

from __future__ import annotations

from datetime import tzinfo

from bot.models.chart import Chart, LineChart
from bot.views.charts_bars import draw_usage
from bot.views.charts_card import Card
from bot.views.charts_lines import draw_line

STYLE = "1"  # counts on with every change of how charts look


def draw(chart: Chart, zone: tzinfo) -> bytes:
    """The PNG of a chart that is not empty; days begin in `zone`."""
    card = Card()
    if isinstance(chart, LineChart):
        draw_line(card, chart, zone)
    else:
        draw_usage(card, chart)
    return card.png()
