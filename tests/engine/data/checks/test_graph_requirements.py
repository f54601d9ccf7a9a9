"""Padding that no mask covers is found wherever it stands and whatever it passes on the way."""

import numpy as np
import pytest

from engine.check.report import check
from engine.data.checks.graph_requirements import check_against_graph
from engine.data.dataset.graph_dataset import encode_for_graph, target_specs
from engine.data.readers.table_file import open_table
from engine.graph.model import Graph, Node, Project

IDS = Node("posts", "Input", params={"shape": [None], "dtype": "int32"})
WORDS = Node("words", "Embedding", {"x": "posts"}, {"input_dim": 50, "output_dim": 4})
MASKED = Node("words", "Embedding", {"x": "posts"}, {**WORDS.params, "mask_zero": True})
DROP = Node("drop", "Dropout", {"x": "words"}, {"rate": 0.5})
NORM = Node("norm", "BatchNormalization", {"x": "drop"})
OFF = Node("conv", "Conv1D", {"x": "words"}, {"filters": 4, "kernel_size": 3}, off=True)
CONV = Node("conv", "Conv1D", {"x": "words"}, {"filters": 4, "kernel_size": 3})
AT_END = [[3, 4, 5, 6, 0, 0], [7, 8, 9, 1, 2, 3]]
AT_START = [[0, 0, 3, 4, 5, 6], [7, 8, 9, 1, 2, 3]]


def reader(source):
    return (
        Node("read", "GRU", {"x": source}, {"units": 3}),
        Node("last", "Dense", {"x": "read"}, {"units": 1}),
        Node("age", "Output", {"x": "last"}, {"loss": "mse"}),
    )


def padding(tmp_path, rows, *nodes):
    report = check(Project(Graph((IDS, *nodes, *reader(nodes[-1].name)))))
    assert not report.errors
    np.savez(tmp_path / "data.npz", posts=np.array(rows), age=np.arange(2.0))
    dataset = encode_for_graph(report, open_table(tmp_path / "data.npz"))
    return [
        found for found in check_against_graph(report, dataset) if found.code == "padding-unmasked"
    ]


@pytest.mark.parametrize("rows", [AT_END, AT_START])
@pytest.mark.parametrize("way", [(WORDS,), (WORDS, DROP), (WORDS, DROP, NORM), (WORDS, OFF)])
def test_padding_is_found_at_both_ends_and_behind_layers_that_keep_steps(tmp_path, rows, way):
    (found,) = padding(tmp_path, rows, *way)
    assert (found.node, found.found) == ("read", "50% of the rows begin or end in zeros")
    assert found.fixes[0].edit["node"] == "words"


@pytest.mark.parametrize("way", [(MASKED,), (MASKED, DROP), (WORDS, CONV)])
def test_masked_or_mixed_steps_are_no_unmasked_padding(tmp_path, way):
    assert not padding(tmp_path, AT_START, *way)


def test_rows_without_padding_or_of_padding_only_are_not_padded(tmp_path):
    assert not padding(tmp_path, [[1, 2, 0, 3], [0, 0, 0, 0]], WORDS)


def test_a_second_input_that_shares_the_embedding_is_walked_from_its_own_node(tmp_path):
    titles = Node("titles", "Input", params={"shape": [None], "dtype": "int32"})
    shared = Node("title_words", "Embedding", {"x": "titles"}, shares="words")
    last = (
        Node("top", "GlobalAveragePooling1D", {"x": "words"}),
        Node("read", "GRU", {"x": "title_words"}, {"units": 4}),
        Node("both", "Concatenate", {"xs": ("top", "read")}),
        Node("last", "Dense", {"x": "both"}, {"units": 1}),
        Node("age", "Output", {"x": "last"}, {"loss": "mse"}),
    )
    report = check(Project(Graph((IDS, titles, WORDS, shared, *last))))
    assert not report.errors, report.errors
    rows = {"posts": np.ones((2, 6), int), "titles": np.array(AT_END), "age": np.arange(2.0)}
    np.savez(tmp_path / "data.npz", **rows)
    dataset = encode_for_graph(report, open_table(tmp_path / "data.npz"))
    nodes = [f.node for f in check_against_graph(report, dataset) if f.code == "padding-unmasked"]
    assert nodes == ["read"]


def test_the_layer_whose_units_are_the_classes_is_found_behind_an_activation():
    nodes = [
        Node("x", "Input", params={"shape": [2]}),
        Node("last", "Dense", {"x": "x"}, {"units": 3}),
        Node("shares", "Activation", {"x": "last"}, {"activation": "softmax"}),
        Node("y", "Output", {"x": "shares"}, {"loss": "sparse_categorical_crossentropy"}),
    ]
    report = check(Project(Graph(tuple(nodes))))
    (port,) = target_specs(report)
    assert port.units_fix(5).edit == {"do": "set_params", "node": "last", "params": {"units": 5}}
