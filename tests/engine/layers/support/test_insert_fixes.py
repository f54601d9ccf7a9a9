"""Where one more layer is all that is missing, it is offered as an edit, and it mends the graph."""

from __future__ import annotations

from typing import Any

import pytest

from engine.check.report import check
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Node, Project


def fed(shape: list[int | None], dtype: str, *nodes: Node) -> Project:
    x = Node("x", "Input", params={"shape": shape, "dtype": dtype})
    end = Node("y", "Output", {"x": nodes[-1].name}, {"loss": "mse"})
    return Project(Graph((x, *nodes, end)))


def layer(kind: str, **params: Any) -> Node:
    return Node("here", kind, {"x": "x"}, params)


def mended(project: Project) -> list[str]:
    """Let the only error be mended by a new layer, and answer its kind."""
    (found,) = check(project).errors
    edit = next(fix.edit for fix in found.fixes if fix.edit and fix.edit["do"] == "insert_on_wire")
    after = check(apply_edit(project, edit))
    assert after.errors == []
    return [node.kind for node in after.project.graph if node.name not in project.graph]


@pytest.mark.parametrize(
    "node",
    [
        layer("Conv1D", filters=4, kernel_size=3),
        layer("MaxPooling1D"),
        layer("GlobalMaxPooling1D"),
        layer("LSTM", units=4),
        layer("SpatialDropout1D", rate=0.5),
        layer("Dense", units=4),
    ],
    ids=lambda node: node.kind,
)
def test_ids_are_made_vectors(node):
    assert mended(fed([9], "int32", node)) == ["Embedding"]


@pytest.mark.parametrize("kind", ["Conv1D", "GRU", "SpatialDropout1D"])
def test_a_vector_is_made_a_sequence_of_one_channel(kind):
    params = {
        "Conv1D": {"filters": 4, "kernel_size": 3},
        "GRU": {"units": 4},
        "SpatialDropout1D": {"rate": 0.5},
    }
    assert mended(fed([9], "float32", layer(kind, **params[kind]))) == ["Reshape"]


def test_ids_are_made_vectors_at_the_port_that_they_come_in_by():
    node = Node("here", "Attention", {"query": "x", "value": "x"})
    project = fed([9], "int32", node)
    for _ in range(2):
        edit = check(project).errors[0].fixes[0].edit
        assert edit is not None
        project = apply_edit(project, edit)
    assert check(project).errors == []


@pytest.mark.parametrize(
    ("sizes", "kind"),
    [([[8], [4, 8]], "Reshape"), ([[4, 8], [4, 3]], "Dense"), ([[4, 8], [7, 8]], "Cropping1D")],
)
@pytest.mark.parametrize("turned", [False, True])
def test_what_is_merged_is_led_through_a_layer_at_its_own_place(sizes, kind, turned):
    names = ["b", "a"] if turned else ["a", "b"]
    inputs = [
        Node(name, "Input", params={"shape": size, "dtype": "float32"})
        for name, size in zip("ab", sizes, strict=True)
    ]
    nodes = (*inputs, Node("sum", "Add", {"xs": tuple(names)}))
    assert mended(
        Project(Graph((*nodes, Node("y", "Output", {"x": "sum"}, {"loss": "mse"}))))
    ) == [kind]  # fmt: skip
