"""From a table to a network's ports: shapes, dtypes, mapping, and every finding at once."""

from pathlib import Path

import numpy as np
import pytest

from engine.core.diagnostic import DiagnosticError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.data.dataset.dataset import build_dataset
from engine.data.encoders import BooleanEncoder, CategoryEncoder
from engine.data.ports.target_spec import TargetSpec, target_spec
from engine.data.table import column_types
from engine.data.table.table import Table
from engine.layers.io import Output, resolve_head
from engine.recipe.data_mapping import DataMapping

POSTS = TensorSpec((DynamicLength("posts"),), "int32")
AGE = TargetSpec("age", (1,), "number", loss="mse")
INCOME = TargetSpec("income", (3,), "onehot", 3, "categorical_crossentropy")
INDEX = TargetSpec("income", (), "index", 3, "sparse_categorical_crossentropy")
GENDER = TargetSpec("gender", (1,), "binary", 2, "binary_crossentropy")


def column(values):
    return values if column_types.is_text(values) else np.asarray(values)


def table(**columns):
    return Table(Path("data.npz"), {name: column(values) for name, values in columns.items()})


def text(*values):
    return column_types.text_column(values)


def made(columns, inputs=None, targets=(), mapping=None, **options):
    mapping = DataMapping.from_params(mapping or {})
    return build_dataset(table(**columns), mapping, inputs or {}, targets, **options)


def refusal(*args, **options):
    with pytest.raises(DiagnosticError) as refused:
        made(*args, **options)
    return refused.value.diagnostics


def test_arrays_go_to_the_ports_of_their_names_in_their_dtypes():
    dataset = made(
        {"posts": np.ones((4, 7), np.int64), "age": np.arange(4.0), "gender": [0, 1, 1, 0]},
        {"posts": POSTS},
        [AGE, GENDER],
    )
    assert dataset.row_count == 4
    assert dataset.inputs["posts"].dtype == np.int32
    assert dataset.targets["age"].shape == dataset.targets["gender"].shape == (4, 1)
    assert {array.dtype.name for array in dataset.targets.values()} == {"float32"}
    assert dataset.notes == ()


def test_ids_that_lie_as_they_are_needed_are_not_copied():
    ids = np.ones((4, 7), np.int32)
    assert made({"posts": ids}, {"posts": POSTS}).inputs["posts"] is ids
    ids.flags.writeable = False  # torch warns of these
    assert not np.shares_memory(made({"posts": ids}, {"posts": POSTS}).inputs["posts"], ids)


def test_real_numbers_take_the_precision_asked_for():
    dataset = made({"age": [1, 2]}, targets=[AGE], precision="float64")
    assert dataset.targets["age"].dtype == np.float64


def test_a_last_axis_of_one_may_be_there_or_not():
    flat = TargetSpec("age", (), "number")
    assert made({"age": np.zeros((3, 1))}, targets=[flat]).targets["age"].shape == (3,)
    assert made({"age": np.zeros(3)}, targets=[AGE]).targets["age"].shape == (3, 1)


def test_class_numbers_are_int64_as_torch_wants_them():
    read = made({"income": np.array([[0], [2]], np.uint8)}, targets=[INDEX]).targets["income"]
    assert (read.dtype, read.tolist()) == (np.int64, [0, 2])


def test_one_hot_rows_for_a_sparse_loss_offer_the_categorical_loss():
    (found,) = refusal({"income": np.eye(3)}, targets=[INDEX])
    assert found.code == "target-form"
    assert found.fixes[0].edit["params"] == {"loss": "categorical_crossentropy"}


def test_every_finding_is_told_at_once():
    codes = [
        found.code
        for found in refusal(
            {"posts": np.full((2, 3), 0.5)},
            {"posts": POSTS},
            [AGE, GENDER],
            {"targets": {"agee": {"column": "age"}}},
        )
    ]
    assert codes == ["port-unknown", "ids-not-whole", "column-missing", "column-missing"]


def test_a_column_that_nothing_takes_is_a_note_unless_a_port_is_called_nearly_like_it():
    columns = {"age": [1, 2], "agee": [1, 2], "remarks": [1, 2], "city": [3, 4]}
    notes = made(columns, targets=[AGE]).notes
    assert [(note.code, note.severity, note.found) for note in notes] == [
        ("column-unused", "warning", "agee"),
        ("column-unused", "info", "remarks, city"),
    ]


def test_columns_side_by_side_and_those_of_weights_and_split_are_used():
    columns = {name: np.arange(1, 5) for name in ("age", "a", "b", "weight", "who")}
    data = {
        "inputs": {"x": {"columns": ["a", "b"]}},
        "weights": {"column": "weight"},
        "split": {"kind": "group", "params": {"column": "who"}},
    }
    assert made(columns, {"x": TensorSpec((2,))}, [AGE], data).notes == ()


def test_whole_real_numbers_are_ids_with_a_note():
    dataset = made({"posts": np.array([[1.0, 2.0]])}, {"posts": POSTS})
    assert dataset.inputs["posts"].tolist() == [[1, 2]]
    assert [note.code for note in dataset.notes] == ["ids-were-floats"]


def test_ids_beyond_int32_stay_whole():
    dataset = made({"posts": np.array([[2**40]])}, {"posts": POSTS})
    assert dataset.inputs["posts"].dtype == np.int64


def test_large_whole_numbers_as_measurements_are_a_warning():
    columns = {"x": np.array([[1], [2**24 + 1]])}
    (note,) = made(columns, {"x": TensorSpec((1,))}).notes
    assert (note.code, note.place) == ("precision-lost", "row 1 (counting from 0)")
    assert made(columns, {"x": TensorSpec((1,))}, precision="float64").notes == ()


MAPPING = {
    "inputs": {"body": {"columns": ["bill", "mass"]}, "place": {"column": "island"}},
    "targets": {"income": {"column": "species"}, "gender": {"column": "sex"}},
}
COLUMNS = {
    "bill": text("1.5", "2", "3"),
    "mass": text("10", "20", "30"),
    "island": text("b", "a", "b"),
    "species": text("x", "z", "y"),
    "sex": text("male", "female", "male"),
}


def test_text_becomes_classes_and_yes_or_no_as_the_ports_want():
    inputs = {"body": TensorSpec((2,)), "place": TensorSpec((2,))}
    dataset = made(COLUMNS, inputs, [INCOME, GENDER], MAPPING)
    assert dataset.inputs["body"].tolist() == [[1.5, 10], [2, 20], [3, 30]]
    assert dataset.inputs["place"].tolist() == [[0, 1], [1, 0], [0, 1]]
    assert dataset.targets["income"].argmax(axis=1).tolist() == [0, 2, 1]
    assert dataset.targets["gender"].ravel().tolist() == [1, 0, 1]
    assert dataset.fitted.targets == {
        "income": CategoryEncoder(labels=("x", "y", "z"), hot=True),
        "gender": BooleanEncoder(labels=("female", "male")),
    }


def test_text_feeds_an_input_of_ids_as_its_number():
    dataset = made({"place": text("b", "a", "c")}, {"place": TensorSpec((), "int32")})
    assert dataset.inputs["place"].tolist() == [1, 0, 2]


def test_earlier_encoders_are_used_as_they_are():
    fitted = made(COLUMNS, targets=[INCOME], mapping={"targets": {"income": {"column": "species"}}})
    later = made({"income": text("z")}, targets=[INCOME], fitted=fitted.fitted)
    assert later.targets["income"].tolist() == [[0, 0, 1]]


@pytest.mark.parametrize("age", [None, text("", ""), text("unknown", "3"), [np.nan, -1]])
def test_predicting_neither_needs_nor_reads_nor_mentions_the_targets(age):
    columns = {"x": np.zeros((2, 1))} | ({} if age is None else {"age": age})
    dataset = made(columns, {"x": TensorSpec((1,))}, [AGE], with_targets=False)
    assert dataset.targets == {}
    assert dataset.notes == ()


def test_predicting_from_a_column_that_was_a_target_too_is_no_warning():
    mapping = {"inputs": {"x": {"column": "age"}}}
    inputs = {"x": TensorSpec((1,))}
    assert made({"age": [1, 2]}, inputs, [AGE], mapping, with_targets=False).notes == ()


def test_an_outputs_own_labels_decide_the_order_of_classes():
    port = TargetSpec("income", (3,), "onehot", 3, labels=("z", "y", "x"))
    dataset = made({"income": text("x", "z", "z")}, targets=[port])
    assert dataset.targets["income"].argmax(axis=1).tolist() == [2, 0, 0]


def test_a_mapping_can_not_turn_an_outputs_labels_round():
    """class_weight follows the Output's labels, so another order would weigh the wrong class."""
    port = TargetSpec("gender", (1,), "binary", 2, labels=("no", "yes"))
    source = {"column": "gender", "labels": ["yes", "no"]}
    (found,) = refusal(
        {"gender": text("no", "yes")}, targets=[port], mapping={"targets": {"gender": source}}
    )
    assert (found.code, found.found, found.expected) == ("labels-differ", "yes, no", "no, yes")
    assert found.fixes[0].edit["source"] == {"column": "gender"}


def test_an_output_that_says_yes_before_no_is_taken_at_its_word():
    port = TargetSpec("gender", (1,), "binary", 2, labels=("yes", "no"))
    dataset = made({"gender": text("no", "yes")}, targets=[port])
    assert dataset.targets["gender"].ravel().tolist() == [1, 0]
    assert dataset.fitted.targets["gender"] == BooleanEncoder(labels=("yes", "no"))


def test_listed_labels_may_be_numbers():
    dataset = made(
        {"income": [7, 30, 7]},
        targets=[INDEX],
        mapping={"targets": {"income": {"column": "income", "labels": ["7", "30", "99"]}}},
    )
    assert dataset.targets["income"].tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("columns", "targets", "mapping", "code"),
    [
        ({"age": text("old", "young")}, [AGE], {}, "column-kind"),
        ({"age": text(*"1234567", *"abcdef")}, [AGE], {}, "number-unreadable"),
        ({"gender": text(*"1010101", *"abcdef")}, [GENDER], {}, "number-unreadable"),
        ({"gender": text("a", "b", "")}, [GENDER], {}, "cell-missing"),
        (
            {"gender": text("a", "b")},
            [GENDER],
            {"targets": {"gender": {"column": "gender", "scale": "standardize"}}},
            "column-kind",
        ),
        (
            {"a": np.zeros((2, 2)), "b": np.zeros(2)},
            [AGE],
            {"targets": {"age": {"columns": ["a", "b"]}}},
            "array-shape",
        ),
    ],
)
def test_columns_of_the_wrong_kind_are_refused(columns, targets, mapping, code):
    assert [found.code for found in refusal(columns, targets=targets, mapping=mapping)] == [code]


def test_equal_values_give_equal_digests_and_others_another():
    columns = {"age": np.arange(5.0)}
    first = made(columns, targets=[AGE])
    assert first.digest() == made(columns, targets=[AGE]).digest()
    assert first.digest() != first.take(np.array([0, 1, 2, 4, 3])).digest()


def test_rows_are_taken_in_the_order_given():
    taken = made({"age": np.arange(5.0)}, targets=[AGE]).take(np.array([4, 0]))
    assert taken.targets["age"].ravel().tolist() == [4, 0]


@pytest.mark.parametrize(
    ("output", "spec", "port"),
    [
        (Output(loss="mse"), (1,), TargetSpec("y", (1,), "number", loss="mse")),
        (
            Output(loss="sparse_categorical_crossentropy", labels=("a", "b")),
            (2,),
            TargetSpec("y", (), "index", 2, "sparse_categorical_crossentropy", ("a", "b")),
        ),
        (
            Output(loss={"kind": "sparse_categorical_crossentropy", "params": {"ignore_class": 0}}),
            (5, 2),
            TargetSpec("y", (5,), "index", 2, "sparse_categorical_crossentropy", ignored_class=0),
        ),
    ],
)
def test_a_head_says_what_its_target_is(output, spec, port):
    assert target_spec(resolve_head("y", output, TensorSpec(spec), "linear")) == port
