"""An offer to draw a wire draws one that fits, or says what has to stand between."""

from __future__ import annotations

import pytest

from engine.check.report import check
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Node, Project


def project(*nodes: Node) -> Project:
    return Project(Graph(nodes))


def drawn(shape: list, dtype: str) -> Project:
    return project(
        Node("words", "Input", params={"shape": shape, "dtype": dtype}),
        Node("read", "LSTM", params={"units": 8}),
        *(Node(f"d{k}", "Dense", {"x": "read"}, {"units": 1}) for k in range(3)),
        *(Node(f"y{k}", "Output", {"x": f"d{k}"}, {"loss": "mse"}) for k in range(3)),
    )


def test_ids_are_led_through_an_embedding_where_only_that_fits():
    before = check(drawn([100], "int32"))
    (found,) = before.errors
    fix = next(fix for fix in found.fixes if fix.edit)
    after = check(apply_edit(before.project, fix.edit))
    assert after.errors == []
    assert [node.kind for node in after.project.graph.of_kind("Embedding")] == ["Embedding"]


def test_a_wire_that_fits_is_offered_as_it_is():
    found = check(drawn([100, 3], "float32")).errors[0]
    assert found.fixes[0].edit == {"do": "connect", "source": "words", "node": "read", "port": "x"}


def test_what_fits_in_no_way_is_said_in_words():
    (found,) = check(drawn([100], "float32")).errors
    assert {fix.edit for fix in found.fixes} == {None}
    assert found.fixes[0].text.startswith("Connect words to read through other layers.")


def test_outputs_behind_one_gap_are_one_finding():
    (gap,) = check(drawn([9], "int32")).errors
    assert gap.node == "read"
    assert gap.message == "its input is not connected, so no Input reaches y0, y1, y2"


@pytest.mark.parametrize(
    ("activation", "loss", "metric"),
    [
        ("softmax", "categorical_crossentropy", "accuracy"),
        ("sigmoid", "binary_crossentropy", "accuracy"),
        ("linear", "mse", "mae"),
    ],
)
def test_an_output_that_is_offered_is_trained_as_its_layer_suggests(activation, loss, metric):
    report = check(
        project(
            Node("points", "Input", params={"shape": [4]}),
            Node("last", "Dense", {"x": "points"}, {"units": 3, "activation": activation}),
        )
    )
    (found,) = report.errors
    after = apply_edit(report.project, found.fixes[0].edit)
    assert after.graph.of_kind("Output")[0].params == {"loss": loss, "metrics": [metric]}
