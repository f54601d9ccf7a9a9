"""A table as people have it: read the same in memory and in chunks, in every format, with holes."""

import json
import random

import numpy as np
import pandas as pd
import pytest

from engine.check.report import check
from engine.data.cache import table_head
from engine.data.cache.policy import CacheSettings
from engine.data.dataset.graph_dataset import encode_for_graph
from engine.data.prepared_data import prepare_data
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.profile.table_profile import profile_table
from engine.data.readers.table_file import open_table
from engine.data.starter.starter_graph import build_starter_project
from engine.data.table.table import table_from_arrays
from tests.engine.data.profile.test_column_warnings import WRITERS

ROWS = 90


def column_cells():
    rng = random.Random(4)
    cells = {
        "price": lambda x: f"${x * 9000:,.2f}",
        "debt": lambda x: f"({x * 90:.1f})" if x < 0.2 else f"{x * 90:.1f}",
        "share": lambda x: f"{x:.1%}",
        "size": lambda x: f"{x * 9:.1f} cm",
        "score": lambda x: "none seen" if 0.4 < x < 0.5 else f"{x:.3f}",
        "zip": lambda x: rng.choice(["01234", "94110", "10001"]),
        "day": lambda x: f"{rng.randint(1, 12):02}/{rng.randint(13, 28)}/2020",
        "member": lambda x: rng.choice(["yes", "no"]),
        "city": lambda x: rng.choice(["Berlin", "Paris", "Rome"]),
        "tags": lambda x: str(sorted(rng.sample("abc", rng.choice([1, 1, 2, 3])))),
    }
    values = [rng.random() for _ in range(ROWS)]
    columns = {name: [cell(x) for x in values] for name, cell in cells.items()}
    return pd.DataFrame({**columns, "y": np.round(values, 3)})


FRAME = column_cells()
COLUMNS = [name for name in FRAME if name != "y"]


@pytest.fixture(params=WRITERS)
def path(request, tmp_path, monkeypatch):
    monkeypatch.setattr(table_head, "CHUNK_BYTES", 900)  # a few rows
    place = tmp_path / f"train.{request.param}"
    WRITERS[request.param](FRAME, place)
    return place


def test_columns_are_read_alike_in_memory_in_chunks_and_streamed(path, tmp_path):
    report = check(build_starter_project(open_table(path), ["y"]).project)
    assert not report.errors
    memory, cached, streamed = (
        prepare_data(report, path, None, caching=CacheSettings(use, tmp_path / "c", stream=stream))
        for use, stream in ((False, None), (True, False), (True, True))
    )
    assert memory.fitted == cached.fitted == streamed.fitted
    assert memory.digest == cached.digest
    for name, values in memory.validation.inputs.items():
        np.testing.assert_array_equal(values, streamed.validation.inputs[name])
    texts = [
        sorted(str(note) for note in item.warnings if note.code != "data-streamed")
        for item in (memory, cached, streamed)
    ]
    assert texts[0] == texts[1] == texts[2]
    told = " ".join(texts[0])
    assert all(word in told for word in ('"$"', '"%"', '"cm"', "parentheses", "'none seen'"))
    fitted = FittedEncoders.try_from_params(json.loads(json.dumps(memory.fitted.params())))
    assert fitted == memory.fitted, "a run keeps how its columns are written"
    (numbers,) = (item for item in fitted.inputs.values() if getattr(item, "forms", ()))
    plain = FRAME["price"].str.replace(r"[$,]", "", regex=True).astype(float)
    assert numbers.high[0] <= plain.max()
    assert numbers.low[0] >= plain.min()


@pytest.mark.parametrize("column", COLUMNS)
def test_a_hole_in_any_column_is_filled_and_told(column, path):
    report = check(build_starter_project(open_table(path), ["y"]).project)
    fitted = prepare_data(report, path, None).fitted
    holes = FRAME.drop(columns="y").head(3)
    holes.loc[1, column] = None
    place = path.with_stem("test")
    WRITERS[path.suffix[1:]](holes, place)
    found = encode_for_graph(report, open_table(place), fitted=fitted, with_targets=False)
    assert all(np.isfinite(values).all() for values in found.inputs.values())
    told = [note for note in found.notes if note.code == "cells-filled"]
    expected = [] if column == "tags" else [f'missing cells of "{column}" are filled']
    assert [note.message.partition(" with ")[0] for note in told] == expected
    assert all("1 of 3 rows" in note.message for note in told)


def test_a_row_alone_is_read_in_the_form_of_the_training_rows(tmp_path):
    path = tmp_path / "t.csv"
    frame = pd.DataFrame({"x": [f"{n}.{n:03},5" for n in range(1, 60)], "y": range(59)})
    frame.to_csv(path, index=False, sep=";")
    report = check(build_starter_project(open_table(path), ["y"]).project)
    fitted = prepare_data(report, path, None).fitted
    encoder = fitted.inputs["x"]
    for cell, value in (("1.234", 1234), ("7", 7), ("3.5", 3.5), ("2.000,25", 2000.25)):
        pd.DataFrame({"x": [cell]}).to_json(tmp_path / "r.jsonl", orient="records", lines=True)
        table = open_table(tmp_path / "r.jsonl")
        found = encode_for_graph(report, table, fitted=fitted, with_targets=False).inputs["x"]
        assert encoder.inverse_transform(found).item() == pytest.approx(value, abs=0.01)


def test_whole_numbers_from_1_to_a_few_may_be_classes():
    def statistics(*numbers):
        (found,) = profile_table(open_numbers(numbers))
        return found.may_be_classes

    assert statistics(*[1, 2, 3] * 9)
    assert not statistics(*[1, 3, 5] * 9)
    assert not statistics(*range(30))


def open_numbers(numbers):
    return table_from_arrays({"x": np.array(numbers)})
