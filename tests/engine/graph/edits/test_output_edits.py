"""An Output that is wired gets the loss and metrics that suit the layer before it."""

import pytest

from engine.graph.edits import field_edits, output_edits
from engine.graph.model import Graph, Node, Project

INPUT = Node("a", "Input", params={"shape": [4]})


def drawn(activation: str, **params: object) -> Project:
    dense = Node("b", "Dense", {"x": "a"}, {"units": 1, "activation": activation})
    return Project(Graph((INPUT, dense, Node("y", "Output", params=params))))


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("sigmoid", {"loss": "binary_crossentropy", "metrics": ["accuracy"]}),
        ("softmax", {"loss": "categorical_crossentropy", "metrics": ["accuracy"]}),
        ("linear", {"loss": "mse", "metrics": ["mae"]}),
    ],
)
def test_the_first_wire_brings_loss_and_metrics(activation: str, expected: object) -> None:
    wired = output_edits.connect_with_objectives(drawn(activation), "b", "y", "x")
    assert wired.graph["y"].params == expected
    assert wired.graph["y"].sources() == ("b",)


def test_what_was_set_stays() -> None:
    """A loss of none means that the output only predicts."""
    none = output_edits.connect_with_objectives(drawn("linear", loss=None), "b", "y", "x")
    assert none.graph["y"].params == {"loss": None}
    metrics = output_edits.connect_with_objectives(drawn("linear", metrics=[]), "b", "y", "x")
    assert metrics.graph["y"].params == {"loss": "mse", "metrics": []}


def test_other_nodes_and_wires_from_invalid_layers_get_nothing() -> None:
    invalid = field_edits.set_params(drawn("linear"), "b", {"units": -1})
    assert output_edits.connect_with_objectives(invalid, "b", "y", "x").graph["y"].params == {}
    assert output_edits.objectives_after(drawn("linear"), "y") == {}


def test_a_wire_from_a_bypassed_node_without_a_source_brings_nothing() -> None:
    nodes = (
        Node("b", "Dense", {"x": "ghost"}, {"units": 1}, off=True),
        Node("y", "Output"),
    )
    wired = output_edits.connect_with_objectives(Project(Graph(nodes)), "b", "y", "x")
    assert wired.graph["y"].params == {}
