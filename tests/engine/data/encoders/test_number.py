"""Numbers: scales like scikit-learn's, fills, and an inverse that gives back what was put in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import preprocessing
from sklearn.impute import SimpleImputer

from engine.core.diagnostic import DiagnosticError
from engine.data.encoders import NumberEncoder
from engine.recipe import encoding
from tests.engine.data.encoders.fits import cut, fitted, fitted_by, through_json

SCALES = ("none", "standardize", "minmax", "log", "robust", "quantile")
FILLS = ("error", "mean", "median", "zero")
NUMBERS = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
TABLES = hnp.arrays(np.float64, st.tuples(st.integers(2, 30), st.integers(1, 4)), elements=NUMBERS)
STANDARD = encoding.Number(scale="standardize")


def standard(center, spread, low, high):
    return NumberEncoder(scale="standardize", center=center, spread=spread, low=low, high=high)


@settings(deadline=None)
@given(TABLES, st.sampled_from(SCALES))
def test_scaled_numbers_come_back(values, scale):
    values = np.abs(values) if scale == "log" else values
    encoder = fitted(encoding.Number(scale=scale), values)
    scaled = encoder.transform(values, "x")
    size = np.abs(values).max() + 1
    np.testing.assert_allclose(
        encoder.inverse_transform(scaled), values, rtol=1e-8, atol=1e-9 * size
    )


@settings(deadline=None)
@given(TABLES)
def test_standardised_numbers_have_mean_0(values):
    scaled = fitted(STANDARD, values).transform(values, "x")
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-5)


@settings(deadline=None)
@given(TABLES, st.sampled_from(SCALES), st.sampled_from(FILLS), st.lists(st.integers(0, 12)))
def test_chunks_and_the_whole_give_the_same_encoder_to_the_last_bit(values, scale, fill, sizes):
    values[::5] = np.nan
    asked = encoding.Number(scale=scale, fill=fill)
    with np.errstate(invalid="ignore"):
        assert fitted_by(asked, cut(values, sizes)) == fitted(asked, values)


def test_chunks_over_many_blocks_give_the_same_encoder():
    values = np.random.default_rng(1).normal(size=(150_001, 2)).astype(np.float32)
    asked = encoding.Number(scale="standardize", fill="median")
    assert fitted_by(asked, cut(values, [1, 65_535, 70_000])) == fitted(asked, values)


@pytest.mark.parametrize(
    ("scale", "peer"),
    [
        ("standardize", preprocessing.StandardScaler()),
        ("minmax", preprocessing.MinMaxScaler()),
        ("robust", preprocessing.RobustScaler()),
    ],
)
@settings(deadline=None)
@given(values=TABLES)
def test_scales_are_those_of_scikit_learn(scale, peer, values):
    ours = fitted(encoding.Number(scale=scale), values).transform(values, "x")
    theirs = peer.fit_transform(values)
    # What is constant but for rounding is divided by 1 there and here, by other rules of "but for".
    plain = np.ptp(values, axis=0) > 1e-6 * np.abs(values).max(axis=0)
    np.testing.assert_allclose(ours[:, plain], theirs[:, plain], rtol=1e-6, atol=1e-6)


def test_the_logarithm_is_standardised():
    values = np.array([[0.0], [1.0], [9.0], [99.0]])
    ours = fitted(encoding.Number(scale="log"), values).transform(values, "x")
    theirs = preprocessing.StandardScaler().fit_transform(np.log1p(values))
    np.testing.assert_allclose(ours, theirs)


def test_ranks_are_those_of_scikit_learn():
    random = np.random.default_rng(0)
    values = np.stack([random.lognormal(size=1_000), random.integers(0, 5, 1_000)], axis=1)
    other = np.stack([random.lognormal(size=50), random.normal(2, 3, 50)], axis=1)
    encoder = fitted(encoding.Number(scale="quantile"), values)
    peer = preprocessing.QuantileTransformer(n_quantiles=257).fit(values)
    np.testing.assert_allclose(
        encoder.transform(other, "x") * 12**-0.5 + 0.5, peer.transform(other)
    )
    single = fitted(encoding.Number(scale="quantile"), values[:, 0])
    np.testing.assert_allclose(
        single.inverse_transform(single.transform(other[:, 0], "x")),
        np.clip(other[:, 0], values[:, 0].min(), values[:, 0].max()),
    )


@pytest.mark.parametrize(("fill", "peer"), [("mean", "mean"), ("median", "median")])
@settings(deadline=None)
@given(values=TABLES)
def test_fills_are_those_of_scikit_learn(fill, peer, values):
    values[0] = np.nan
    values[1:2] = 1.0
    ours = fitted(encoding.Number(fill=fill), values).transform(values, "x")
    theirs = SimpleImputer(strategy=peer).fit_transform(values)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-6)


def test_a_fill_is_in_the_columns_own_unit_before_it_is_scaled():
    values = np.array([10.0, np.nan, 30.0])
    for fill, counts in (("mean", 0.0), ("median", 0.0), ("zero", -2.0)):
        encoder = fitted(encoding.Number(scale="standardize", fill=fill), values)
        assert encoder.transform(values, "x").tolist() == [-1, counts, 1]


def test_without_a_fill_a_missing_number_stays_missing():
    values = np.array([1.0, np.nan, 3.0])
    assert np.isnan(fitted(STANDARD, values).transform(values, "x")).tolist() == [0, 1, 0]


def test_a_constant_feature_is_only_moved():
    assert fitted(STANDARD, np.array([[3.0], [3.0]])) == standard((3.0,), (1.0,), (3.0,), (3.0,))


@pytest.mark.parametrize("value", [0.1, 1e9 + 0.1, -7.3])
def test_a_constant_whose_mean_is_rounded_is_still_constant(value):
    encoder = fitted(STANDARD, np.array([[value, 1.0]] * 99 + [[np.nan, 2.0]]))
    assert (encoder.center[0], encoder.spread[0]) == (value, 1.0)
    assert encoder.spread[1] < 1


@pytest.mark.parametrize("values", [np.zeros((0, 1)), np.full((3, 1), np.nan)])
@pytest.mark.parametrize("scale", ["standardize", "minmax", "log", "robust"])
def test_a_feature_without_values_stays_as_it_is(values, scale):
    encoder = fitted(encoding.Number(scale=scale), values)
    assert (encoder.center, encoder.spread) == ((0.0,), (1.0,))


@pytest.mark.parametrize("unsound", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_do_not_spoil_the_scale(unsound):
    assert fitted(STANDARD, np.array([[1.0], [3.0], [unsound]])) == standard(
        (2.0,), (1.0,), (1.0,), (3.0,)
    )


@pytest.mark.parametrize("scale", ["standardize", "minmax", "log", "robust", "quantile"])
def test_the_least_and_the_greatest_that_were_seen_are_kept_in_their_own_unit(scale):
    encoder = fitted(encoding.Number(scale=scale), np.array([[2.0, 7.0], [11.0, 5.0]]))
    np.testing.assert_allclose(encoder.low, (2, 5))
    np.testing.assert_allclose(encoder.high, (11, 7))


def test_what_is_not_looked_at_has_no_least_and_no_greatest():
    assert fitted(encoding.Number(), np.array([[2.0], [11.0]])).low == ()
    assert fitted(STANDARD, np.full((3, 1), np.nan)).low == ()


def test_a_scale_fits_columns_without_a_last_axis_too():
    encoder = fitted(STANDARD, np.array([1.0, 3.0]))
    np.testing.assert_array_equal(encoder.transform(np.array([1.0, 3.0]), "x"), [-1, 1])
    np.testing.assert_array_equal(encoder.inverse_transform(np.array([[-1.0], [1.0]])), [[1], [3]])


def test_steps_of_a_sequence_share_their_features_scale():
    values = np.arange(24.0).reshape(2, 4, 3)
    encoder = fitted(STANDARD, values)
    assert len(encoder.center) == 3
    np.testing.assert_allclose(encoder.center, values.reshape(-1, 3).mean(axis=0))


def test_numbers_without_a_logarithm_are_named_by_row():
    with pytest.raises(DiagnosticError) as refused:
        fitted(encoding.Number(scale="log"), np.array([1.0, -3.0])).transform(
            np.array([1.0, -3.0, 2.0, -1.0]), "x"
        )
    (found,) = refused.value.diagnostics
    assert (found.code, found.place) == ("scale-unfit", "column x, rows 1, 3 (counting from 0)")


@settings(deadline=None)
@given(TABLES, st.sampled_from(SCALES), st.sampled_from(FILLS))
def test_what_was_fitted_travels_as_plain_json(values, scale, fill):
    encoder = fitted(encoding.Number(scale=scale, fill=fill), np.abs(values))
    assert through_json(encoder) == encoder
