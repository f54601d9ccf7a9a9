"""What the audit finds in an Input's values is mended by the edit that comes with it."""

from pathlib import Path

import numpy as np
import pytest

from engine.check.report import check
from engine.core.diagnostic import DiagnosticError
from engine.data.checks.graph_requirements import check_against_graph
from engine.data.dataset.graph_dataset import encode_for_graph
from engine.data.table.column_types import text_column
from engine.data.table.table import Table
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Node, Project

ROWS = 30
Y = np.arange(ROWS, dtype=float) % 7


def project(*nodes, **data):
    last = nodes[-1].name
    ends = (
        Node("last", "Dense", {"x": last}, {"units": 1}),
        Node("y", "Output", {"x": "last"}, {"loss": "mse"}),
    )
    return Project(Graph((*nodes, *ends)), data=data)


def found_in(given, columns):
    report = check(given)
    assert not report.errors
    table = Table(Path("t.csv"), {**columns, "y": Y})
    return check_against_graph(report, encode_for_graph(report, table))


def mended(given, columns, code):
    """Take the first fix of a finding, and answer the project and what is found then."""
    (bad,) = (each for each in found_in(given, columns) if each.code == code)
    better = apply_edit(given, bad.fixes[0].edit)
    assert code not in [each.code for each in found_in(better, columns)]
    return better


HOLES = np.where(np.arange(ROWS) % 5, np.linspace(0, 1, ROWS), np.nan)
NUMBERS = Node("x", "Input", params={"shape": [2]})


@pytest.mark.parametrize(
    ("source", "encode"),
    [
        ({"columns": ["a", "b"]}, {"kind": "number", "params": {"fill": "median"}}),
        (
            {"columns": ["a", "b"], "scale": "standardize"},
            {"kind": "number", "params": {"scale": "standardize", "fill": "median"}},
        ),
    ],
)
def test_missing_numbers_are_filled(source, encode):
    given = project(NUMBERS, inputs={"x": source})
    better = mended(given, {"a": HOLES, "b": np.arange(ROWS)}, "not-finite")
    assert better.data["inputs"]["x"] == {"columns": ["a", "b"], "encode": encode}


def test_empty_cells_are_called_empty_and_their_column_is_named():
    holes = int(np.isnan(HOLES).sum())
    first = int(np.flatnonzero(np.isnan(HOLES))[0])
    given = project(NUMBERS, inputs={"x": {"columns": ["a", "b"]}})
    bad = found_in(given, {"a": HOLES, "b": np.arange(ROWS)})[0]
    assert (bad.code, bad.found) == ("not-finite", "nothing")
    assert bad.message == f'"a" has empty cells: {holes} of {ROWS} rows'
    assert bad.place.startswith(f"column a, row{'s' if holes > 1 else ''} {first}")


def test_of_arrays_the_numbers_are_called_nan():
    signal = np.ones((ROWS, 2))
    signal[3, 1] = np.nan
    bad = found_in(project(NUMBERS), {"x": signal})[0]
    assert (bad.message, bad.found) == (f"values are missing in 1 of {ROWS} rows", "NaN")


def test_labels_beside_numbers_keep_their_encoding():
    source = {"columns": ["a", "b"], "encode": [None, "boolean"]}
    given = project(NUMBERS, inputs={"x": source})
    columns = {"a": HOLES, "b": text_column(["yes", "no"] * (ROWS // 2))}
    better = mended(given, columns, "not-finite")
    assert better.data["inputs"]["x"]["encode"][1] == "boolean"


def test_infinite_numbers_are_not_called_missing():
    columns = {"a": np.where(np.arange(ROWS) == 3, np.inf, 1.0), "b": Y}
    (bad,) = found_in(project(NUMBERS, inputs={"x": {"columns": ["a", "b"]}}), columns)[:1]
    assert (bad.code, bad.fixes[0].edit, bad.found) == ("not-finite", None, "infinity")


def test_a_constant_column_is_left_out_with_its_place_in_the_shape():
    source = {"columns": ["a", "b"], "encode": ["number", {"kind": "number", "params": {
        "fill": "zero"}}]}  # fmt: skip
    given = project(NUMBERS, inputs={"x": {"columns": ["a", "b"]}})
    better = mended(given, {"a": np.ones(ROWS), "b": Y}, "column-constant")
    assert better.data["inputs"]["x"] == {"columns": ["b"]}
    assert better.graph["x"].params == {"shape": [1]}
    both = project(NUMBERS, inputs={"x": source})
    assert "column-constant" not in [
        each.code for each in found_in(both, {"a": np.arange(ROWS), "b": Y})
    ]


def test_a_constant_among_the_features_of_an_array_is_no_finding():
    given = project(Node("x", "Input", params={"shape": [3]}))
    values = np.stack([Y, np.zeros(ROWS), Y * 2], axis=1)
    assert "column-constant" not in [each.code for each in found_in(given, {"x": values})]


WORDS = (
    Node("story", "Input", params={"shape": [None], "dtype": "int32"}),
    Node("vectors", "Embedding", {"x": "story"}, {"input_dim": 50, "output_dim": 4}),
    Node("seen", "Conv1D", {"x": "vectors"}, {"filters": 3, "kernel_size": 5}),
    Node("whole", "GlobalMaxPooling1D", {"x": "seen"}),
)


@pytest.mark.parametrize("encode", [None, "text", {"kind": "text", "params": {"pad": "start"}}])
def test_texts_that_are_too_short_are_filled_up(encode):
    source = {"column": "story", **({"encode": encode} if encode else {})}
    given = project(*WORDS, inputs={"story": source})
    better = mended(given, {"story": text_column(["a few words"] * ROWS)}, "length-too-short")
    params = better.data["inputs"]["story"]["encode"]["params"]
    assert params["length"] == 5
    assert params.get("pad", "end") == ("start" if isinstance(encode, dict) else "end")


def test_a_vocabulary_that_is_too_small_is_widened_to_what_the_encoder_may_give():
    given = project(
        WORDS[0],
        Node("vectors", "Embedding", {"x": "story"}, {"input_dim": 3, "output_dim": 4}),
        Node("whole", "GlobalMaxPooling1D", {"x": "vectors"}),
        inputs={"story": {"column": "story", "encode": "text"}},
    )
    better = mended(given, {"story": text_column(["a b c d"] * ROWS)}, "id-out-of-vocabulary")
    assert better.graph["vectors"].params["input_dim"] == 6


def test_ids_that_only_rows_to_come_may_hold_are_counted_too():
    """Labels are listed, and the highest of them does not occur."""
    given = project(
        Node("x", "Input", params={"shape": [], "dtype": "int32"}),
        Node("vector", "Embedding", {"x": "x"}, {"input_dim": 2, "output_dim": 4}),
        inputs={"x": {"column": "x", "labels": ["a", "b", "c"]}},
    )
    better = mended(given, {"x": text_column(["a", "b"] * (ROWS // 2))}, "id-out-of-vocabulary")
    assert better.graph["vector"].params["input_dim"] == 3


def test_a_target_of_other_classes_sets_the_units():
    given = Project(
        Graph(
            (
                Node("x", "Input", params={"shape": [1]}),
                Node("last", "Dense", {"x": "x"}, {"units": 3, "activation": "softmax"}),
                Node("y", "Output", {"x": "last"}, {"loss": "sparse_categorical_crossentropy"}),
            )
        )
    )
    table = Table(
        Path("t.csv"), {"x": Y, "y": text_column(["a", "b", "c", "d", "e"] * (ROWS // 5))}
    )
    with pytest.raises(DiagnosticError) as refused:
        encode_for_graph(check(given), table)
    (bad,) = refused.value.diagnostics
    better = apply_edit(given, bad.fixes[0].edit)
    assert encode_for_graph(check(better), table).row_count == ROWS
