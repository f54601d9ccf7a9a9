"""Columns that do not fit a port are refused with a reason; encodings that do not, with fixes."""

from __future__ import annotations

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.data.encoding_choice.choice import suggest_joint_source
from engine.data.encoding_choice.compatibility import (
    check_encodings,
    incompatibility_reason,
)
from engine.data.ports.port_columns import PortColumns
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.transform import transform_port
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Node, Project
from engine.recipe.data_mapping import DataMapping, Source
from engine.recipe.encoding import Category, Date, Encoding, Number, Text
from tests.engine.data.mixed_columns import ROWS, STATISTICS, TABLE

SPECS = {
    "one": TensorSpec((1,)), "scalar": TensorSpec(()), "three": TensorSpec((3,)),
    "seven": TensorSpec((7,)), "eight": TensorSpec((8,)), "wide": TensorSpec((20,)),
    "id": TensorSpec((), "int32"), "ids": TensorSpec((DynamicLength("port", 0),), "int32"),
    "twelve ids": TensorSpec((12,), "int32"),
}  # fmt: skip


def reason(names: str, port: TensorSpec | TargetSpec) -> str:
    return incompatibility_reason([STATISTICS[name] for name in names.split()], port, "port")


@pytest.mark.parametrize("name", STATISTICS)
def test_columns_without_a_reason_are_encoded_for_the_input(name):
    accepting = [spec for spec in SPECS.values() if not reason(name, spec)]
    assert accepting
    for spec in accepting:
        source = suggest_joint_source([STATISTICS[name]], spec)
        assert len(transform_port(PortColumns(TABLE, source, "float32"), "port", spec).values)


@pytest.mark.parametrize(
    ("names", "spec", "said"),
    [
        ("story", "three", "words, which become ids, but port takes float32"),
        ("height", "ids", "continuous values, but port takes ids"),
        ("tags", "ids", "several labels per row, but port takes ids"),
        ("kind", "eight", "becomes 3 values, but port takes 8 values"),
        ("height count", "three", "2 columns become 2 values, but port takes 3 values"),
        ("height story", "three", "story holds words"),
        ("kind height", "ids", "height holds continuous values"),
        ("kind story", "ids", "story holds words, which need a separate Input"),
    ],
)
def test_a_reason_says_what_the_column_holds_and_the_input_takes(names, spec, said):
    assert said in reason(names, SPECS[spec])


def target(form, shape=(1,), classes=None, loss="mse", labels=()) -> TargetSpec:
    return TargetSpec("y", shape, form, classes, loss, labels)


ABC, ABD = ("a", "b", "c"), ("a", "b", "d")


@pytest.mark.parametrize(
    ("name", "port", "said"),
    [
        ("height", target("number"), ""),
        ("kind", target("number"), "labels, but mse needs numbers"),
        ("height", target("number", (4,)), "holds one value, but y predicts 4 values"),
        ("kind", target("index", (), 3, "sparse_categorical_crossentropy"), ""),
        ("kind", target("onehot", (4,), 4, "categorical_crossentropy"), "predicts 4 classes"),
        ("town", target("index", (), 3, "sparse_categorical_crossentropy"), "20 labels"),
        ("height", target("index", (), 3, "nll"), "continuous values, but nll needs classes"),
        ("count", target("index", (), 3, "nll", ABC), "7 labels, but y predicts 3 classes"),
        ("kind", target("onehot", (3,), 3, "nll", ABC), ""),
        ("kind", target("index", (), 3, "nll", ABD), '"c" in kind is not a label of y'),
        ("flag", target("binary", (1,), 2), ""),
        ("town", target("binary", (1,), 2), "y predicts a binary target"),
        ("tags", target("binary", (3,)), ""),
        ("story", target("number"), "words, which mse can't compare"),
        ("day", target("number"), "dates, which mse can't compare"),
    ],
)
def test_targets_are_judged_by_their_loss(name, port, said):
    found = reason(name, port)
    assert said in found
    assert bool(said) == bool(found)


FLOAT, ID = SPECS["three"], SPECS["ids"]


@pytest.mark.parametrize(
    ("encoding", "port", "code", "found"),
    [
        (Text(), FLOAT, "encode-unfit", "text, which gives ids"),
        (Date(), ID, "encode-unfit", "date, which gives float values"),
        (Number(scale="standardize"), ID, "column-kind", "ids with a scale or a fill"),
        (Number(fill="zero"), target("number"), "encode-unfit", "number, which gives made-up"),
        (Number(scale="standardize"), target("index"), "column-kind", "classes with a scale"),
        (Category(), target("number"), "encode-unfit", "category, which gives a category"),
        (Category(), FLOAT, "", ""),
        (Number(), ID, "", ""),
        (Number(scale="standardize"), target("number"), "", ""),
        (Category(), target("index"), "", ""),
    ],
)
def test_encodings_of_a_mapping_are_judged_by_dtype_and_loss(encoding, port, code, found):
    said = unfit(encoding, port)
    assert [(item.code, found in item.found, item.place) for item in said] == (
        [(code, True, "column kind")] if code else []
    )


def unfit(encoding: Encoding, port: TensorSpec | TargetSpec):
    source = Source(column="kind", encode=encoding)
    try:
        check_encodings(source, "x", [encoding], port)
    except DiagnosticError as error:
        return error.diagnostics
    return ()


@pytest.mark.parametrize(("encoding", "spec"), [(Text(), FLOAT), (Date(), ID)])
def test_the_fix_of_an_unfit_encoding_makes_the_column_fit(encoding, spec):
    source = Source(column="kind", encode=encoding)
    (diagnostic,) = unfit(encoding, spec)
    mapping = DataMapping(inputs={"x": source})
    fixed = apply_edit(
        Project(Graph((Node("x", "Input"),)), {}, mapping.params()), diagnostic.fixes[1].edit
    )
    assert fixed.data["inputs"] == {"x": {"column": "kind"}}
    plain = PortColumns(TABLE, Source(column="kind"), "float32")
    assert len(transform_port(plain, "x", spec).values) == ROWS
