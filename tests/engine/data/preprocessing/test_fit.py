"""Encoders of chunks are those of the whole table, whatever the port and wherever it is cut."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.fit import PortFitter
from engine.data.preprocessing.transform import PortColumns, transform_port
from engine.data.table.column_types import take_rows, text_column
from engine.data.table.table import Table
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import Category, Date, Number
from engine.recipe.encoding import Text as Words
from tests.tiers import cases

ROWS = 30
COLUMNS = {
    "height": text_column([f"{150 + row}.5" for row in range(ROWS)]),
    "width": np.where(np.arange(ROWS) % 5, np.linspace(0.0, 9.0, ROWS), np.nan),
    "city": text_column([["a", "b", "c"][row % 3] for row in range(ROWS)]),
    "story": text_column([" ".join("abcdefg"[: row % 7 + 1]) for row in range(ROWS)]),
    "day": text_column([f"{1 + row % 28}.{1 + row % 12}.2024" for row in range(ROWS)]),
}
FLOATS = TensorSpec((DynamicLength("x"),))
SOURCES = [
    (Source(columns=("height", "width"), encode=Number(scale="robust", fill="mean")), FLOATS),
    (Source(columns=("height", "city", "day"), encode=(Number(scale="log"), None, Date())), FLOATS),
    (
        Source(column="story", encode=Words(vocabulary=6)),
        TensorSpec((DynamicLength("x"),), "int32"),
    ),
    (Source(column="city", encode=Category(rare=2)), TensorSpec((), "int32")),
    (Source(column="height"), FLOATS),
]
TARGETS = [
    (Source(column="height", scale="standardize"), TargetSpec("y", (1,), "number", loss="mse")),
    (Source(column="city"), TargetSpec("y", (), "index", 3)),
]
TRAIN = np.array([row for row in range(ROWS) if row % 4])


def reading(source, first, last):
    rows = np.arange(first, last)
    table = Table(Path("t.csv"), {name: take_rows(cells, rows) for name, cells in COLUMNS.items()})
    inside = TRAIN[(first <= TRAIN) & (last > TRAIN)] - first
    return PortColumns(table, source, "float32", inside)


def chunks(source, cuts):
    edges = [0, *sorted(cuts), ROWS]
    return [reading(source, one, two) for one, two in zip(edges, edges[1:], strict=False)]


def fitted(fitter, parts):
    for part in parts:
        fitter.add(part)
    return fitter.finish(parts[-1])


CUTS = st.lists(st.integers(1, ROWS - 1), unique=True, max_size=4)


@settings(deadline=None, max_examples=cases(5, 100))
@pytest.mark.parametrize(("source", "spec"), SOURCES)
@given(cuts=CUTS)
def test_an_inputs_encoder_does_not_depend_on_chunks(source, spec, cuts):
    whole = transform_port(reading(source, 0, ROWS), "x", spec)
    parts = chunks(source, cuts)
    encoder = fitted(PortFitter(parts[0], "x", spec), parts)
    assert encoder == whole.encoder
    later = [
        transform_port(
            PortColumns(part.table, source, "float32", None, encoder, refit=False), "x", spec
        )
        for part in parts
    ]
    joined = np.concatenate([each.values for each in later])
    np.testing.assert_array_equal(joined, whole.values)


@settings(deadline=None, max_examples=cases(5, 100))
@pytest.mark.parametrize(("source", "port"), TARGETS)
@given(cuts=CUTS)
def test_a_targets_encoder_does_not_depend_on_chunks(source, port, cuts):
    whole = transform_port(reading(source, 0, ROWS), "y", port)
    parts = chunks(source, cuts)
    assert fitted(PortFitter(parts[0], "y", port), parts) == whole.encoder
