"""Statistics of chunks are those of NumPy, and the same to the last bit however rows are cut."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.data.encoders import streaming_statistics
from engine.data.encoders.streaming_statistics import StreamingMoments, StreamingQuantiles

USUAL = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
ODD = st.sampled_from([np.nan, np.inf, -np.inf])
FRACTIONS = [0, 0.25, 0.5, 0.75, 1]


def quantiles(*chunks, limit=1_000):
    made = StreamingQuantiles(limit)
    for chunk in chunks:
        made.add(chunk)
    return made.quantiles(*FRACTIONS)


@settings(deadline=None)
@given(hnp.arrays(np.float64, st.integers(1, 60), elements=USUAL), st.integers(0, 60))
def test_few_values_have_exact_quantiles(values, place):
    whole = quantiles(np.append(values, np.nan))
    assert whole == np.quantile(values, FRACTIONS).tolist()
    assert quantiles(values[:place], values[place:]) == whole


def test_no_values_have_quantiles_of_0():
    assert quantiles(np.full(3, np.nan)) == [0] * 5


def test_quantiles_of_many_values_are_those_of_a_sample():
    def sampled(*chunks):
        return quantiles(*chunks, limit=40_000)

    values = np.random.default_rng(3).permutation(300_000) / 300_000
    whole = sampled(values)
    assert sampled(*np.array_split(values, 7)) == sampled(values[:5], values[5:]) == whole
    assert whole != np.quantile(values, FRACTIONS).tolist()
    np.testing.assert_allclose(whole, FRACTIONS, atol=0.015)


def test_a_sample_has_a_limit_and_is_not_drawn_by_place():
    """Rows often take turns, such as two sensors; a sample of every second row would take one."""
    made = StreamingQuantiles(1_000)
    for _ in range(20):
        made.add(np.tile([0.0, 1.0], 1_000))
        assert made._kept_count <= 1_000
    assert made.quantiles(0.3, 0.7) == [0.0, 1.0]


def test_huge_values_are_left_out():
    moments = StreamingMoments(1)
    moments.add(np.array([[1e308], [1e308], [3.0], [-np.inf], [5.0]]))
    moments.finish()
    assert (moments.mean[0], moments.standard_deviation()[0], moments.maximum[0]) == (4, 1, 5)


@pytest.mark.slow
@settings(deadline=None)
@given(
    hnp.arrays(np.float64, (50, 3), elements=USUAL | ODD, fill=st.nothing()),
    st.integers(1, 150), st.lists(st.integers(0, 50), max_size=4),
)  # fmt: skip
def test_moments_of_chunks_are_those_of_numpy(values, block, cuts):
    def moments(*chunks):
        made = StreamingMoments(3)
        for chunk in chunks:
            made.add(chunk)
        made.finish()
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streaming_statistics, "BLOCK_VALUES", block)
        patch.setattr(streaming_statistics, "MIN_BLOCK_ROWS", 1)
        made, parted = moments(values), moments(*np.split(values, sorted(cuts)))
    for name in ("count", "mean", "minimum", "maximum"):
        np.testing.assert_array_equal(getattr(made, name), getattr(parted, name))
    deviation = made.standard_deviation()
    np.testing.assert_array_equal(deviation, parted.standard_deviation())
    for feature, column in enumerate(values.T):
        finite = column[np.isfinite(column)]
        assert made.count[feature] == len(finite)
        if len(finite):
            assert (made.minimum[feature], made.maximum[feature]) == (finite.min(), finite.max())
            np.testing.assert_allclose(made.mean[feature], finite.mean(), rtol=1e-9, atol=1e-9)
            expected = 1.0 if np.ptp(finite) == 0 else finite.std()
            np.testing.assert_allclose(deviation[feature], expected, rtol=1e-9, atol=1e-6)
