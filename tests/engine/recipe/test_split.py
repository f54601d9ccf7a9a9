"""Splits and weights of the data block: read whole, or refused by place with an edit that helps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.diagnostic import Diagnostic
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Graph, Node, Project
from engine.recipe.data_mapping import DataMapping
from engine.recipe.sample_weights import (
    ALL_OUTPUTS,
    WeightColumn,
    parse_weight_columns,
    weight_columns_to_json,
)
from engine.recipe.split import (
    SPLITS,
    ColumnSplit,
    GroupSplit,
    RandomSplit,
    StratifiedSplit,
    TimeSplit,
    parse_split,
)

NAMES = st.text(min_size=1, max_size=5)
SHARES = {"validation": st.none() | st.floats(0, 0.4), "test": st.floats(0, 0.5)}
SPLIT = (
    st.builds(RandomSplit, **SHARES)
    | st.builds(StratifiedSplit, column=NAMES, **SHARES)
    | st.builds(GroupSplit, column=NAMES, **SHARES)
    | st.builds(TimeSplit, column=NAMES, **SHARES)
    | st.builds(ColumnSplit, column=NAMES, train=st.just(("a", "b")))
)
WEIGHT = st.builds(WeightColumn, column=NAMES)
WEIGHTS = st.dictionaries(NAMES, WEIGHT, max_size=3) | st.fixed_dictionaries({ALL_OUTPUTS: WEIGHT})


@given(SPLIT)
def test_what_is_written_is_read_back_equal(split):
    assert parse_split(SPLITS.to_plain_json(split)) == split


@given(WEIGHTS)
def test_weights_are_read_back_equal(weights):
    assert parse_weight_columns(weight_columns_to_json(weights)) == weights


def test_the_data_block_holds_both():
    plain = {
        "weights": {"column": "survey_weight"},
        "split": {"kind": "stratified", "params": {"column": "species", "test": 0.1}},
    }
    mapping = DataMapping.from_params(plain)
    assert mapping.params() == plain
    assert mapping.weight_column("mass") == mapping.weight_column("sex") == "survey_weight"
    assert mapping.split == StratifiedSplit(column="species", test=0.1)
    assert DataMapping.from_params({}).split is None


def test_an_output_called_column_may_have_weights_of_its_own():
    mapping = DataMapping.from_params({"weights": {"column": {"column": "w"}}})
    assert (mapping.weight_column("column"), mapping.weight_column("mass")) == ("w", None)


def project(**data):
    nodes = (Node("x", "Input", params={"shape": [1]}), Node("mass", "Output", {"x": "x"}))
    return Project(Graph(nodes), data=data)


def mended(found: Diagnostic, **data):
    return apply_edit(project(**data), found.fixes[0].edit).data


@pytest.mark.parametrize(
    ("split", "code", "better"),
    [
        ("randm", "kind-unknown", "random"),
        (
            {"kind": "strat", "params": {"column": "a"}},
            "kind-unknown",
            {"kind": "stratified", "params": {"column": "a"}},
        ),
        (
            {"kind": "group", "params": {"colum": "a"}},
            "param-unknown",
            {"kind": "group", "params": {"column": "a"}},
        ),
        ({"kind": "random", "params": {"validation": 0.6, "test": 0.5}}, "param-invalid", "random"),
        (
            {"kind": "column", "params": {"column": "a", "train": ["x"], "test": ["X"]}},
            "param-invalid",
            "random",
        ),
    ],
)
def test_a_wrong_split_has_an_edit_that_mends_it(split, code, better):
    found = DataMapping.try_from_params({"split": split})
    named = next(each for each in found if each.code == code)
    assert named.place == "data.split"
    assert mended(named, split=split)["split"] == better


@pytest.mark.parametrize("split", [{}, [], 3, {"kind": "time"}, {"kind": "random", "params": []}])
def test_a_split_that_says_nothing_is_refused(split):
    found = DataMapping.try_from_params({"split": split})
    assert isinstance(found, list)
    assert {each.place for each in found} == {"data.split"}


@pytest.mark.parametrize(
    ("weights", "place"),
    [
        ([], "data.weights"),
        ({"mass": "w"}, "data.weights.mass"),
        ({"column": ""}, "data.weights"),
        ({"mass": {"columns": ["w"]}}, "data.weights.mass"),
    ],
)
def test_wrong_weights_are_refused_by_place(weights, place):
    (found,) = DataMapping.try_from_params({"weights": weights})
    assert (found.code, found.place) == ("param-invalid", place)
    assert "weights" not in apply_edit(project(weights=weights), found.fixes[1].edit).data


def test_weights_of_no_output_offer_the_nearest():
    mapping = DataMapping.from_params({"weights": {"mas": {"column": "w"}}})
    (found,) = mapping.unknown_ports(["x"], ["mass"])
    assert (found.code, found.place) == ("port-unknown", "data.weights.mas")
    assert mended(found, **mapping.params())["weights"] == {"mass": {"column": "w"}}


def test_weights_follow_an_output_to_its_new_name():
    told = project(weights={"mass": {"column": "w"}})
    renamed = apply_edit(told, {"do": "rename_node", "node": "mass", "to": "weight"})
    assert renamed.data["weights"] == {"weight": {"column": "w"}}
    for_all = project(weights={"column": "w"})
    same = apply_edit(for_all, {"do": "rename_node", "node": "mass", "to": "column"})
    assert same.data["weights"] == {"column": "w"}
    assert "weights" not in apply_edit(told, {"do": "remove_node", "node": "mass"}).data


def test_edits_set_and_take_back_the_split():
    told = apply_edit(project(), {"do": "set_split", "split": "random"})
    assert told.data == {"split": "random"}
    assert apply_edit(told, {"do": "set_split", "split": None}).data == {}
