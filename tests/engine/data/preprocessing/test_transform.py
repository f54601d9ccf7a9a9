"""Ports fed through encoders: several columns in one, one column in several."""

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image as Pillow

from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.data.encoders import (
    CategoryEncoder,
    ConcatEncoder,
    DateEncoder,
    IdsEncoder,
    ImageEncoder,
    MultilabelEncoder,
    NumberEncoder,
    TextEncoder,
)
from engine.data.ports.target_spec import TargetSpec
from tests.engine.data.preprocessing.encoded import made, refusal

STORY = TensorSpec((DynamicLength("story"),), "int32")
SPECIES = TargetSpec(
    "species", (), "index", 3, "sparse_categorical_crossentropy", units_node="last"
)


def test_categories_and_numbers_stand_side_by_side_in_one_input():
    mapping = {"inputs": {"x": {"columns": ["height", "island"]}}}
    dataset = made(
        {"height": ["1.5", "2"], "island": ["b", "a"]}, {"x": TensorSpec((3,))}, mapping=mapping
    )
    assert dataset.inputs["x"].tolist() == [[1.5, 0, 1], [2, 1, 0]]
    assert dataset.fitted.inputs["x"] == ConcatEncoder(
        parts=(NumberEncoder(), CategoryEncoder(labels=("a", "b"), hot=True))
    )


def test_each_column_has_its_own_encoding():
    mapping = {
        "inputs": {
            "x": {
                "columns": ["size", "day", "sex"],
                "encode": [
                    {"kind": "number", "params": {"scale": "minmax"}},
                    {"kind": "date", "params": {"parts": ["hour"]}},
                    "boolean",
                ],
            }
        }
    }
    columns = {
        "size": np.array([10.0, 20.0]),
        "day": ["2024-01-01 06:00", "2024-01-01 12:00"],
        "sex": ["no", "yes"],
    }
    dataset = made(columns, {"x": TensorSpec((4,))}, mapping=mapping)
    np.testing.assert_allclose(dataset.inputs["x"], [[0, 1, 0, 0], [1, 0, -1, 1]], atol=1e-7)
    later = made(
        {"size": np.array([15.0]), "day": ["2024-05-06 18:00"], "sex": ["yes"]},
        {"x": TensorSpec((4,))}, mapping=mapping, fitted=dataset.fitted,
    )  # fmt: skip
    np.testing.assert_allclose(later.inputs["x"], [[0.5, -1, 0, 1]], atol=1e-7)


def test_numbers_beside_numbers_share_one_encoder():
    mapping = {"inputs": {"x": {"columns": ["a", "b"], "scale": "standardize"}}}
    dataset = made({"a": [1.0, 3.0], "b": [10.0, 30.0]}, {"x": TensorSpec((2,))}, mapping=mapping)
    assert dataset.fitted.inputs["x"] == NumberEncoder(
        scale="standardize", center=(2.0, 20.0), spread=(1.0, 10.0),
        low=(1.0, 10.0), high=(3.0, 30.0),
    )  # fmt: skip


def test_one_column_feeds_several_ports():
    mapping = {
        "inputs": {
            "story": {"column": "text", "encode": "text"},
            "letters": {"column": "text", "encode": {"kind": "text", "params": {
                "unit": "character", "length": 4}}},
        }
    }  # fmt: skip
    inputs = {"story": STORY, "letters": TensorSpec((4,), "int32")}
    dataset = made({"text": ["a b a", "b"]}, inputs, mapping=mapping)
    assert dataset.inputs["story"].tolist() == [[2, 3, 2], [3, 0, 0]]
    assert dataset.inputs["letters"].dtype == np.int32
    assert dataset.inputs["letters"].shape == (2, 4)


@pytest.mark.parametrize(
    ("column", "spec", "encoder"),
    [
        (["some words here", "more words"], STORY, TextEncoder),
        (["3 17 4", "5"], STORY, IdsEncoder),
        (["3 17 4", "5"], TensorSpec((5,), "int32"), IdsEncoder),
        (["a", "b"], TensorSpec((1,), "int32"), CategoryEncoder),
        (pa.array([[3, 17], [4]], pa.large_list(pa.int64())), STORY, IdsEncoder),
        (pa.array([["a"], ["b", "a"]], pa.large_list(pa.large_string())), STORY, TextEncoder),
        (
            pa.array([["a"], ["b", "a"]], pa.large_list(pa.large_string())),
            TensorSpec((2,)),
            MultilabelEncoder,
        ),
        (["2024-01-31", "1999-12-01"], TensorSpec((7,)), DateEncoder),
        (np.array(["2024-01-31", "1999-12-01"], "datetime64[us]"), TensorSpec((7,)), DateEncoder),
    ],
)
def test_without_an_encoding_column_and_port_decide(column, spec, encoder):
    dataset = made({"x": column}, {"x": spec})
    assert isinstance(dataset.fitted.inputs["x"], encoder)


def test_lists_of_one_length_are_an_array_of_numbers():
    lists = pa.array([[1.5, 2.0], [3.0, 4.0]], pa.large_list(pa.float64()))
    assert made({"x": lists}, {"x": TensorSpec((2,))}).inputs["x"].tolist() == [[1.5, 2], [3, 4]]
    uneven = pa.array([[1.5, 2.0], [3.0]], pa.large_list(pa.float64()))
    (found,) = refusal({"x": uneven}, {"x": TensorSpec((2,))})
    assert (found.code, found.found) == ("column-kind", "lists")


def test_pictures_come_from_below_the_tables_own_folder(tmp_path):
    Pillow.new("RGB", (9, 9), (255, 0, 0)).save(tmp_path / "a.png")
    dataset = made(
        {"photo": ["a.png", "a.png"]},
        {"photo": TensorSpec((2, 2, 3))},
        path=tmp_path / "table.csv",
    )
    assert dataset.fitted.inputs["photo"] == ImageEncoder(size=(2, 2))
    assert dataset.inputs["photo"][1].tolist() == [[[1, 0, 0]] * 2] * 2
    (found,) = refusal(
        {"photo": ["a.png", "../b.png"]}, {"photo": TensorSpec((2, 2, 3))}, path=tmp_path / "t.csv"
    )
    assert (found.code, found.node) == ("image-outside", "photo")


@pytest.mark.parametrize("form", ["index", "onehot", "binary"])
def test_labels_of_a_target_are_those_of_the_training_rows(form):
    classes = 2
    shape = (1,) if form == "binary" else (2,) if form == "onehot" else ()
    port = TargetSpec("sex", shape, form, classes, units_node="last")
    column = ["f", "m", "f", "x"]
    (found,) = refusal({"sex": column}, targets=[port], train=np.array([0, 1]))
    assert (found.code, found.node) == ("label-unseen", "sex")
    assert (found.place, found.found) == (
        "column sex, row 3 (counting from 0)",
        "'x' in row 3",
    )
    assert "Stratify" in found.fixes[0].text
    labels = {"do": "set_params", "node": "sex", "params": {"labels": ["f", "m", "x"]}}
    units = {"do": "set_params", "node": "last", "params": {"units": 3}}
    edits = [fix.edit for fix in found.fixes[1:] if fix.edit]
    assert edits == ([] if form == "binary" else [{"do": "several", "edits": [units, labels]}])


def test_labels_that_the_output_lists_are_not_those_of_the_training_rows():
    port = TargetSpec("sex", (), "index", 2, labels=("f", "m"))
    (found,) = refusal({"sex": ["f", "m", "x"]}, targets=[port], train=np.array([0, 1]))
    assert (found.code, found.why) == ("label-unknown", "")


def test_the_split_that_is_offered_keeps_the_rows_for_a_test():
    split = {"kind": "random", "params": {"validation": 0.1, "test": 0.3}}
    port = TargetSpec("sex", (), "index", 2)
    mapping = {"split": split}
    (found,) = refusal({"sex": ["f", "m", "x"]}, (), [port], mapping, train=np.array([0, 1]))
    params = {"column": "sex", "validation": 0.1, "test": 0.3}
    assert found.fixes[0].edit["split"] == {"kind": "stratified", "params": params}


def test_a_target_of_amounts_where_classes_are_asked_is_advised_as_a_target():
    (found,) = refusal({"species": np.array([0, 1.5, 2])}, targets=[SPECIES])
    assert found.code == "ids-not-whole"
    assert "mse" in found.fixes[0].text
    (found,) = refusal({"x": np.array([0, 1.5, 2])}, {"x": TensorSpec((), "int32")})
    assert "Input" in found.fixes[0].text


def test_a_label_of_an_input_that_no_training_row_has_can_be_other():
    (found,) = refusal(
        {"island": ["a", "b", "c"]},
        {"island": TensorSpec((), "int32")},
        train=np.array([0, 1]),
    )
    assert found.code == "label-unseen"
    source = found.fixes[0].edit["source"]
    dataset = made(
        {"island": ["a", "b", "c"]},
        {"island": TensorSpec((), "int32")},
        mapping={"inputs": {"island": source}},
        train=np.array([0, 1]),
    )
    assert dataset.inputs["island"].tolist() == [0, 1, 2]
