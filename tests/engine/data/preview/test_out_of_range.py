"""What lies far from the rows trained on is told by column, whatever the column is."""

from __future__ import annotations

import json

import pytest

from engine.check.report import check
from engine.data.encoders import (
    CategoryEncoder,
    ConcatEncoder,
    DateEncoder,
    NumberEncoder,
    TextEncoder,
)
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.preview.input_schema import input_fields
from engine.data.preview.out_of_range import (
    encoders_by_column,
    out_of_range_warnings,
    training_range,
)
from engine.data.readers.records import table_from_records
from tests.engine.runtime.small import node, project

FITTED = FittedEncoders(
    inputs={
        "sizes": NumberEncoder(
            scale="standardize", center=(5.0, 50.0), spread=(1.0, 10.0),
            low=(0.0, 39.1), high=(10.0, 59.6),
        ),
        "rest": ConcatEncoder(
            parts=(
                DateEncoder(form="dots", parts=("month",), first="2023-01-03", last="2024-11-28"),
                CategoryEncoder(labels=("blue", "red", "other"), hot=True, other=True),
            )
        ),
        "words": TextEncoder(vocabulary=("a", "b"), length=3),
    }
)  # fmt: skip
ROW = {"long": 1, "wide": 45.5, "day": "1.2.2024", "tone": "red", "words": "a b"}


@pytest.fixture(scope="module")
def report():
    return check(
        project(
            node("sizes", "Input", shape=[2]),
            node("rest", "Input", shape=[5]),
            node("words", "Input", shape=[3], dtype="int32"),
            node("look", "Embedding", "words", input_dim=20, output_dim=4),
            node("mean", "GlobalAveragePooling1D", "look"),
            node("cat", "Concatenate", {"xs": ["sizes", "rest", "mean"]}),
            node("n", "Dense", "cat", units=1),
            node("size", "Output", "n", loss="mse"),
            data={
                "inputs": {
                    "sizes": {"columns": ["long", "wide"], "scale": "standardize"},
                    "rest": {"columns": ["day", "tone"], "encode": ["date", "category"]},
                    "words": {"column": "words", "encode": "text"},
                },
            },
        )
    )


def told(report, **cells):
    return out_of_range_warnings(report, FITTED, table_from_records([json.dumps(ROW | cells)]))


FAR = [
    ({}, {}),
    ({"long": 10.9}, {}),  # a tenth of the range is not far
    ({"long": -7}, {"long": "Out of range: 0 to 10 in the training rows"}),
    ({"wide": "75,5"}, {"wide": "Out of range: 39.1 to 59.6 in the training rows"}),
    ({"day": "1.12.2024"}, {}),
    ({"day": "1.12.2031"}, {"day": "Out of range: 3.1.2023 to 28.11.2024 in the training rows"}),
    ({"tone": "green"}, {"tone": "Treated as other: not in the training rows"}),
    ({"words": "a B zulu, yankee"}, {"words": "Unknown words: zulu, yankee"}),
    ({"words": "zulu"}, {"words": "None of these words is in the vocabulary"}),
    ({"words": ""}, {}),
]


def test_a_column_says_what_is_far(report):
    for cells, found in FAR:
        assert told(report, **cells) == found


def test_a_field_shows_from_where_to_where_its_column_went_and_a_date_of_it(report):
    hints = {field.column: field.hint for field in input_fields(report, FITTED)}
    assert hints == {
        "long": "0 to 10", "wide": "39.1 to 59.6", "day": "such as 28.11.2024", "tone": "",
        "words": "",
    }  # fmt: skip


def test_an_encoder_that_kept_no_extremes_says_nothing(report):
    older = {"sizes": NumberEncoder(scale="standardize", center=(5.0, 50.0), spread=(1.0, 10.0))}
    fitted = FittedEncoders(inputs={**FITTED.inputs, **older})
    assert [training_range(each) for _, _, each in encoders_by_column(report, fitted)][:2] == [
        "",
        "",
    ]
    assert (
        out_of_range_warnings(report, fitted, table_from_records(['{"long": 1e9, "wide": 1e9}']))
        == {}
    )
