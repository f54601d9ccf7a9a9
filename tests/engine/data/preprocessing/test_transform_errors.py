"""Encoders that do not fit: each error offers an edit that works."""

import numpy as np
import pytest

from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.data.encoders import (
    CategoryEncoder,
)
from engine.data.ports.target_spec import TargetSpec
from tests.engine.data.preprocessing.encoded import asked, made, refusal

STORY = TensorSpec((DynamicLength("story"),), "int32")
MASS = TargetSpec("mass", (1,), "number", loss="mse")
SPECIES = TargetSpec(
    "species", (), "index", 3, "sparse_categorical_crossentropy", units_node="last"
)
TAGS = TargetSpec("tags", (2,), "binary", None, "binary_crossentropy")


@pytest.mark.parametrize(
    ("column", "encode", "code"),
    [
        (["a", ""], None, "cell-missing"),
        (["2024-01-01", ""], "date", "cell-missing"),
        (["1/2/2024", "3/4/2024"], "date", "date-ambiguous"),
    ],
)
def test_what_an_encoder_refuses_is_mended_by_the_edit_that_is_offered(column, encode, code):
    inputs = {"x": TensorSpec((DynamicLength("x"),))}
    mapping = {"inputs": {"x": {"column": "x", **({"encode": encode} if encode else {})}}}
    (found,) = refusal({"x": column}, inputs, mapping=mapping)
    assert (found.code, found.node) == (code, "x")
    edit = found.fixes[0].edit
    assert edit["do"] == "set_mapping"
    made({"x": column}, inputs, mapping={"inputs": {"x": edit["source"]}})


def test_pieces_of_words_get_a_length_by_an_edit():
    encode = {"kind": "text", "params": {"unit": "bpe"}}
    (found,) = refusal(
        {"story": ["a b"]}, {"story": STORY}, mapping=asked("story", "story", encode)
    )
    assert found.code == "length-unknown"
    mapping = {"inputs": {"story": found.fixes[0].edit["source"]}}
    assert made({"story": ["a b"]}, {"story": STORY}, mapping=mapping).inputs["story"].shape == (
        1, 100,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("encode", "spec", "dtype"),
    [
        ("text", TensorSpec((3,)), "int32"),
        ("ids", TensorSpec((3,)), "int32"),
        ("date", TensorSpec((3,), "int32"), "float32"),
        ("multilabel", TensorSpec((3,), "int32"), "float32"),
    ],
)
def test_ids_and_measurements_are_not_mixed_up(encode, spec, dtype):
    """The dtype alone would leave a layer behind that can't read it, so no edit sets it."""
    (found,) = refusal({"x": ["a b", "c"]}, {"x": spec}, mapping=asked("x", "x", encode))
    assert (found.code, found.node) == ("encode-unfit", "x")
    assert f"dtype of x to {dtype}" in found.fixes[0].text
    assert found.fixes[0].edit is None
    assert found.fixes[1].edit["source"] == {"column": "x"}


def test_ids_that_are_none_are_named_by_their_row_in_the_table_not_among_those_trained_on():
    columns, mapping = {"x": ["1 2", "3", "4 x", "5"]}, asked("x", "x", "ids")
    (found,) = refusal(columns, {"x": STORY}, mapping=mapping, train=np.array([2, 3]))
    assert (found.code, found.found) == ("ids-unreadable", "'4 x' in row 2")
    assert found.place == "column x, row 2 (counting from 0)"


def test_an_inputs_shape_is_set_to_what_its_encoders_give():
    (found,) = refusal({"x": ["a", "b", "c"]}, {"x": TensorSpec((2,))})
    assert found.code == "array-shape"
    assert found.fixes[0].edit == {"do": "set_params", "node": "x", "params": {"shape": [3]}}


def test_the_units_in_front_of_an_output_are_set_to_the_number_of_labels():
    (found,) = refusal({"species": ["a", "b"]}, targets=[SPECIES])
    assert found.code == "array-shape"
    assert found.fixes[0].edit == {"do": "set_params", "node": "last", "params": {"units": 2}}


def test_several_labels_are_a_target_of_yes_and_no():
    dataset = made({"tags": ["x|y", "", "y"]}, targets=[TAGS], mapping=asked(
        "tags", "tags", "multilabel", "targets"))  # fmt: skip
    assert dataset.targets["tags"].tolist() == [[1, 1], [0, 0], [0, 1]]
    assert dataset.masks == {}


def test_several_labels_are_masked_where_the_output_says_so():
    port = TargetSpec("tags", (2,), "binary", None, missing="mask")
    dataset = made({"tags": ["x|y", "", "y"]}, targets=[port])
    assert dataset.masks["tags"].tolist() == [[True] * 2, [False] * 2, [True] * 2]


def test_missing_labels_are_masked_without_teaching_the_encoder_anything():
    port = TargetSpec("species", (), "index", 2, missing="mask")
    dataset = made({"species": ["", "b", "a", "b"]}, targets=[port], train=np.array([0, 1, 2]))
    assert dataset.fitted.targets["species"] == CategoryEncoder(labels=("a", "b"))
    assert dataset.masks["species"].tolist() == [False, True, True, True]
    assert dataset.targets["species"].tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("encode", "port", "column"),
    [
        ("text", MASS, ["a", "b"]),
        ({"kind": "number", "params": {"fill": "mean"}}, MASS, [1.0, 2.0]),
        ("category", TAGS, ["a", "b"]),
        ("boolean", SPECIES, ["a", "b"]),
        ("date", MASS, ["2024-01-01", "2024-01-02"]),
    ],
)
def test_an_encoding_that_no_loss_can_use_is_refused(encode, port, column):
    mapping = asked(port.name, port.name, encode, "targets")
    (found,) = refusal({port.name: column}, targets=[port], mapping=mapping)
    assert (found.code, found.node) == ("encode-unfit", port.name)


def test_a_target_of_numbers_is_scaled_as_asked_and_comes_back():
    mapping = asked("mass", "mass", {"kind": "number", "params": {"scale": "log"}}, "targets")
    dataset = made({"mass": [0.0, 9.0, 99.0]}, targets=[MASS], mapping=mapping)
    encoder = dataset.fitted.targets["mass"]
    np.testing.assert_allclose(
        encoder.inverse_transform(dataset.targets["mass"]).ravel(), [0, 9, 99], rtol=1e-5, atol=1e-5
    )
    (found,) = refusal({"mass": [0.0, -9.0]}, targets=[MASS], mapping=mapping)
    assert (found.code, found.node) == ("scale-unfit", "mass")


def test_every_column_of_a_port_is_found_wanting_at_once():
    mapping = {"inputs": {"x": {"columns": ["a", "b"], "encode": ["number", "date"]}}}
    found = refusal(
        {"a": ["1.5", "2,5", "2"], "b": [1, 2, 3]}, {"x": TensorSpec((8,))}, mapping=mapping
    )
    assert [each.code for each in found] == ["number-unreadable", "column-kind"]


def test_an_answer_of_an_input_that_no_training_row_has_can_be_named():
    boolean = {"column": "smokes", "encode": "boolean"}
    columns = {"smokes": ["no", "no", "yes"]}
    inputs = {"smokes": TensorSpec((1,))}
    mapping = {"inputs": {"smokes": boolean}}
    train = np.array([0, 1])
    (found,) = refusal(columns, inputs, mapping=mapping, train=train)
    assert found.code == "label-unseen"
    source = found.fixes[0].edit["source"]
    assert source == {**boolean, "labels": ["no", "yes"]}
    dataset = made(columns, inputs, mapping={"inputs": {"smokes": source}}, train=train)
    assert dataset.inputs["smokes"].tolist() == [[0], [0], [1]]
