"""Cells with several labels are told from labels that contain a sign, in six spellings."""

import json
import random

import pytest

from engine.data.encoders.multilabel import split_labels
from engine.data.profile.label_lists import label_separator
from engine.data.table.column_types import text_column

TAGS = ("server", "data", "web", "library", "math")
SPELLINGS = {
    "|": "|".join, ", ": ", ".join, ",": ",".join, ";": ";".join, "/": "/".join, " ": " ".join,
    "[]": str, "json": json.dumps,
}  # fmt: skip


def tag_rows(count=400):
    rng = random.Random(1)
    return [sorted(rng.sample(TAGS, rng.choice([1, 1, 1, 2, 3]))) for _ in range(count)]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_labels_that_come_again_in_other_combinations_are_several_per_cell(spelling):
    rows = tag_rows()
    cells = text_column(map(SPELLINGS[spelling], rows))
    separator = label_separator(cells)
    assert separator == {"json": "[]", ", ": ","}.get(spelling, spelling)
    found = split_labels(cells, separator)
    assert found.values.to_pylist() == [tag for row in rows for tag in row]
    assert found.lengths.tolist() == list(map(len, rows))


@pytest.mark.parametrize(
    "texts",
    [
        ("New York", "Los Angeles", "San Diego", "San Jose", "Boston", "New Haven"),
        ("good", "bad", "very good", "very bad"),
        ("light red", "dark red", "light blue", "dark blue"),
        ("and/or", "yes", "no", "km/h"),
        ("Doe, John", "Roe, Jane", "Poe, Edgar"),
        ("a", "b", "c"),
    ],
)
def test_labels_that_contain_a_sign_stay_one_label(texts):
    assert label_separator(text_column(texts * 30)) == ""
