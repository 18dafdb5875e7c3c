"""The sheet as people keep it: headers found, rows read, bad ones told apart from empty ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from model_makers import ALIASES, COLUMNS, DAY, HEADER, SALT, TODAY, cells, entry_of, id_of, key_of, row, view

from bot.errors import SheetLayoutError
from bot.models.proxy import SCHEMES, UnreadableProxy, parse_endpoint, proxy_key
from bot.models.sheet import (
    Cell,
    Columns,
    Known,
    cell_at,
    find_columns,
    key_in,
    read_row,
    split_resources,
    text,
)


def test_headers_are_found_in_any_order_and_case() -> None:
    """Case, blanks, width and position of a header make no difference; a foreign column is passed over."""
    header = ["Vendor", " ISSUED ", "used_for", None, "Ｐroxy", "Days_Left", 7]
    assert Columns(proxy=4, used_for=2, issued=1, days_left=5) == find_columns(header, ALIASES)


def test_the_first_of_equal_headers_counts() -> None:
    """A second column of the same name is not ours."""
    header = ["proxy", "issued", "used_for", "expires", "issued"]
    assert find_columns(header, ALIASES).issued == 1


def test_an_alias_names_a_column() -> None:
    """The settings may list other names; the first that is there counts."""
    aliases = {**ALIASES, "used_for": ("used_for", "used for", "usage")}
    assert find_columns(["proxy", "usage", "issued", "Used  For", "expires"], aliases).used_for == 3


PARTS = st.text(st.characters(codec="ascii", exclude_categories=["C", "Z"]), min_size=1, max_size=9)
HOSTS = st.sampled_from(["h", "proxy.example.", "10.0.0.7", "[::1]", "[2001:DB8:0::1]"])


@given(
    scheme=st.sampled_from(["", *(f"{scheme}://" for scheme in SCHEMES)]),
    host=HOSTS,
    port=st.integers(1, 65535),
    login=st.just("") | st.tuples(PARTS, PARTS).map(":".join),
)
def test_a_row_gives_back_the_endpoint_that_was_written(
    scheme: str, host: str, port: int, login: str
) -> None:
    """Out of its key, the protocol and the password: whatever the spelling, the login or the kind of address."""
    written = f"{scheme}{login}@{host}:{port}" if login else f"{scheme}{host}:{port}"
    try:
        expected = parse_endpoint(written)
    except UnreadableProxy:
        reject()
    found = read_row(2, [written, ""], COLUMNS, DAY, SALT)
    assert found is not None
    assert (expected, proxy_key(expected, SALT)) == (found.endpoint, found.key)
    assert "password" not in repr(found)


def test_what_was_read_is_known_until_a_whole_reading_lacks_it() -> None:
    """Also while the next reading is under way; a cell with the same text is not parsed again."""
    known, cell, found = Known(), str(cells(3)[0]), row(2, 3)
    known.keep(cell, found)
    known.all_read()
    assert (found, found.key) == (known.get(cell), key_in(cell, b"another salt", known))
    assert replace(found, number=9) == read_row(9, cells(3), COLUMNS, DAY, b"another salt", found)
    known.keep(cell, found)
    known.all_read()
    assert found is known.get(cell)
    known.all_read()
    assert (None, key_in(cell, SALT)) == (known.get(cell), key_in(cell, SALT, known))


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        (["used_for", "issued", "expires"], ("proxy",)),
        (["proxy", "expires"], ("used_for",)),
        (["proxy", "used_for", "issued"], ("expires or days_left",)),
        ([], ("proxy", "used_for", "expires or days_left")),
    ],
)
def test_missing_columns_are_all_named_at_once(header: list[Cell], missing: tuple[str, ...]) -> None:
    """The error names every column to add, and the headers there are."""
    with pytest.raises(SheetLayoutError) as caught:
        find_columns(header, ALIASES)
    assert (missing, tuple(header)) == (caught.value.missing, caught.value.found)


def test_only_the_needed_columns_are_read() -> None:
    """`used` lists the columns that are there, in order."""
    assert Columns(proxy=4, used_for=2, issued=1, days_left=5).used == [1, 2, 4, 5]


def test_a_row_is_read_as_data() -> None:
    """Each field from its own column; texts are trimmed, `issued` is left as it stands."""
    found = read_row(5, ["h:1:u:p", " Beboo ", " raw ", "2026-12-25", " NL ", 12.0], COLUMNS, DAY, SALT)
    assert found is not None
    assert (5, "h:1", frozenset({"beboo"}), " raw ", TODAY + 33, "NL", "12") == (
        found.number,
        found.endpoint.address,
        found.used_for,
        found.issued,
        found.expires,
        found.country,
        found.note,
    )


@pytest.mark.parametrize("row_cells", [[], [None, "beboo"], ["", "beboo"], [" \n", "beboo"]])
def test_a_row_without_a_proxy_is_no_row(row_cells: list[Cell]) -> None:
    """Empty rows, also those with other cells filled, are neither proxies nor problems."""
    assert read_row(5, row_cells, COLUMNS, DAY, SALT) is None


@pytest.mark.parametrize("cell", ["1.2.3.4:99999:u:p", "#REF!", True, 17, "h:1:u:\ud800"])
def test_an_unreadable_row_is_told(cell: Cell) -> None:
    """Whatever is no proxy raises UnreadableProxy, and nothing else."""
    with pytest.raises(UnreadableProxy):
        read_row(5, [cell], COLUMNS, DAY, SALT)
    assert key_in(cell, SALT) is None


def test_the_key_of_a_cell_is_the_key_of_its_row() -> None:
    """A column read by itself finds the same proxies."""
    assert key_of(3) == key_in(" " + str(cells(3)[0]), SALT)
    assert key_in(None, SALT) is None


@pytest.mark.parametrize(
    ("expires", "days_left", "expected"),
    [
        ("2026-11-23", 9, TODAY + 1),
        ("#REF!", 9, TODAY + 9),
        ("", "#N/A", None),
        ("soon", "1.000,5", None),
        (None, -3, TODAY - 3),
        (None, "2026-11-23", TODAY + 1),
    ],
)
def test_the_date_goes_before_the_number(expires: Cell, days_left: Cell, expected: int | None) -> None:
    """`expires` decides where it can be read, else `days_left`, else the expiry is unknown."""
    columns = find_columns(["proxy", "used_for", "issued", "expires", "days_left"], ALIASES)
    found = read_row(5, ["h:1:u:p", "", "", expires, days_left], columns, DAY, SALT)
    assert found is not None
    assert expected == found.expires


def test_a_proxy_can_be_used_through_its_last_day() -> None:
    """Unknown expiry counts as usable."""
    today = row(2, 2, expires=DAY.isoformat())
    yesterday = row(2, 2, expires=(DAY - timedelta(days=1)).isoformat())
    unknown = row(2, 2, expires="#REF!")
    assert [True, False, True] == [each.usable(TODAY) for each in (today, yesterday, unknown)]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", set()),
        ("beboo", {"beboo"}),
        ("Beboo, TINDER,", {"beboo", "tinder"}),
        (",;\n,", set()),
        ("beboo;tinder\r\nmamba", {"beboo", "tinder", "mamba"}),
        ("ｂｅｂｏｏ，tinder；Mamba", {"beboo", "tinder", "mamba"}),
        ("dating  site , x", {"dating site", "x"}),
        ("=SUM(A1)", {"=sum(a1)"}),
        ("<b>beboo</b>, **x**", {"<b>beboo</b>", "**x**"}),
    ],
)
def test_used_for_is_split_however_it_is_written(written: str, expected: set[str]) -> None:
    """Mixed separators, full-width ones too, a trailing comma, case: each resource once; nothing is run."""
    assert expected == split_resources(written)


def test_ten_thousand_characters_of_used_for_are_read() -> None:
    """A cell that has grown for years is one row as any other."""
    found = row(2, 2, used_for=",".join(f"site{n}" for n in range(1_250)))
    assert len(found.used_for) == 1_250


@pytest.mark.parametrize(
    ("cell", "expected"),
    [(None, ""), (True, "TRUE"), (False, "FALSE"), (12.0, "12"), (1.5, "1.5"), (7, "7"), ("x", "x")],
)
def test_a_cell_is_text_as_people_see_it(cell: Cell, expected: str) -> None:
    """Whole numbers lose the `.0` of the wire, booleans are written as the sheet shows them."""
    assert expected == text(cell)


def test_a_ragged_row_ends_in_nothing() -> None:
    """Past the row's end and for a column that is not there, the cell is None."""
    assert [1, None, None] == [cell_at([1], 0), cell_at([1], 1), cell_at([1], None)]


def test_people_mark_a_proxy_in_either_column() -> None:
    """`used_for` counts, and what stands in `issued` without a live id of ours; our own entries do not."""
    found = row(2, 2, "mamba", f"{entry_of(2)}; Tinder: bob, badoo; {entry_of(2, 'old')}")
    assert {"mamba", "tinder", "badoo", "old"} == found.marked({id_of(2)})
    assert {"mamba"} == row(2, 2, "mamba").marked(set())


@given(st.lists(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), max_size=8))
def test_no_row_breaks_the_reader(row_cells: list[Cell]) -> None:
    """Any cells are a row, no row, or UnreadableProxy."""
    try:
        found = read_row(2, row_cells, COLUMNS, DAY, SALT)
    except UnreadableProxy:
        return
    assert found is None or found.number == 2


def test_a_view_holds_the_readable_rows_and_their_places() -> None:
    """Unreadable and empty rows are left out; the same key in two rows is one proxy in two places."""
    seen = view({9: cells(1), 2: cells(1, "beboo"), 3: ["#REF!"], 4: [], 5: cells(5)})
    assert {2, 5, 9} == set(seen.rows)
    assert [2, 9] == [each.number for each in seen.at(key_of(1))]
    assert [] == seen.at(key_of(7))


def test_a_view_needs_its_columns() -> None:
    """A header gone is told before anything is decided."""
    with pytest.raises(SheetLayoutError):
        view({2: cells(2)}, header=HEADER[:2])
