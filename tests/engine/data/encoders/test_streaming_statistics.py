"""Statistics of chunks: exact, the same however rows are cut, and close where bins count."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.data.encoders import streaming_statistics
from engine.data.encoders.streaming_statistics import StreamingMoments, StreamingQuantiles

USUAL = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
VALUES = hnp.arrays(np.float64, st.integers(1, 60), elements=USUAL)


def quantiles(*chunks):
    made = StreamingQuantiles()
    for chunk in chunks:
        made.add(chunk)
    return made.quantiles(0.0, 0.25, 0.5, 0.75, 1.0)


@settings(deadline=None)
@given(VALUES)
def test_few_values_have_exact_quantiles(values):
    assert quantiles(values) == np.quantile(values, [0, 0.25, 0.5, 0.75, 1]).tolist()


@settings(deadline=None)
@given(VALUES, st.integers(0, 60))
def test_many_values_have_quantiles_within_a_ten_thousandth(values, place):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streaming_statistics, "MAX_EXACT_VALUES", 8)
        parted = quantiles(values[:place], values[place:])
        assert parted == quantiles(values)
    if len(values) > 8:
        exact = np.quantile(values, [0, 0.25, 0.5, 0.75, 1], method="lower")
        np.testing.assert_allclose(parted, exact, rtol=1.3e-4)


def test_no_values_have_quantiles_of_0():
    assert quantiles(np.full(3, np.nan)) == [0] * 5


@settings(deadline=None)
@given(hnp.arrays(np.float64, (50, 3), elements=USUAL), st.integers(1, 50))
def test_moments_of_blocks_are_those_of_the_whole(values, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streaming_statistics, "BLOCK_VALUES", block)
        made = StreamingMoments(3)
        made.add(values)
        made.finish()
    np.testing.assert_allclose(made.mean, values.mean(axis=0), rtol=1e-9, atol=1e-9)
    expected = np.where(np.ptp(values, axis=0) == 0, 1.0, values.std(axis=0))
    np.testing.assert_allclose(made.standard_deviation(), expected, rtol=1e-6, atol=1e-6)
