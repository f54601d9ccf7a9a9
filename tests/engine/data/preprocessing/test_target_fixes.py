"""Columns of labels on Outputs of other losses or shapes: the first fix makes them fit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.check.report import check
from engine.core.diagnostic import DiagnosticError
from engine.data.dataset.graph_dataset import encode_for_graph
from engine.data.table.column_types import text_column
from engine.data.table.table import Table
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Node, Project

ROWS = 60
COLUMNS = {
    "x": np.arange(ROWS, dtype=float),
    "churned": text_column([("yes", "no")[row % 2] for row in range(ROWS)]),
    "plan": text_column([("free", "team", "pro")[row % 3] for row in range(ROWS)]),
}


def project(column, loss, units, activation="linear", **source):
    nodes = (
        Node("x", "Input", params={"shape": [1]}),
        Node("last", "Dense", {"x": "x"}, {"units": units, "activation": activation}),
        Node("y", "Output", {"x": "last"}, {"loss": loss, "metrics": []}),
    )
    return Project(Graph(nodes), data={"targets": {"y": {"column": column, **source}}})


def encode(given):
    report = check(given)
    assert not report.errors, report.errors
    return encode_for_graph(report, Table(Path("t.csv"), COLUMNS))


def mended(given, code):
    """Return the project after the first fix, for which the data fits."""
    with pytest.raises(DiagnosticError) as refused:
        encode(given)
    (found,) = refused.value.diagnostics
    assert found.code == code
    better = apply_edit(given, found.fixes[0].edit)
    encode(better)
    return better


@pytest.mark.parametrize("source", [{}, {"encode": "multilabel"}])
def test_a_yes_or_no_for_many_values_needs_one(source):
    """Two units would predict yes and no at once."""
    given = project("churned", "binary_crossentropy", 32, "sigmoid", **source)
    better = mended(given, "array-shape")
    assert better.graph["last"].params["units"] == 1
    assert encode(better).targets["y"].shape == (ROWS, 1)


@pytest.mark.parametrize(
    ("column", "loss", "units", "activation"),
    [
        ("churned", "binary_crossentropy", 1, "sigmoid"),
        ("plan", "sparse_categorical_crossentropy", 3, "softmax"),
    ],
)
@pytest.mark.parametrize("source", [{}, {"scale": "standardize"}])
def test_labels_for_a_loss_of_numbers_become_classes(column, loss, units, activation, source):
    better = mended(project(column, "mse", 1, **source), "column-kind")
    last, output = better.graph["last"].params, better.graph["y"].params
    assert (last["units"], last["activation"]) == (units, activation)
    assert (output["loss"], output["metrics"]) == (loss, ["accuracy"])


def test_a_layer_that_is_no_dense_before_the_output_gets_no_activation():
    given = project("plan", "mse", 1)
    nodes = (*given.graph, Node("bent", "LeakyReLU", {"x": "last"}))
    graph = Graph(nodes).with_nodes(Node("y", "Output", {"x": "bent"}, given.graph["y"].params))
    with pytest.raises(DiagnosticError) as refused:
        encode(replace(given, graph=graph))
    (found,) = refused.value.diagnostics
    assert "classes" not in found.fixes[0].text


def test_two_exclusive_labels_may_be_two_values_if_the_output_has_two():
    assert encode(project("churned", "binary_crossentropy", 2, "sigmoid")).targets["y"].shape == (
        ROWS, 2,
    )  # fmt: skip
