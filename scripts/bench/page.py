"""Figures on a page that people read: a table between two marks, written anew by each run."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

WIDTH = 130  # of a table, also where there is no terminal


def command_line(description: str | None) -> argparse.ArgumentParser:
    """A parser that knows where else the figures are to be written."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--page", type=Path, metavar="FILE.md", help="put them between its marks, too")
    return parser


def publish(
    options: argparse.Namespace,
    name: str,
    title: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    figures: Any,
) -> None:
    """Print the table, and write it and the figures where the command line asks for them."""
    Console(width=WIDTH).print(in_a_terminal(title, head, rows))
    if options.page:
        put_into(options.page, name, in_markdown(head, rows))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def put_into(page: Path, name: str, text: str) -> None:
    """Replace what stands between the marks called `name`; ValueError where the page has none."""
    begin, end = marks(name)
    former = page.read_text(encoding="utf-8")
    if begin not in former or end not in former:
        raise ValueError(f"{page} has no {begin} … {end} to put the figures between")
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    page.write_text(pattern.sub(lambda _: f"{begin}\n{text}\n{end}", former), encoding="utf-8")


def marks(name: str) -> tuple[str, str]:
    """What stands before and after the figures called `name`; a page shows neither."""
    return f"<!-- figures: {name} -->", f"<!-- end of figures: {name} -->"


def in_markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column is text and whose others are figures."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def in_a_terminal(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """The same with lines around it."""
    grid = Table(title=title)
    for index, name in enumerate(head):
        grid.add_column(name, justify="right" if index else "left")
    for row in rows:
        grid.add_row(*row)
    return grid
