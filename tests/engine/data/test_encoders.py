"""Encoders: what they fit, and that their inverse gives back what was put in."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.core.diagnostic import Refused
from engine.data import kinds
from engine.data.encoders import Boolean, Category, Number
from engine.data.fitted import Fitted


def cells(*values):
    return kinds.text(values)


NUMBERS = st.floats(-1e6, 1e6, width=32)


@given(hnp.arrays(np.float64, st.tuples(st.integers(2, 30), st.integers(1, 4)), elements=NUMBERS))
def test_standardised_numbers_have_mean_0_and_come_back(values):
    encoder = Number.fit(values, standardize=True)
    scaled = encoder.transform(values, "x")
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(encoder.inverse(scaled), values, rtol=1e-9, atol=1e-6)


def test_a_constant_feature_is_only_moved():
    encoder = Number.fit(np.array([[3.0], [3.0]]), standardize=True)
    assert encoder == Number(mean=(3.0,), deviation=(1.0,))


@pytest.mark.parametrize("value", [0.1, 1e9 + 0.1, -7.3])
def test_a_constant_whose_mean_is_rounded_is_still_constant(value):
    encoder = Number.fit(np.array([[value, 1.0]] * 99 + [[np.nan, 2.0]]), standardize=True)
    assert (encoder.mean[0], encoder.deviation[0]) == (value, 1.0)
    assert encoder.deviation[1] < 1


@pytest.mark.parametrize("values", [np.zeros((0, 1)), np.full((3, 1), np.nan)])
def test_a_feature_without_values_stays_as_it_is(values):
    assert Number.fit(values, standardize=True) == Number(mean=(0.0,), deviation=(1.0,))


def test_missing_values_do_not_spoil_the_scale():
    encoder = Number.fit(np.array([[1.0], [3.0], [np.nan]]), standardize=True)
    assert encoder == Number(mean=(2.0,), deviation=(1.0,))


def test_a_scale_fits_columns_without_a_last_axis_too():
    encoder = Number.fit(np.array([1.0, 3.0]), standardize=True)
    np.testing.assert_array_equal(encoder.transform(np.array([1.0, 3.0]), "x"), [-1, 1])
    np.testing.assert_array_equal(encoder.inverse(np.array([[-1.0], [1.0]])), [[1], [3]])


def test_categories_are_numbered_in_sorted_order():
    encoder = Category.fit(cells("b", "a", "b", "c"), (), hot=False)
    assert encoder.labels == ("a", "b", "c")
    assert encoder.transform(cells("c", "a"), "x").tolist() == [2, 0]


def test_given_labels_keep_their_order():
    encoder = Category.fit(cells("low"), ("low", "high"), hot=True)
    assert encoder.transform(cells("high", "low"), "x").tolist() == [[0, 1], [1, 0]]


@given(st.lists(st.text(min_size=1), min_size=1))
def test_the_most_probable_category_is_the_one_that_was_put_in(texts):
    encoder = Category.fit(cells(*texts), (), hot=True)
    assert encoder.inverse(encoder.transform(cells(*texts), "x")).tolist() == texts


@pytest.mark.parametrize(
    ("texts", "labels"),
    [(("male", "female"), ("female", "male")), (("yes", "no"), ("no", "yes")),
     (("True", "False"), ("False", "True")), (("n", "y"), ("n", "y"))],
)  # fmt: skip
def test_booleans_are_no_before_yes_or_else_sorted(texts, labels):
    encoder = Boolean.fit(cells(*texts), (), "sex")
    assert encoder.labels == labels
    assert encoder.inverse(np.array([0.2, 0.5])).tolist() == list(labels)


def test_booleans_given_as_yes_before_no_are_not_turned_round():
    assert Boolean.fit(cells("no", "yes"), ("yes", "no"), "sex").labels == ("yes", "no")


def test_three_texts_are_no_boolean():
    with pytest.raises(Refused) as refused:
        Boolean.fit(cells("a", "b", "c"), (), "sex")
    assert refused.value.diagnostics[0].code == "column-kind"


def test_a_label_that_is_not_listed_is_named_by_row():
    encoder = Category(labels=("Adelie", "Gentoo"))
    with pytest.raises(Refused) as refused:
        encoder.transform(cells("Gentoo", "Adele", "Adelie"), "species")
    (found,) = refused.value.diagnostics
    assert found.code == "label-unknown"
    assert found.place == "column species, row 1 (counting from 0)"
    assert "did you mean 'Adelie'" in found.fixes[0].text


def test_empty_cells_are_named_by_row():
    encoder = Category(labels=("a",))
    with pytest.raises(Refused) as refused:
        encoder.transform(cells("a", "", ""), "species")
    (found,) = refused.value.diagnostics
    assert (found.code, found.place) == (
        "cell-missing",
        "column species, rows 1, 2 (counting from 0)",
    )


def test_all_that_was_fitted_travels_as_plain_json():
    fitted = Fitted(
        inputs={"island": Category(labels=("a", "b"), hot=True)},
        targets={"age": Number(mean=(40.5,), deviation=(7.25,)), "sex": Boolean(labels=("f", "m"))},
    )
    assert Fitted.read(json.loads(json.dumps(fitted.params()))) == fitted
