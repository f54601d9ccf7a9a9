"""A whole graph as one module: sharing, several outputs, masks, bypassed nodes, folds, names."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from engine.check.report import check
from engine.compile.plan import RESERVED, build_plan
from engine.compile.torch_source import torch_source
from engine.runtime.model.network import Network, head_masks
from tests.engine.runtime.small import network, node, project

WORDS = torch.tensor([[3, 1, 2, 0, 0], [1, 1, 0, 0, 0], [5, 4, 3, 2, 1]])
POINTS = torch.linspace(-1, 1, 12).reshape(4, 3)


def answers(given, **inputs):
    net = network(given).eval()
    with torch.no_grad():
        return net(inputs)


def dense(name, x, units=2, **params):
    return node(name, "Dense", x, units=units, **params)


def out(name, x, loss="mse"):
    return node(name, "Output", x, loss=loss)


def built_from_source(given):
    """Return the module that the written source makes, with the network's own weights."""
    report = check(given)
    planned = build_plan(given.graph, report)
    space = {}
    exec(torch_source(planned, "written"), space)
    net = Network(planned, 3)
    written = space["Written"]()
    written.load_state_dict(net.state_dict())
    return net, written


def same_as_its_source(given, **inputs):
    net, written = built_from_source(given)
    for one in (net, written):
        one.eval()
    with torch.no_grad():
        ours, theirs = net(inputs), written(*(inputs[i.name] for i in net.plan.inputs))
    assert ours.keys() == theirs.keys()
    for name, answer in ours.items():
        assert torch.equal(answer, theirs[name]), name
    return ours


# Sharing


def test_nodes_that_share_use_one_module():
    given = project(
        node("words", "Input", shape=[None], dtype="int32"),
        node("asked", "Input", shape=[None], dtype="int32"),
        node("vectors", "Embedding", "words", input_dim=6, output_dim=3),
        node("again", "Embedding", "asked", shares="vectors"),
        node("one", "GlobalAveragePooling1D", "vectors"),
        node("two", "GlobalAveragePooling1D", "again"),
        node("apart", "Subtract", {"a": "one", "b": "two"}),
        dense("d", "apart", 1),
        out("y", "d"),
    )
    net = network(given)
    assert set(net.get_weights()) == {"vectors/embeddings", "d/kernel", "d/bias"}
    answer = same_as_its_source(given, words=WORDS, asked=WORDS)
    assert torch.equal(answer["y"], torch.zeros(3, 1))  # equal inputs, equal weights, bias 0


@pytest.mark.parametrize("unused", ["bypassed", "aside"])
def test_weights_are_shared_though_their_owner_does_no_work(unused):
    given = project(
        node("points", "Input", shape=[3]),
        {**dense("owner", "points", 3), "off": unused == "bypassed"},
        node("one", "Dense", "owner" if unused == "bypassed" else "points", shares="owner"),
        node("two", "Dense", "one", shares="owner"),
        out("price", "two"),
    )
    same_as_its_source(given, points=POINTS)
    assert [*network(given).get_weights()] == ["owner/kernel", "owner/bias"]


def test_what_shares_may_be_drawn_before_its_owner():
    given = project(
        node("x", "Input", shape=[3]),
        dense("owner", "x", 3),
        node("twice", "Dense", "owner", shares="owner"),
        out("y", "twice"),
    )
    nodes = given.graph.nodes
    turned = given.with_graph(type(given.graph)((nodes[2], nodes[3], nodes[1], nodes[0])))
    for one in (given, turned):
        answer = same_as_its_source(one, x=POINTS)["y"]
        net = network(one)
        expected = net.owner(net.owner(POINTS))
        assert torch.allclose(answer, expected.detach())


# Several outputs, masks


def states(**params):
    return project(
        node("words", "Input", shape=[None], dtype="int32"),
        node("vectors", "Embedding", "words", input_dim=6, output_dim=3, mask_zero=True),
        node("read", "LSTM", "vectors", units=4, return_sequences=True, return_state=True),
        node("peak", "GlobalAveragePooling1D", "read"),
        node("all", "Concatenate", {"xs": ["peak", "read.state_h", "read.state_c"]}),
        dense("d", "all"),
        out("y", "d"),
        **params,
    )


def test_each_of_several_outputs_can_be_wired():
    assert same_as_its_source(states(), words=WORDS)["y"].shape == (3, 2)


def test_a_mask_goes_through_the_whole_graph():
    """Padding changes nothing: each row answers what it would answer alone, without padding."""
    given = project(
        node("words", "Input", shape=[None], dtype="int32"),
        node("vectors", "Embedding", "words", input_dim=6, output_dim=4, mask_zero=True),
        node("drop", "Dropout", "vectors", rate=0.5),
        node("both", "Bidirectional", "drop",
             layer={"kind": "GRU", "params": {"units": 2, "return_sequences": True}}),
        node("more", "Add", {"xs": ["both", "drop"]}),
        node("look", "MultiHeadAttention", {"query": "more", "value": "more"},
             num_heads=2, key_dim=2),
        node("curve", "Activation", "look", activation="tanh"),
        node("mean", "GlobalAveragePooling1D", "curve"),
        dense("d", "mean"),
        out("y", "d"),
    )  # fmt: skip
    together = same_as_its_source(given, words=WORDS)["y"]
    for row, length in enumerate((3, 2, 5)):
        alone = answers(given, words=WORDS[row : row + 1, :length])["y"]
        assert torch.allclose(alone[0], together[row], atol=1e-6)
    longer = torch.cat([WORDS, torch.zeros(3, 4, dtype=torch.int64)], 1)
    assert torch.allclose(answers(given, words=longer)["y"], together, atol=1e-6)


def test_a_mask_reaches_the_loss_of_a_head_with_steps():
    given = project(
        node("words", "Input", shape=[None], dtype="int32"),
        node("vectors", "Embedding", "words", input_dim=6, output_dim=3, mask_zero=True),
        dense("d", "vectors", 2),
        out("y", "d"),
    )
    raw = network(given).forward_output({"words": WORDS})
    assert torch.equal(raw.masks["y"], WORDS != 0)


def test_the_masks_of_heads_are_computed_without_the_layers_that_keep_them():
    given = project(
        node("words", "Input", shape=[5], dtype="int32"),
        node("x", "Input", shape=[5, 3]),
        node("vectors", "Embedding", "words", input_dim=6, output_dim=3, mask_zero=True),
        node("steps", "Masking", "x"),
        node("read", "GRU", "vectors", units=3, return_sequences=True),
        node("add", "Add", {"xs": ["read", "steps"]}),
        node("look", "Attention", {"query": "add", "value": "steps"}),
        node("row", "Concatenate", {"xs": ["steps", "vectors"]}, axis=1),
        node("last", "LSTM", "look", units=2),
        dense("d", "look"), dense("e", "row"), dense("f", "last"),
        out("one", "d"), out("two", "e"), out("three", "f"),
    )  # fmt: skip
    net = network(given)
    x = torch.ones(3, 5, 3)
    x[:, 3:] = 0
    inputs = {"words": WORDS, "x": x}
    raw = net.forward_output(inputs)
    computed = []
    for name, module in net.named_children():
        module.register_forward_pre_hook(lambda *_, name=name: computed.append(name))
    masks = head_masks(net, inputs)
    assert masks.keys() == raw.masks.keys() == {"one", "two"}
    assert all(torch.equal(masks[name], raw.masks[name]) for name in masks)
    assert computed == ["vectors"]
    assert net.training


# Bypassed nodes


def test_a_bypassed_node_hands_on_what_comes_in():
    def chain(off):
        return project(
            node("x", "Input", shape=[3]),
            dense("one", "x", 3),
            node("two", "Dense", "one", off=off, units=3, activation="relu"),
            node("three", "Dense", "two", off=off, units=3),
            dense("last", "three", 1),
            out("y", "last"),
        )

    skipped = project(node("x", "Input", shape=[3]), dense("one", "x", 3), dense("last", "one", 1),
                      out("y", "last"))  # fmt: skip
    assert torch.equal(
        same_as_its_source(chain(True), x=POINTS)["y"], answers(skipped, x=POINTS)["y"]
    )
    assert set(network(chain(True)).get_weights()) == set(network(skipped).get_weights())
    assert not torch.equal(answers(chain(False), x=POINTS)["y"], answers(skipped, x=POINTS)["y"])


def test_an_activation_behind_a_bypassed_node_is_still_folded():
    given = project(
        node("x", "Input", shape=[3]),
        dense("p", "x", 4, activation="softmax"),
        node("gone", "Dropout", "p", off=True, rate=0.5),
        out("y", "gone", "categorical_crossentropy"),
    )
    net = network(given)
    raw = net.forward_output({"x": POINTS})
    assert torch.equal(raw.heads["y"], net.p(POINTS))
    total = same_as_its_source(given, x=POINTS)["y"].sum(1)
    assert torch.allclose(total, torch.ones(4))


# Folded activations


def test_logits_train_the_head_and_the_softmax_goes_on_to_other_nodes():
    given = project(
        node("x", "Input", shape=[3]),
        dense("p", "x", 4, activation="softmax"),
        dense("more", "p", 1, kernel_initializer="ones"),
        out("y", "p", "categorical_crossentropy"),
        out("z", "more"),
    )
    net = network(given)
    raw = net.forward_output({"x": POINTS})
    assert torch.equal(raw.heads["y"], net.p(POINTS))
    told = same_as_its_source(given, x=POINTS)
    assert torch.allclose(told["y"], torch.softmax(net.p(POINTS), -1).detach())
    # All weights are 1: the sum of probabilities, not of logits.
    assert torch.allclose(told["z"], torch.ones(4, 1), atol=1e-6)


def test_two_heads_on_one_layer_may_train_on_logits_and_on_probabilities():
    given = project(
        node("x", "Input", shape=[3]),
        dense("p", "x", 1, activation="sigmoid"),
        out("folded", "p", "binary_crossentropy"),
        out("plain", "p", "mse"),
        node("only", "Output", "p"),
    )
    net = network(given)
    raw = net.forward_output({"x": POINTS}).heads
    assert torch.allclose(torch.sigmoid(raw["folded"]), raw["plain"])
    told = same_as_its_source(given, x=POINTS)
    assert torch.equal(told["folded"], told["plain"])
    assert torch.equal(told["only"], told["plain"])


# Names


def test_reserved_names_cover_all_that_a_torch_module_and_ours_have():
    """A node may be called anything legal; what a module has already gets a number behind it."""
    own = {name for name in [*dir(Network), *vars(nn.Module())] if not name.startswith("_")}
    assert own - RESERVED == set()


@pytest.mark.parametrize(
    "name",
    "forward train self torch nn raw logits plan T_destination penalties float list".split(),
)
def test_a_node_an_input_and_an_output_may_have_a_name_that_modules_use(name):
    given = project(
        node("x", "Input", shape=[3]), dense(name, "x"), dense("d", name, 1), out("y", "d")
    )
    assert f"{name}/kernel" in network(given).get_weights()
    same_as_its_source(given, x=POINTS)
    given = project(node(name, "Input", shape=[3]), dense("d", name, 1), out("y", "d"))
    assert same_as_its_source(given, **{name: POINTS}).keys() == {"y"}
    given = project(node("x", "Input", shape=[3]), dense("d", "x", 1), out(name, "d"))
    assert same_as_its_source(given, x=POINTS).keys() == {name}


# Weights


def test_weights_that_are_missing_or_of_another_shape_are_named():
    net = network(states())
    values = net.get_weights()
    with pytest.raises(KeyError, match="d/bias"):
        net.set_weights({name: v for name, v in values.items() if name != "d/bias"})
    with pytest.raises(ValueError, match="kernel: expected shape"):
        net.set_weights({**values, "d/kernel": np.zeros((2, 2))})


def test_what_weights_answers_does_not_change_with_the_module():
    net = network(states())
    values = net.get_weights()
    before = {name: value.copy() for name, value in values.items()}
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(1)
    for name, value in values.items():
        assert np.array_equal(value, before[name]), name
