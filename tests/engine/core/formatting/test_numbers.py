"""Scores, data values and JSON values are formatted in one way in terminal, report and window."""

import math

from engine.core.formatting.numbers import (
    format_json_value,
    format_score,
    format_value,
    score_or_dash,
)

SCORES = [
    (0, "0.0000"), (0.12345, "0.1235"), (-12.3456, "-12.35"), (1234.5, "1,234"),
    (1.5e-7, "1.50e-07"), (12_345_678.9, "1.23e+07"), (math.nan, "nan"), (-math.inf, "-inf"),
]  # fmt: skip
VALUES = [
    (23_610, "23,610"), (-0.0, "0"), (1e12, "1.00e+12"), (0.123456, "0.1235"), (20.0, "20"),
    (-1234.5, "-1,234"), (math.inf, "inf"), (math.nan, "nan"), (True, "1"),
]  # fmt: skip
JSON_VALUES = [
    (None, "none"), (True, "yes"), (0.1, "0.1"), ([1, [2.5]], "1, 2.5"), ((), "none"),
    ({"patience": 5, "mode": "min"}, "patience 5, mode min"), ("text", "text"),
]  # fmt: skip


def test_scores_have_about_four_digits():
    for score, text in SCORES:
        assert format_score(score) == text


def test_a_missing_score_is_a_dash():
    assert [score_or_dash(score) for score in (None, math.nan, math.inf, 1.0)] == [
        "–", "–", "–", "1.0000"
    ]  # fmt: skip


def test_values_have_no_trailing_zeros():
    for value, text in VALUES:
        assert format_value(value) == text
        assert format_value(value, grouped=False) == text.replace(",", "")


def test_json_values_are_plain_text():
    for value, text in JSON_VALUES:
        assert format_json_value(value) == text
