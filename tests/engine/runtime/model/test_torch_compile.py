"""A compiled network computes what the network computes, and is compiled twice at most."""

from __future__ import annotations

import pytest
import torch

from engine.graph.serialization.file import parse
from engine.graph.templates import read_template, template_names
from engine.runtime.model.torch_compile import compile_network
from tests.engine.runtime.small import network, node, project


def counted(net):
    """Compile a network without an optimizing backend; return the list that gets its graphs."""
    graphs = []
    compile_network(net, backend=lambda graph, _: graphs.append(graph) or graph.forward)
    return graphs


TEXT = (
    node("x", "Input", shape=[None], dtype="int32"),
    node("e", "Embedding", "x", input_dim=30, output_dim=8),
    node("c", "Conv1D", "e", filters=6, kernel_size=3, padding="same", activation="relu"),
    node("drop", "Dropout", "c", rate=0.0),
    node("norm", "BatchNormalization", "drop"),
    node("p", "GlobalMaxPooling1D", "norm"),
)
RECURRENT = (*TEXT[:2], node("p", "LSTM", "e", units=5))
HEAD = (node("d", "Dense", "p", units=1), node("y", "Output", "d", loss="mse"))


@pytest.mark.parametrize(("nodes", "count"), [(TEXT, 2), (RECURRENT, 0)])
def test_other_lengths_and_batches_are_computed_with_the_same_two_graphs(nodes, count):
    """Networks that torch can't compile as a whole are computed without graphs."""
    plain, net = (network(project(*nodes, *HEAD)) for _ in range(2))
    graphs = counted(net)
    for is_training in (True, False):
        for rows, length in ((8, 12), (8, 9), (3, 20), (1, 7), (8, 12)):
            x = torch.randint(0, 30, (rows, length))
            for each in (plain, net):
                each.train(is_training).zero_grad()
            expected, found = (each.forward_output({"x": x}).heads["y"] for each in (plain, net))
            torch.testing.assert_close(found, expected)
            if is_training:
                expected.square().sum().backward()
                found.square().sum().backward()
                for one, other in zip(plain.parameters(), net.parameters(), strict=True):
                    torch.testing.assert_close(one.grad, other.grad)
    for one, other in zip(plain.buffers(), net.buffers(), strict=True):
        torch.testing.assert_close(one, other)
    assert len(graphs) == count


def test_an_error_of_the_network_itself_is_raised():
    net = network(project(*TEXT, *HEAD))
    counted(net)
    with pytest.raises(IndexError, match="out of range"):
        net.forward_output({"x": torch.full((2, 4), 99)})


@pytest.mark.slow
@pytest.mark.parametrize("name", template_names())
def test_templates_have_at_most_two_graphs(name):
    net = network(parse(read_template(name)).project)
    graphs = counted(net)
    for is_training in (True, False):
        net.train(is_training)
        for rows in (4, 3):
            inputs = {}
            for each in net.plan.inputs:
                sizes = [300 if not isinstance(size, int) else size for size in each.spec.shape]
                ones = torch.ones(rows, *sizes)
                inputs[each.name] = ones.int() if each.spec.dtype == "int32" else ones
            net.forward_output(inputs)
    assert len(graphs) <= 2
