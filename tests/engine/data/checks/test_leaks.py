"""Columns that tell the target are found, and validation rows that were trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.check.report import check
from engine.data.cache.policy import CacheSettings
from engine.data.prepared_data import prepare_data
from engine.data.table.column_types import text_column
from engine.data.writers.table import write_table
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Node, Project

ROWS = 400
RNG = np.random.default_rng(0)
X = RNG.normal(size=ROWS)
Y = X + RNG.normal(size=ROWS)
KINDS = np.array(["ant", "bee", "cow"])[RNG.integers(0, 3, ROWS)]
CODES = [f"code {kind}" for kind in KINDS]


def network(target, columns, width):
    is_class = target == "kind"
    nodes = (
        Node("x", "Input", params={"shape": [width]}),
        Node("d", "Dense", {"x": "x"}, {"units": 3 if is_class else 1}
             | ({"activation": "softmax"} if is_class else {})),
        Node("y", "Output", {"x": "d"}, {
            "loss": "sparse_categorical_crossentropy" if is_class else "mse"}),
    )  # fmt: skip
    unknown = {"kind": "category", "params": {"unknown": "other"}}
    encode = [unknown if name == "code" else "number" for name in columns]
    data = {"inputs": {"x": {"columns": list(columns), "encode": encode}},
            "targets": {"y": {"column": target, "scale": "standardize"} if not is_class
                        else {"column": target}}}  # fmt: skip
    return Project(Graph(nodes), data=data)


def found(folder: Path, project, table, code, validation=None, **caching):
    path = folder / "t.csv"
    write_table(path, table)
    settings = CacheSettings(folder=folder / "cache", **caching)
    report = check(project)
    assert not report.errors, report.errors
    prepared = prepare_data(report, path, validation, None, settings)
    return [each for each in prepared.warnings if each.code == code]


TABLE = {
    "a": X, "b": RNG.normal(size=ROWS), "y": Y, "cubed": Y**3, "day": np.round(Y),
    "kind": text_column(KINDS.tolist()), "code": text_column(CODES),
}  # fmt: skip


@pytest.mark.parametrize("caching", [{}, {"use": True}, {"stream": True}])
@pytest.mark.parametrize(("target", "leak", "width"), [("y", "cubed", 2), ("kind", "code", 5)])
def test_a_column_that_tells_the_target_is_left_out_by_its_fix(
    tmp_path, target, leak, width, caching
):
    project = network(target, ("a", leak), width)
    (warning,) = found(tmp_path, project, TABLE, "target-leak", **caching)
    assert (warning.node, warning.place) == ("y", f"column {leak}")
    mended = apply_edit(project, warning.fixes[0].edit)
    assert found(tmp_path, mended, TABLE, "target-leak") == []


def test_correlated_columns_and_identifiers_are_no_leak(tmp_path):
    assert found(tmp_path, network("y", ("a", "day"), 2), TABLE, "target-leak") == []
    table = {**TABLE, "code": text_column([f"id {row}" for row in range(ROWS)])}
    project = network("kind", ("a", "code"), 2 + ROWS * 4 // 5)
    assert found(tmp_path, project, table, "target-leak") == []


def test_rows_that_are_trained_on_and_validated_are_found(tmp_path):
    project = network("y", ("a", "b"), 2)
    assert found(tmp_path, project, TABLE, "rows-in-both") == []
    twice = {name: np.tile(values, 10) for name, values in TABLE.items() if name in "aby"}
    (warning,) = found(tmp_path, project, twice, "rows-in-both")
    assert warning.found == "800 of 800 validation rows are trained on"
    (warning,) = found(tmp_path, project, TABLE, "rows-in-both", tmp_path / "t.csv")
    assert warning.found == "400 of 400 validation rows are trained on"


def test_equal_rows_of_few_values_are_no_surprise(tmp_path):
    table = {"a": np.arange(ROWS) % 3, "b": np.arange(ROWS) % 5, "y": np.arange(ROWS) % 2}
    assert found(tmp_path, network("y", ("a", "b"), 2), table, "rows-in-both") == []


def test_equal_rows_are_no_surprise_in_any_order(tmp_path):
    """The chance of equal rows was that of the first rows, which may all be alike."""
    x = np.sort(RNG.integers(0, 40, 4_000)).astype(float)
    y = RNG.integers(0, 40, 4_000).astype(float)
    order = RNG.permutation(len(x))
    project = network("y", ["a", "b"], 2)
    for rows in (slice(None), order):
        table = {"a": x[rows], "b": x[rows], "y": y[rows]}
        assert len(found(tmp_path, project, table, "rows-in-both")) == 1
