"""The content of a column, which decides its default encoding, is found in its first cells."""

import numpy as np
import pyarrow as pa
import pytest

from engine.data.cache.text_statistics import TextColumnStatistics
from engine.data.profile.content import (
    NUMBER_SAMPLE_SIZE,
    TEXT_SAMPLE_SIZE,
    ContentCounter,
    column_content,
)
from engine.data.profile.table_profile import profile_table
from engine.data.table.column_types import text_column
from engine.data.table.number_form import NumberFormCounter
from engine.data.table.table import IN_MEMORY_PATH, Table
from tests.tiers import noted

DAYS = np.datetime64("2024-01-01", "us") + np.arange(3) * np.timedelta64(1, "D")
COLUMNS = [
    (np.array([1, 0, 1]), "integers"),
    (np.array([1, 0, 1], np.uint8), "integers"),
    (np.array([1.0, 0.0, np.nan]), "numbers"),
    (np.array([True, False, True]), "numbers"),
    (np.ones((3, 2), np.int64), "numbers"),
    (np.full(3, np.nan), "numbers"),
    (DAYS, "dates"),
    (pa.array([[1], [2, 3], []], pa.large_list(pa.int64())), "number lists"),
    (pa.array([[0.5], [1.5, 2.5], []], pa.large_list(pa.float64())), "number lists"),
    (pa.array([["a"], ["a", "b"], []], pa.large_list(pa.large_string())), "text lists"),
]
TEXTS = [
    (["1", "2", "30"], "integer texts"),
    (["7"], "integer texts"),
    (["1.5", "2", "3e4"], "number texts"),
    (["1,5", "2,25", "-3,5"], "integer texts"),
    (["1.5", "", "NA", "x", "2.5"], "number texts"),
    (["1", "x"], "texts"),
    (["2024-03-02", "2024-03-03", "soon"], "date texts"),
    (["2.3.2024", "15.3.2024"], "date texts"),
    (["3/4/2024", "5/6/2024"], "date texts"),
    (["20240302", "20240303"], "integer texts"),
    (["2024-03-02", "2024-03-02"], "date texts"),
    (["2024-03-02", "soon"], "texts"),
    (["3 17 4", "5", "[6, 7]"], "id list texts"),
    (["3 17", "x"], "texts"),
    (["1", "2", "x", "3 4"], "id list texts"),
    (["red|blue", "red"], "texts"),
    (["p/1.png", "p/2.png"], "texts"),
    (["same", "same"], "texts"),
    (["a long text. " * 50, "b"], "texts"),
    (["", "NA"], "texts"),
    ([], "texts"),
]


def test_most_present_cells_decide():
    for column, content in [*COLUMNS, *((text_column(cells), found) for cells, found in TEXTS)]:
        with noted(column, content):
            assert column_content(column) == content
            if len(column):
                (statistics,) = profile_table(Table(IN_MEMORY_PATH, {"x": column}))
                assert statistics.content == content


@pytest.mark.parametrize(
    ("first", "count", "rest", "content"),
    [
        ("", TEXT_SAMPLE_SIZE, "2.5", "number texts"),
        ("", NUMBER_SAMPLE_SIZE, "2.5", "number texts"),
        ("", NUMBER_SAMPLE_SIZE, "2024-03-02", "date texts"),
        ("NA", NUMBER_SAMPLE_SIZE, "3 4", "id list texts"),
        ("7", TEXT_SAMPLE_SIZE, "z", "id list texts"),
        ("z", TEXT_SAMPLE_SIZE, "2.5", "number texts"),
        ("7", NUMBER_SAMPLE_SIZE, "z", "integer texts"),
        ("z", NUMBER_SAMPLE_SIZE, "7", "texts"),
        ("2024-03-02", TEXT_SAMPLE_SIZE, "z", "date texts"),
        ("z", TEXT_SAMPLE_SIZE, "2024-03-02", "texts"),
    ],
)
def test_the_first_present_cells_decide_for_a_table_in_chunks_as_in_memory(
    first, count, rest, content
):
    cells = text_column([first] * count + [rest] * (NUMBER_SAMPLE_SIZE + 2 * TEXT_SAMPLE_SIZE))
    assert column_content(cells) == content
    for chunk in (2_999, 70_000):
        statistics = TextColumnStatistics(NumberFormCounter())
        for start in range(0, len(cells), chunk):
            statistics.add(cells[start : start + chunk])
        assert statistics.summary().content == content


def test_of_a_chunk_no_more_is_kept_than_the_sample():
    before = pa.total_allocated_bytes()
    counter = ContentCounter()
    counter.add(text_column(["2.5"] * NUMBER_SAMPLE_SIZE))
    assert counter.content == "number texts"
    assert pa.total_allocated_bytes() - before < 20 * TEXT_SAMPLE_SIZE
