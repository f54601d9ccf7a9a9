"""Amounts are said in one way, whatever they are of."""

import math

import pytest

from engine.core.formatting.sizes import format_bytes, format_number


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (5780, "5.6 KiB"),
        (53_961_776, "51.5 MiB"),
        (2**30, "1.0 GiB"),
        (4 * 10**12, "3.6 TiB"),
        (2**70, "1,048,576.0 PiB"),
    ],
)
def test_bytes_are_said_in_powers_of_1024(count, said):
    assert format_bytes(count) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (23_610, "23610"), (-0.0, "0"), (1e12, "1e+12"), (0.123456, "0.1235"), (-1234.5, "-1234"),
        (math.inf, "inf"), (math.nan, "nan"), (True, "1"),
    ],
)  # fmt: skip
def test_numbers_are_brief_and_whole_ones_whole(number, said):
    assert format_number(number) == said
