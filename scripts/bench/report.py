"""Results as a table for the terminal, as Markdown, and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from bench.page import in_markdown
from bench.result import Result
from bench.scenarios import LONGER, MODES, Finding

COLOURS = {"naive": "#c9c9c9", "batch": "#7fa7d6", "quartermaster": "#1f5fae"}
SMALLEST_SPEED_UP_SHOWN_WHOLE = 10


def table(findings: Sequence[Finding]) -> Table:
    """Everything, one line for each scenario and mode; `≈` marks what was worked out after a cut."""
    grid = Table(title="Handing out proxies from a Google Sheet", caption=_caption(findings))
    for name in ("scenario", "mode"):
        grid.add_column(name)
    figures = (
        "calls",
        "wait for the pace",
        "on the wire",
        "wall",
        "proxies/s",
        "speed-up",
        "p50",
        "p99",
        "doubled",
    )
    for name in figures:
        grid.add_column(name, justify="right")
    former = None
    for finding in findings:
        one = finding.result
        if former not in (None, one.scenario):
            grid.add_section()
        former = one.scenario
        grid.add_row(one.scenario, one.mode, *_cells(one, findings))
    return grid


def remarks(findings: Sequence[Finding]) -> list[str]:
    """What the figures do not say: refused calls, users who were told of an error, what the sheet shows."""
    lines = []
    for finding in findings:
        one, parts = finding.result, []
        if finding.differences:
            parts.append(f"{finding.differences} proxies of which the sheet and people's answers differ")
        if finding.refused:
            parts.append(f"{finding.refused} calls over Google's quota")
        parts += [f"{count} users were told {name}" for name, count in finding.failed.items()]
        if finding.caught_up_s is not None:
            parts.append(f"the sheet showed everything {finding.caught_up_s:.1f} s after Google was back")
        if parts:
            lines.append(f"{one.scenario}, {one.mode}: {'; '.join(parts)}.")
    return lines


def markdown(findings: Sequence[Finding]) -> str:
    """The bursts for a README: how long until all were served, and how much more a second that is."""
    rows = []
    for scenario in dict.fromkeys(finding.result.scenario for finding in findings):
        by_mode = {f.result.mode: f.result for f in findings if f.result.scenario == scenario}
        if len(by_mode) < len(MODES):
            continue
        naive, batch, ours = (by_mode[mode] for mode in MODES)
        walls = (f"{_approximately(each)}{_seconds(each.wall_s)}" for each in (naive, batch, ours))
        calls = " → ".join(f"{each.calls:,}" for each in (naive, batch, ours))
        gains = ", ".join(f"×{_gain(ours, each)}" for each in (naive, batch))
        rows.append([scenario.replace("x", " × "), *walls, calls, gains])
    head = ["users × proxies", "one by one", "a batch each", "Quartermaster", "calls", "speed-up"]
    return in_markdown(head, rows)


def also(findings: Sequence[Finding]) -> str:
    """The longer scenarios for a page: what people waited, and what became of it."""
    rows = []
    for finding in findings:
        one = finding.result
        if one.scenario not in LONGER:
            continue
        p50, p99 = ("" if value is None else _seconds(value) for value in (one.p50_s, one.p99_s))
        answered = f"{one.taken:,} of {one.users * one.per_user:,}"
        caught_up = "" if finding.caught_up_s is None else _seconds(finding.caught_up_s)
        rows.append(
            [one.scenario, answered, p50, p99, str(one.double_handouts), str(finding.refused), caught_up]
        )
    head = ["scenario", "proxies", "p50", "p99", "doubled", "429 of the quota", "in the sheet after"]
    return in_markdown(head, rows)


def plot(findings: Sequence[Finding], file: Path) -> None:
    """Proxies a second, a group of bars for each scenario, on a logarithmic scale."""
    import matplotlib as mpl  # takes a second, and only pictures need it

    mpl.use("Agg")
    from matplotlib import pyplot, ticker

    compared = [f.result for f in findings if _is_compared(f.result.scenario, findings)]
    scenarios = list(dict.fromkeys(one.scenario for one in compared))
    figure, axes = pyplot.subplots(figsize=(9, 0.9 + 0.85 * len(scenarios)), dpi=150)
    for index, mode in enumerate(MODES):
        chosen = [one for one in compared if one.mode == mode]
        places = [scenarios.index(one.scenario) + (index - 1) * 0.27 for one in chosen]
        bars = axes.barh(places, [one.proxies_per_s for one in chosen], 0.25, color=COLOURS[mode], label=mode)
        labels = [f" {_approximately(one)}{_number(one.proxies_per_s)}" for one in chosen]
        axes.bar_label(bars, labels=labels, fontsize=8)
    axes.set_yticks(range(len(scenarios)), [name.replace("x", " × ") for name in scenarios])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("proxies handed out a second (logarithmic; ≈ worked out after a cut)")
    axes.set_ylabel("users × proxies")
    axes.margins(x=0.12)
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,g}"))
    figure.legend(loc="upper right", ncols=len(MODES), frameon=False, fontsize=9)
    figure.tight_layout(rect=(0, 0, 1, 0.96))
    figure.savefig(file)
    pyplot.close(figure)


def _is_compared(scenario: str, findings: Sequence[Finding]) -> bool:
    return {f.result.mode for f in findings if f.result.scenario == scenario} == set(MODES)


def _cells(one: Result, findings: Sequence[Finding]) -> list[str]:
    naive = next(
        (f.result for f in findings if (f.result.scenario, f.result.mode) == (one.scenario, "naive")), None
    )
    mark = _approximately(one)
    return [
        f"{mark}{one.calls:,}",
        f"{mark}{_seconds(one.wait_s)}",
        f"{mark}{_seconds(max(0.0, one.wall_s - one.wait_s))}",
        f"{mark}{_seconds(one.wall_s)}",
        f"{mark}{_number(one.proxies_per_s)}",
        f"×{_gain(one, naive)}" if naive else "",
        "" if one.p50_s is None else _seconds(one.p50_s),
        "" if one.p99_s is None else _seconds(one.p99_s),
        str(one.double_handouts),
    ]


def _caption(findings: Sequence[Finding]) -> str:
    projected = any(finding.result.projected for finding in findings)
    return "≈ cut, and worked out: calls by the pace, or one after the other" if projected else ""


def _gain(one: Result, other: Result) -> str:
    return _number(one.proxies_per_s / other.proxies_per_s) if other.proxies_per_s else "?"


def _approximately(one: Result) -> str:
    return "≈ " if one.projected else ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= SMALLEST_SPEED_UP_SHOWN_WHOLE else f"{value:.1f}"


def _seconds(value: float) -> str:
    if value < 1:
        return f"{value * 1000:.0f} ms"
    if value < 100:  # from there on tenths of a second say nothing
        return f"{value:.1f} s"
    minutes, seconds = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"
