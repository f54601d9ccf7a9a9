"""What is wrong with a table is said of its rows, however it is read."""

from __future__ import annotations

import numpy as np
import pytest

from engine.check.report import check
from engine.core.diagnostic import DiagnosticError
from engine.data.cache import table_head
from engine.data.cache.policy import CacheSettings
from engine.data.prepared_data import prepare_data
from tests.engine.runtime.small import node, project

COUNT = 90


def report(source=None, target=None, **more):
    given = project(
        node("x", "Input", shape=[1]),
        node("d", "Dense", "x", units=1),
        node("y", "Output", "d", loss="mse", **more),
        data={"inputs": {"x": source or {"column": "x"}}, "targets": {"y": target or
              {"column": "y"}}},
    )  # fmt: skip
    return check(given)


def table(path, faults=None, column="x"):
    """Write numbers, with other cells in some rows."""
    columns = {"x": [f"{row / 7:.3f}" for row in range(COUNT)],
               "y": [f"{row % 13}.5" for row in range(COUNT)],
               "w": ["ab"[row % 2] for row in range(COUNT)]}  # fmt: skip
    for row, cell in (faults or {}).items():
        columns[column][row] = cell
    rows = zip(*columns.values(), strict=True)
    path.write_text("\n".join(["x,y,w", *map(",".join, rows)]) + "\n")
    return path


def found(path, checked, cache, folder):
    caching = CacheSettings(cache, folder)
    try:
        return list(map(str, prepare_data(checked, path, None, caching=caching).warnings))
    except DiagnosticError as refused:
        return list(map(str, refused.diagnostics))


CASES = {
    "no number": ({41: "abc", 77: "?"}, "x", {}),
    "no number where a scale is fitted": (
        {41: "abc", 77: "?"},
        "x",
        {"source": {"column": "x", "scale": "standardize"}},
    ),
    "empty cells": ({5: "", 60: "", 61: "NA"}, "x", {}),
    "infinite": ({70: "1e999"}, "x", {}),
    "empty targets": ({8: "", 66: ""}, "y", {}),
    "masked targets": ({8: "", 66: ""}, "y", {"missing": "mask"}),
    "no targets at all": (dict.fromkeys(range(COUNT), ""), "y", {"missing": "mask"}),
    "labels where numbers go": ({}, "x", {"source": {"column": "w", "scale": "standardize"}}),
    "a column that is not there": ({}, "x", {"source": {"column": "z"}}),
    "a label that is rare": ({83: "c"}, "w", {"source": {"column": "w"}}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_chunks_findings_are_those_of_the_table(case, tmp_path, monkeypatch):
    monkeypatch.setattr(table_head, "CHUNK_BYTES", 400)
    faults, column, more = CASES[case]
    path = table(tmp_path / "t.csv", {row: f'"{cell}"' for row, cell in faults.items()}, column)
    checked = report(**more)
    assert not checked.errors
    memory = found(path, checked, False, tmp_path / "cache")
    assert found(path, checked, True, tmp_path / "cache") == memory


def test_a_comma_among_points_is_named_even_if_its_chunk_has_no_point(tmp_path, monkeypatch):
    monkeypatch.setattr(table_head, "CHUNK_BYTES", 40)
    path = table(tmp_path / "t.csv", {50: '"3,5"'} | dict.fromkeys(range(51, 56), "7"))
    (only,) = found(path, report(), True, tmp_path / "cache")
    assert only.startswith("error[number-unreadable]")
    assert "row 50 (counting from 0), line 52" in only
    assert "'3,5' in row 50 looks like a decimal comma" in only


def test_a_column_with_decimal_commas_is_read_by_all_of_its_cells(tmp_path, monkeypatch):
    monkeypatch.setattr(table_head, "CHUNK_BYTES", 300)
    lines = [f"{row},5;{row}" if row > 70 else f"{row};{row}" for row in range(COUNT)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["x;y", *lines]))
    made = [
        prepare_data(report(), path, None, caching=CacheSettings(use, tmp_path / "cache"))
        for use in (True, False)
    ]
    assert made[0].digest == made[1].digest
    assert sorted(map(str, made[0].warnings)) == sorted(map(str, made[1].warnings))


def test_rows_that_are_not_there_are_not_kept(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("x,y\n")
    memory = found(path, report(), False, tmp_path / "cache")
    assert found(path, report(), True, tmp_path / "cache") == memory
    assert not any((tmp_path / "cache").glob("*/rows.npy"))


def test_a_refusal_leaves_nothing_behind(tmp_path):
    path = table(tmp_path / "t.csv", {3: '"3,5"'})
    assert found(path, report(), True, tmp_path / "cache")
    assert [each.name for each in (tmp_path / "cache").iterdir() if each.is_dir()] == []


@pytest.mark.parametrize("large", [2**31 + 5, 2**40])
def test_ids_that_turn_out_large_are_kept_whole(large, tmp_path, monkeypatch):
    monkeypatch.setattr(table_head, "CHUNK_BYTES", 400)
    ids = np.arange(COUNT, dtype="int64")
    ids[-1] = large
    np.savez(tmp_path / "t.npz", x=ids, y=np.arange(COUNT) / 7)
    checked = check(project(
        node("x", "Input", shape=[], dtype="int32"),
        node("e", "Embedding", "x", input_dim=100, output_dim=2),
        node("d", "Dense", "e", units=1),
        node("y", "Output", "d", loss="mse"),
    ))  # fmt: skip
    memory = found(tmp_path / "t.npz", checked, False, tmp_path / "cache")
    assert found(tmp_path / "t.npz", checked, True, tmp_path / "cache") == memory
    assert f"{large:,}" in memory[0]
