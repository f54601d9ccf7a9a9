"""Data frames of any library are rows as dicts of arrays are."""

from __future__ import annotations

import datasets
import numpy as np
import pandas
import polars
import pyarrow as pa
import pytest

from engine import DiagnosticError, Input, Model, layers

ROWS = 40
NUMBERS = np.random.default_rng(3)
COLUMNS = {
    "left": NUMBERS.normal(size=ROWS),
    "right": NUMBERS.integers(0, 9, ROWS),
    "other": [f"w{row}" for row in range(ROWS)],
    "total": NUMBERS.normal(size=ROWS),
}
FRAMES = {
    "pyarrow": pa.table,
    "pandas": lambda columns: pandas.DataFrame(columns, range(5, ROWS + 5)),
    "polars": lambda columns: polars.DataFrame(columns),
    "datasets": lambda columns: datasets.Dataset.from_dict(columns),
}


def trained(x, y):
    left, right = Input((1,), name="left"), Input((1,), name="right")
    joined = layers.Concatenate()([left, right])
    model = Model([left, right], layers.Dense(1, name="total")(joined))
    model.compile("sgd", "mse", seed=1)
    loss = model.fit(x, y, epochs=2, batch_size=8, verbose=0).history["loss"]
    return loss, model.predict(x)


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_is_a_dict_of_its_columns(kind):
    frame = FRAMES[kind](COLUMNS)
    expected = trained({name: COLUMNS[name] for name in ("left", "right")}, COLUMNS["total"])
    for x, y in ((frame, None), (frame, frame), (frame, COLUMNS["total"])):
        loss, predicted = trained(x, y)
        assert loss == expected[0]
        assert np.array_equal(predicted, expected[1])


def test_a_missing_column_is_named():
    with pytest.raises(DiagnosticError, match="the input right gets no data"):
        trained(pa.table(COLUMNS).drop_columns("right"), COLUMNS["total"])


def test_a_frame_without_the_names_of_ports_is_one_array():
    model = Model(x := Input((2,), name="rows"), layers.Dense(1, name="y")(x))
    model.compile("sgd", "mse")
    frame = pandas.DataFrame({"a": COLUMNS["left"], "b": COLUMNS["right"]})
    assert model.predict(frame).shape == (ROWS, 1)
    model.fit(frame, COLUMNS["total"], verbose=0)
    twice = frame.set_axis(["a", "a"], axis=1)
    assert np.array_equal(model.predict(twice), model.predict(frame))
