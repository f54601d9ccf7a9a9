"""A diagnostic is told again about other rows, whatever else its texts say."""

from __future__ import annotations

from engine.core.affected_rows import AffectedRows
from engine.core.diagnostic import Diagnostic, diagnostic_from_dict

FIRST, ALL = AffectedRows((1, 4), 2, 10), AffectedRows((1, 4, 12, 15, 21), 1_200, 3_000)
NAME = "2 of 10 rows, up to 0, in row 1"  # of a column


def found(rows):
    return Diagnostic(
        "number-unreadable",
        f'"{NAME}" has cells that are not numbers: {rows.count_text}',
        place=f"column {NAME}, {rows}",
        found=f"'in row 1' {rows.first_text}",
        rows=rows,
    )


def test_numbers_and_counts_of_rows_are_replaced_and_the_name_of_a_column_is_not():
    assert found(FIRST).with_rows(ALL) == found(ALL)
    assert found(ALL).place.endswith(", rows 1, 4, 12, 15, 21, ... (counting from 0)")
    assert found(ALL).message.endswith(": 1,200 of 3,000 rows")


def test_without_rows_only_the_column_and_the_cell_are_named():
    told = found(FIRST).without_rows()
    assert (told.place, told.found) == (f"column {NAME}", "'in row 1'")
    assert told.message.endswith("are not numbers")
    assert told.without_rows() == told.with_rows(ALL) == told


def test_plain_json_has_the_texts_only():
    plain = found(FIRST).to_dict()
    assert set(plain) == {"code", "message", "severity", "place", "found"}
    assert diagnostic_from_dict(plain).lines() == found(FIRST).lines()
