"""The data block: read whole or refused by place, unknown names with the nearest known one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.schema import ParamsError
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Project
from engine.recipe.csv_dialect import Dialect
from engine.recipe.data_mapping import DataMapping, Source
from engine.recipe.encoding import Boolean, Category, Date, Image, Number, Text
from tests.tiers import noted

NAMES = st.text(min_size=1, max_size=5)
LABELS = st.none() | st.lists(NAMES, unique=True, min_size=1, max_size=3).map(tuple)
SCALES = st.sampled_from([None, "standardize"])
ENCODES = st.sampled_from(
    [
        None,
        Category(),
        Category(rare=3, unknown="other"),
        Text(unit="character", length=80),
        (Number(scale="log", fill="median"), None),
        (Date(parts=("hour",), cycles=False), Image(size=(8, 9), channels=1)),
    ]
)
SOURCES = (
    st.builds(Source, column=NAMES, scale=SCALES, labels=LABELS)
    | st.builds(Source, columns=st.lists(NAMES, min_size=1, max_size=3).map(tuple), scale=SCALES)
    | st.builds(Source, columns=st.tuples(NAMES, NAMES), encode=ENCODES)
)
MAPPINGS = st.builds(
    DataMapping,
    inputs=st.dictionaries(NAMES, SOURCES, max_size=3),
    targets=st.dictionaries(NAMES, SOURCES, max_size=3),
    file=st.builds(
        Dialect,
        delimiter=st.sampled_from([None, ";", "\t"]),
        header=st.sampled_from([None, False]),
        missing=st.sampled_from([(), ("?", "none")]),
    ),
)


@given(MAPPINGS)
def test_what_is_written_is_read_back_equal(mapping):
    assert DataMapping.from_params(mapping.params()) == mapping


def test_a_port_that_is_not_named_takes_the_column_of_its_name():
    mapping = DataMapping.from_params({"targets": {"age": {"column": "years"}}})
    assert mapping.source("targets", "age").column_names == ("years",)
    assert mapping.source("inputs", "age").column_names == ("age",)


def test_defaults_are_left_out_of_the_file():
    plain = {"targets": {"age": {"column": "age", "scale": "standardize"}}}
    assert DataMapping.from_params(plain).params() == plain
    assert DataMapping.from_params({}).params() == {}


UNFIT_MAPPINGS = [
    ({"input": {}}, "param-unknown", "data.input", 'Call it "inputs".'),
    ({"zzz": {}}, "param-unknown", "data.zzz", 'Remove "zzz".'),
    ({"inputs": []}, "param-invalid", "data.inputs", None),
    ({"inputs": {"a": "b"}}, "param-invalid", "data.inputs.a", None),
    ({"inputs": {"a": {"colum": "b"}}}, "param-unknown", "data.inputs.a", 'Call it "column".'),
    ({"inputs": {"a": {"column": 3}}}, "param-invalid", "data.inputs.a", None),
    ({"inputs": {"a": {}}}, "param-invalid", "data.inputs.a", None),
    ({"inputs": {"a": {"columns": []}}}, "param-invalid", "data.inputs.a", None),
    ({"inputs": {"a": {"column": "b", "scale": "x"}}}, "param-invalid", "data.inputs.a", None),
    (
        {"inputs": {"a": {"column": "b", "labels": ["x", "x"]}}},
        "param-invalid",
        "data.inputs.a",
        None,
    ),
    (
        {"inputs": {"a": {"column": "b", "columns": ["c"]}}},
        "param-invalid",
        "data.inputs.a",
        None,
    ),
]


def test_what_does_not_fit_is_named_by_its_place():
    for data, code, place, fix in UNFIT_MAPPINGS:
        with noted(data, code, place, fix):
            (found,) = DataMapping.try_from_params(data)
            assert (found.code, found.place) == (code, place)
            assert found.found
            assert found.expected
            assert found.fixes[0].text == (fix or found.fixes[0].text)
            for each in found.fixes:
                if each.edit is not None:
                    fixed = apply_edit(Project(data=data), each.edit).data
                    assert isinstance(DataMapping.try_from_params(fixed), DataMapping), each


@pytest.mark.parametrize(
    ("entry", "code", "edit"),
    [
        (
            {"delimiter": "x"},
            "param-invalid",
            {"do": "set_file", "fields": {"delimiter": None}},
        ),
        ({"encodin": "utf-8"}, "param-unknown", None),
        ({"zzz": 1}, "param-unknown", {"do": "set_file", "fields": {"zzz": None}}),
        ([], "param-invalid", None),
    ],
)
def test_a_file_entry_that_does_not_fit_is_mended_by_an_edit_of_its_own(entry, code, edit):
    (found,) = DataMapping.try_from_params({"file": entry})
    assert (found.code, found.place) == (code, "data.file")
    assert found.fixes[-1].edit == edit or found.fixes[0].edit == edit


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(ParamsError) as error:
        DataMapping.from_params({"zzz": 1, "inputs": {"a": 1}, "targets": {"b": {}}})
    assert len(error.value.diagnostics) == 3


def test_an_unknown_port_asks_for_the_nearest_and_can_be_removed():
    mapping = DataMapping.from_params({"targets": {"aeg": {"column": "age"}}})
    (found,) = mapping.unknown_ports(["posts"], ["age", "income"])
    assert found.code == "port-unknown"
    assert "did you mean 'age'?" in found.message
    assert [fix.text for fix in found.fixes] == [
        'Call it "age".',
        'Remove "aeg" from the mapping.',
    ]
    edit = {"do": "set_mapping", "side": "targets", "node": "aeg", "source": None}
    assert found.fixes[1].edit == edit


def test_a_port_on_the_wrong_side_is_to_be_moved():
    mapping = DataMapping.from_params({"inputs": {"age": {"column": "age"}}})
    (found,) = mapping.unknown_ports(["posts"], ["age"])
    assert found.fixes[0].text == 'Move it to "targets".'


def test_known_ports_are_no_findings():
    mapping = DataMapping.from_params({"targets": {"age": {"column": "age"}}})
    assert mapping.unknown_ports(["posts"], ["age"]) == []


def test_an_encoding_is_a_name_or_a_kind_with_params_and_for_columns_a_list():
    plain = {
        "a": {"column": "a", "encode": "category"},
        "b": {"column": "b", "encode": {"kind": "text", "params": {"length": 100}}},
        "c": {"columns": ["c", "d"], "encode": ["boolean", None]},
    }
    read = DataMapping.from_params({"inputs": plain}).inputs
    assert read["a"].encodings == (Category(),)
    assert read["b"].encodings == (Text(length=100),)
    assert read["c"].encodings == (Boolean(), None)
    assert {port: source.params() for port, source in read.items()} == plain


def test_a_scale_is_an_encoding_of_numbers():
    source = Source(columns=("a", "b"), scale="standardize")
    assert source.encodings == (Number(scale="standardize"),) * 2
    assert source.with_encoding("b", Category()) == {
        "columns": ["a", "b"],
        "encode": [{"kind": "number", "params": {"scale": "standardize"}}, "category"],
    }


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"column": "a", "encode": "categry"}, 'no encoding called "categry"'),
        ({"column": "a", "encode": {"kind": "text", "params": {"words": 3}}}, '"words"'),
        ({"column": "a", "encode": "number", "scale": "standardize"}, 'both "encode" and "scale"'),
        ({"columns": ["a", "b"], "encode": ["number"]}, "one encoding per column"),
        ({"column": "a", "encode": ["number"]}, "one encoding per column"),
        ({"column": "a", "encode": "text", "labels": ["x"]}, "uses none"),
        ({"column": "a", "encode": 3}, "not the name of a"),
    ],
)
def test_an_encoding_that_does_not_fit_its_source_is_refused(source, said):
    (found,) = DataMapping.try_from_params({"inputs": {"x": source}})
    assert found.place == "data.inputs.x"
    assert said in found.message
