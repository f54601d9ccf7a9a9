"""Columns are judged against ports as the feed itself would, from facts alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.data.encoders import date
from engine.data.encoding_choice.compatibility import (
    CYCLIC_DATE_PARTS,
    incompatibility_reason,
    suggest_input,
    suggest_joint_source,
)
from engine.data.ports.port_columns import PortColumns
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.transform import transform_input
from engine.data.profile.statistics import ColumnStatistics
from engine.data.profile.table_profile import profile_table
from engine.data.readers.table_file import open_table
from engine.data.table.table import Table
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import Boolean, Category, Number, Text

ROWS = 60


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    path = Path(tmp_path_factory.mktemp("suits")) / "mixed.csv"
    lines = ["height,count,kind,town,story,day,flag,tags,ids"]
    for n in range(ROWS):
        words = " ".join(f"word{n * 7 % 50 + k}" for k in range(4 + n % 9))
        lines.append(
            f"{n * 0.37 + 0.1:.2f},{n % 7 + 3},{'abc'[n % 3]},town {n % 20},{words},"
            f"2024-0{n % 9 + 1}-1{n % 7},{'yes' if n % 2 else 'no'},"
            f"{'red|blue' if n % 2 else 'blue|green' if n % 3 else 'red|green'},{n} {n + 1} 4"
        )
    path.write_text("\n".join(lines))
    return open_table(path)


@pytest.fixture(scope="module")
def facts(table: Table) -> dict[str, ColumnStatistics]:
    return {each.name: each for each in profile_table(table)}


def feeds(table: Table, source: Source, spec: TensorSpec) -> str:
    """Return what the feed itself says when columns are brought to an Input, "" if all is well."""
    reading = PortColumns(table, source, "float32")
    try:
        transform_input(reading, "port", spec)
    except DiagnosticError as refused:
        return refused.diagnostics[0].code
    return ""


SPECS = {
    "one": TensorSpec((1,)), "scalar": TensorSpec(()), "three": TensorSpec((3,)),
    "eight": TensorSpec((8,)), "wide": TensorSpec((20,)),
    "id": TensorSpec((), "int32"), "ids": TensorSpec((DynamicLength("port", 0),), "int32"),
    "twelve ids": TensorSpec((12,), "int32"),
}  # fmt: skip


@pytest.mark.parametrize(
    "name", ["height", "count", "kind", "town", "story", "day", "flag", "tags"]
)
@pytest.mark.parametrize("spec", SPECS)
def test_what_is_said_to_fit_is_taken_by_the_feed(table, facts, name, spec):
    port = SPECS[spec]
    if not incompatibility_reason([facts[name]], port, "port"):
        assert feeds(table, suggest_joint_source([facts[name]], port), port) == ""


@pytest.mark.parametrize("name", ["height", "count", "kind", "town", "story", "day", "flag", "tags",
                                  "ids"])  # fmt: skip
def test_the_input_drawn_for_a_column_takes_it(table, facts, name):
    params, source = suggest_input([facts[name]])
    shape = tuple(DynamicLength("port", 0) if dim is None else dim for dim in params["shape"])
    spec = TensorSpec(shape, params.get("dtype", "float32"))
    assert incompatibility_reason([facts[name]], spec, "port") == ""
    assert feeds(table, source, spec) == ""


def test_the_input_drawn_for_several_columns_takes_them(table, facts):
    for names in (("height", "count"), ("height", "kind"), ("kind", "day", "flag")):
        params, source = suggest_input([facts[name] for name in names])
        assert source.column_names == names
        assert feeds(table, source, TensorSpec(tuple(params["shape"]))) == ""


def test_listed_labels_keep_the_width_of_an_input(facts):
    params, source = suggest_input([facts["kind"]], ("a", "b", "c"))
    assert params == {"shape": [3]}
    assert source == Source(column="kind", encode=Category(), labels=("a", "b", "c"))
    assert suggest_input([facts["flag"]])[1].encode == Boolean()


@pytest.mark.parametrize(
    ("names", "spec", "said"),
    [
        (["story"], "three", "words, which become ids, but port takes float32"),
        (["height"], "ids", "continuous values, but port takes ids"),
        (["kind"], "eight", "becomes 3 values, but port takes 8 values"),
        (["height", "count"], "three", "2 columns become 2 values, but port takes 3 values"),
        (["height", "story"], "three", "story holds words"),
        (["kind", "height"], "ids", "height holds continuous values"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_the_column_holds_and_the_port_takes(facts, names, spec, said):
    assert said in incompatibility_reason([facts[name] for name in names], SPECS[spec], "port")


def target(form, shape=(1,), classes=None, loss="mse", labels=()) -> TargetSpec:
    return TargetSpec("y", shape, form, classes, loss, labels)


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
        (
            "count",
            target("index", (), 3, "nll", ("a", "b", "c")),
            "7 labels, but y predicts 3 classes",
        ),
        ("kind", target("onehot", (3,), 3, "nll", ("a", "b", "c")), ""),
        ("kind", target("index", (), 3, "nll", ("a", "b", "d")), '"c" in kind is not a label of y'),
        ("flag", target("binary", (1,), 2), ""),
        ("town", target("binary", (1,), 2), "y predicts yes or no"),
        ("tags", target("binary", (3,)), ""),
        ("story", target("number"), "words, which mse can't compare"),
        ("day", target("number"), "dates, which mse can't compare"),
    ],
)
def test_targets_are_judged_by_their_loss(facts, name, port, said):
    found = incompatibility_reason([facts[name]], port, "y")
    assert said in found
    assert bool(said) == bool(found)


def test_sources_are_proposed_for_one_and_for_several(facts):
    assert suggest_joint_source([facts["height"]], None) == Source(column="height")
    assert suggest_joint_source([facts["height"], facts["count"]], None).columns == (
        "height",
        "count",
    )
    numbers = suggest_joint_source([facts["height"], facts["count"]], TensorSpec((2,)))
    assert numbers == Source(columns=("height", "count"), scale="standardize")
    mixed = suggest_joint_source([facts["height"], facts["kind"]], TensorSpec((4,)))
    assert mixed.encode == (Number(scale="standardize"), Category())
    assert isinstance(suggest_joint_source([facts["story"]], SPECS["twelve ids"]).encode, Text)
    two = suggest_joint_source([facts["height"], facts["count"]], target("number", (2,)))
    assert two == Source(columns=("height", "count"), scale="standardize")


def test_the_parts_of_dates_that_come_round_are_those_of_the_encoder():
    assert set(date._PERIODS) == CYCLIC_DATE_PARTS
