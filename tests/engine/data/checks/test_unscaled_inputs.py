"""Numbers far from 1 that reach weights as they stand are doubted, and one press scales them."""

from pathlib import Path

import numpy as np
import pytest

from engine.check.report import check
from engine.data.checks.graph_requirements import check_against_graph
from engine.data.dataset.graph_dataset import encode_for_graph
from engine.data.table.column_types import text_column
from engine.data.table.table import Table
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Node, Project

ROWS = 60
RNG = np.random.default_rng(4)
GRAMS = RNG.uniform(3000, 6000, ROWS)
YEARS = 2000.0 + np.arange(ROWS) % 20
SHARES = RNG.uniform(0, 1, ROWS)
KINDS = text_column(["abc"[row % 3] for row in range(ROWS)])
COLUMNS = {"grams": GRAMS, "years": YEARS, "shares": SHARES, "kinds": KINDS, "y": SHARES}


def project(source, width=1, between=(), dtype="float32"):
    nodes = [Node("x", "Input", params={"shape": [width], "dtype": dtype})]
    for name, kind, params in between:
        nodes.append(Node(name, kind, {"x": nodes[-1].name}, params))
    nodes += [
        Node("last", "Dense", {"x": nodes[-1].name}, {"units": 1}),
        Node("y", "Output", {"x": "last"}, {"loss": "mse"}),
    ]
    return Project(Graph(tuple(nodes)), data={"inputs": {"x": source}})


def doubts(given, columns=COLUMNS, training=True):
    report = check(given)
    assert not report.errors
    table = Table(Path("t.csv"), columns)
    found = check_against_graph(report, encode_for_graph(report, table), training)
    return [each for each in found if each.code == "input-scale"]


@pytest.mark.parametrize("column", ["grams", "years"])
def test_numbers_far_from_1_are_doubted_and_standardised(column):
    given = project({"column": column})
    (found,) = doubts(given)
    assert (found.severity, found.node, found.place) == ("warning", "x", f"column {column}")
    better = apply_edit(given, found.fixes[0].edit)
    assert better.data["inputs"]["x"] == {"column": column, "scale": "standardize"}
    assert doubts(better) == []


def test_of_several_columns_it_is_said_whose_numbers_are_shown():
    (found,) = doubts(project({"columns": ["shares", "years", "grams"]}, 3))
    assert found.message.startswith('"years", "grams" are not scaled')
    assert found.found == 'a mean of 2,010 and a standard deviation of 5.766 in "years"'


def test_of_several_columns_those_at_fault_alone_are_standardised():
    source = {"columns": ["shares", "grams"], "encode": [None, {"kind": "number",
              "params": {"fill": "median"}}]}  # fmt: skip
    given = project(source, 2)
    (found,) = doubts(given)
    assert '"grams" is not scaled' in found.message
    better = apply_edit(given, found.fixes[0].edit)
    scaled = {"kind": "number", "params": {"scale": "standardize", "fill": "median"}}
    assert better.data["inputs"]["x"]["encode"] == [None, scaled]
    assert doubts(better) == []


def test_a_number_beside_labels_is_found_at_its_place():
    source = {"columns": ["kinds", "grams"], "encode": ["category", "number"]}
    (found,) = doubts(project(source, 4))
    assert '"grams" is not scaled' in found.message


@pytest.mark.parametrize(
    ("source", "width", "between", "dtype"),
    [
        ({"column": "shares"}, 1, (), "float32"),
        ({"column": "kinds", "encode": "category"}, 3, (), "float32"),
        ({"column": "grams", "encode": {"kind": "number", "params": {"scale": "robust"}}}, 1, (),
         "float32"),
        ({"column": "grams"}, 1, [("norm", "BatchNormalization", {})], "float32"),
        ({"column": "grams"}, 1, [("drop", "Dropout", {"rate": 0.1}),
                                  ("norm", "BatchNormalization", {})], "float32"),
        ({"column": "ids"}, 1, [("words", "Embedding", {"input_dim": 9000, "output_dim": 2}),
                                ("flat", "Flatten", {})], "int32"),
        ({"column": "spectrum"}, 30, (), "float32"),
    ],
)  # fmt: skip
def test_what_is_no_measurement_or_is_scaled_is_not_doubted(source, width, between, dtype):
    columns = {**COLUMNS, "ids": np.arange(ROWS) * 100, "spectrum": RNG.normal(0, 900, (ROWS, 30))}
    assert doubts(project(source, width, between, dtype), columns) == []


def test_a_normalisation_that_is_off_scales_nothing():
    given = project({"column": "grams"}, 1, [("norm", "BatchNormalization", {})])
    assert len(doubts(apply_edit(given, {"do": "set_off", "node": "norm"}))) == 1


def test_rows_that_are_only_scored_are_not_doubted():
    assert doubts(project({"column": "grams"}), training=False) == []
