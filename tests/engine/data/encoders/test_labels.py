"""Labels: numbers and hot columns like scikit-learn's, rare and unknown ones, rows named."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import preprocessing

from engine.core.diagnostic import DiagnosticError
from engine.data.encoders import BooleanEncoder, CategoryEncoder, MultilabelEncoder, PortRequirement
from engine.data.table.column_types import text_column
from engine.data.table.number_parser import MISSING_WORDS
from engine.recipe import encoding
from tests.engine.data.encoders.fits import cut, fitted, fitted_by, through_json

HOT = PortRequirement(one_hot=True)
PLAIN = st.text(min_size=1).filter(lambda each: each not in MISSING_WORDS)
TEXTS = st.lists(PLAIN, min_size=1)
ASKED = st.builds(
    encoding.Category,
    rare=st.integers(0, 3),
    unknown=st.sampled_from(["error", "other"]),
    fill=st.sampled_from(["error", "other"]),
)


def cells(*values):
    return text_column(values)


def refused(encoder, column, name="species"):
    with pytest.raises(DiagnosticError) as refusal:
        encoder.transform(column, name)
    return refusal.value.diagnostics


def test_categories_are_numbered_in_sorted_order():
    encoder = fitted(encoding.Category(), cells("b", "a", "b", "c"))
    assert encoder == CategoryEncoder(labels=("a", "b", "c"))
    assert encoder.transform(cells("c", "a"), "x").tolist() == [2, 0]
    assert encoder.id_count == 3


def test_given_labels_keep_their_order():
    wanted = PortRequirement(one_hot=True, labels=("low", "high"))
    encoder = fitted(encoding.Category(), cells("low"), wanted)
    assert encoder.transform(cells("high", "low"), "x").tolist() == [[0, 1], [1, 0]]


@settings(deadline=None)
@given(TEXTS)
def test_the_most_probable_category_is_the_one_that_was_put_in(texts):
    encoder = fitted(encoding.Category(), text_column(texts), HOT)
    assert encoder.inverse_transform(encoder.transform(text_column(texts), "x")).tolist() == texts


@settings(deadline=None)
@given(TEXTS)
def test_numbers_and_hot_columns_are_those_of_scikit_learn(texts):
    array = np.array(texts, object)[:, None]
    ordinal = preprocessing.OrdinalEncoder(dtype=np.int64).fit_transform(array)
    hot = preprocessing.OneHotEncoder(sparse_output=False, dtype=np.float32).fit_transform(array)
    numbered = fitted(encoding.Category(), text_column(texts)).transform(text_column(texts), "x")
    np.testing.assert_array_equal(numbered, ordinal[:, 0])
    ours = fitted(encoding.Category(), text_column(texts), HOT).transform(text_column(texts), "x")
    np.testing.assert_array_equal(ours, hot)


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcdefg"), min_size=1), st.integers(2, 4))
def test_rare_labels_are_those_of_scikit_learn(texts, rare):
    array = np.array(texts, object)[:, None]
    peer = preprocessing.OneHotEncoder(
        min_frequency=rare, sparse_output=False, dtype=np.float32, handle_unknown="ignore"
    ).fit(array)
    encoder = fitted(encoding.Category(rare=rare), text_column(texts), HOT)
    theirs = peer.transform(array)
    ours = encoder.transform(text_column(texts), "x")[:, : theirs.shape[1]]
    np.testing.assert_array_equal(ours, theirs)


def test_a_rare_label_and_one_never_seen_are_other():
    encoder = fitted(encoding.Category(rare=2), cells("a", "b", "a", "c"))
    assert encoder == CategoryEncoder(labels=("a", "other"), other=True)
    assert encoder.transform(cells("a", "b", "new"), "x").tolist() == [0, 1, 1]
    assert refused(encoder, cells("a", ""))[0].code == "cell-missing"


@given(TEXTS, TEXTS)
def test_ignored_labels_are_zeros_as_in_scikit_learn(seen, asked):
    encoder = through_json(fitted(encoding.Category(unknown="ignore"), cells(*seen), HOT))
    theirs = preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    theirs.fit(np.array(seen, object)[:, None])
    expected = theirs.transform(np.array(asked, object)[:, None])
    np.testing.assert_array_equal(encoder.transform(cells(*asked), "x"), expected)


def test_rows_of_ignored_labels_are_noted():
    encoder = fitted(encoding.Category(unknown="ignore"), cells("a", "b"), HOT)
    assert encoder.transform_with_notes(cells("b", "a"), "x").notes == ()
    (note,) = encoder.transform_with_notes(cells("b", "new", "new"), "x").notes
    assert (note.code, note.found, note.rows.count) == ("label-ignored", "new", 2)


def test_a_label_called_other_keeps_its_name():
    encoder = fitted(encoding.Category(unknown="other"), cells("a", "other"))
    assert encoder.labels == ("a", "other", "(other)")
    assert encoder.transform(cells("other", "b"), "x").tolist() == [1, 2]


def test_empty_cells_may_be_other_while_unknown_labels_are_refused():
    encoder = fitted(encoding.Category(fill="other"), cells("a", "", "NA"))
    assert encoder.transform(cells("", "a", "NaN"), "x").tolist() == [1, 0, 1]
    assert refused(encoder, cells("b"))[0].code == "label-unknown"


def test_a_text_that_looks_like_a_missing_cell_is_a_label_where_it_is_listed():
    encoder = CategoryEncoder(labels=("NA", "DE"))
    assert encoder.transform(cells("DE", "NA"), "country").tolist() == [1, 0]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c", "", "NA"])), ASKED, st.lists(st.integers(0, 5)))
def test_chunks_and_the_whole_give_the_same_labels(texts, asked, sizes):
    column = text_column(texts)
    encoder = fitted(asked, column)
    assert fitted_by(asked, cut(column, sizes)) == encoder
    assert through_json(encoder) == encoder


@pytest.mark.parametrize(
    ("column", "labels"),
    [
        (np.array([3, 1, 10]), ("1", "10", "3")),
        (np.array([3.0, np.nan, 1.5]), ("1.5", "3")),
        (np.array([2.0, 1.0])[:, None], ("1", "2")),
        (np.array(["2024-03-02", "NaT"], "datetime64[us]"), ("2024-03-02",)),
        (np.array(["2024-03-02T10:30"], "datetime64[us]"), ("2024-03-02 10:30:00.000000",)),
    ],
)
def test_numbers_and_dates_are_labels_as_they_are_written(column, labels):
    assert fitted(encoding.Category(), column).labels == labels


@pytest.mark.parametrize(
    ("texts", "labels"),
    [(("male", "female"), ("female", "male")), (("yes", "no"), ("no", "yes")),
     (("True", "False"), ("False", "True")), (("n", "y"), ("n", "y"))],
)  # fmt: skip
def test_booleans_are_no_before_yes_or_else_sorted(texts, labels):
    encoder = fitted(encoding.Boolean(), cells(*texts))
    assert encoder.labels == labels
    assert encoder.inverse_transform(np.array([0.2, 0.5])).tolist() == list(labels)
    assert through_json(encoder) == encoder


@settings(deadline=None)
@given(st.lists(st.sampled_from(["ja", "nein"]), min_size=1))
def test_booleans_come_back(texts):
    encoder = fitted(encoding.Boolean(), text_column(texts))
    assert encoder.inverse_transform(encoder.transform(text_column(texts), "x")).tolist() == texts


def test_booleans_given_as_yes_before_no_are_not_turned_round():
    wanted = PortRequirement(labels=("yes", "no"))
    assert fitted(encoding.Boolean(), cells("no", "yes"), wanted).labels == ("yes", "no")


def test_three_texts_are_no_boolean():
    with pytest.raises(DiagnosticError) as refusal:
        fitted(encoding.Boolean(), cells("a", "b", "c"))
    assert refusal.value.diagnostics[0].code == "column-kind"


def test_a_label_that_is_not_listed_is_named_by_row():
    (found,) = refused(
        CategoryEncoder(labels=("Adelie", "Gentoo")), cells("Gentoo", "Adele", "Adelie")
    )
    assert found.code == "label-unknown"
    assert found.place == "column species, row 1 (counting from 0)"
    assert found.found == "'Adele' in row 1"
    assert "did you mean 'Adelie'" in found.fixes[0].text


def test_empty_cells_are_named_by_row_beside_unknown_labels():
    empty, strange = refused(CategoryEncoder(labels=("a",)), cells("a", "", "", "b"))
    assert (empty.code, empty.place) == (
        "cell-missing",
        "column species, rows 1, 2 (counting from 0)",
    )
    assert strange.place == "column species, row 3 (counting from 0)"


SETS = st.lists(st.lists(st.sampled_from(["x", "y y", "z"]), unique=True), min_size=1)


@settings(deadline=None)
@given(SETS)
def test_several_labels_are_those_of_scikit_learn_and_come_back(rows):
    joined = text_column([" | ".join(row) for row in rows])
    encoder = fitted(encoding.Multilabel(), joined)
    hot = encoder.transform(joined, "x")
    peer = preprocessing.MultiLabelBinarizer()
    np.testing.assert_array_equal(hot, peer.fit_transform(rows))
    assert encoder.labels == tuple(peer.classes_)
    assert encoder.inverse_transform(hot).tolist() == ["|".join(sorted(row)) for row in rows]
    assert through_json(encoder) == encoder


@settings(deadline=None)
@given(SETS)
def test_several_labels_are_read_from_lists_as_from_text(rows):
    listed = pa.array(rows, pa.large_list(pa.large_string()))
    asked = encoding.Multilabel(separator=";")
    assert fitted(asked, listed) == fitted(asked, text_column([";".join(row) for row in rows]))


def test_whole_numbers_in_lists_are_labels_too():
    listed = pa.array([[3, 1], [], [3]], pa.large_list(pa.int64()))
    encoder = fitted(encoding.Multilabel(), listed)
    assert encoder == MultilabelEncoder(labels=("1", "3"))
    assert encoder.transform(listed, "x").tolist() == [[1, 1], [0, 0], [0, 1]]


def test_one_of_several_labels_that_is_not_listed_is_named_by_row():
    encoder = MultilabelEncoder(labels=("red", "blue"))
    (found,) = refused(encoder, cells("red", "red|grean", "", "blu"))
    assert (found.code, found.found) == ("label-unknown", "'grean' in row 1")
    assert found.place == "column species, rows 1, 3 (counting from 0)"


def test_unknown_labels_of_several_are_left_out_if_they_are_ignored():
    encoder = fitted(encoding.Multilabel(unknown="ignore"), cells("red|blue", "blue"))
    encoded = encoder.transform_with_notes(cells("red", "red|grean", "", "blu"), "x")
    assert encoded.values.tolist() == [[0, 1], [0, 1], [0, 0], [0, 0]]
    (note,) = encoded.notes
    assert (note.code, note.found, note.rows.count) == ("label-ignored", "grean", 2)


def test_a_boolean_of_one_text_answers_it_always():
    assert BooleanEncoder(labels=("a",)).inverse_transform(np.array([0.1, 0.9])).tolist() == [
        "a",
        "a",
    ]
