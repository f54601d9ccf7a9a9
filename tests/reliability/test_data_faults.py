"""Errors in random rows of 100,000 are found before the first step, with their row numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from engine.check.report import check_project
from engine.core.affected_rows import ROWS_SHOWN
from engine.data.prepared_data import check_data
from tests.engine.runtime.small import node, project
from tests.reliability.seed import chances
from tests.tiers import cases

ROWS = 100_000
KINDS = ("h0", "h1", "h2")
Columns = dict[str, Any]


def graph():
    return check_project(
        project(
            node("x", "Input", shape=[2]),
            node("posts", "Input", shape=[None], dtype="int32"),
            node("words", "Embedding", "posts", input_dim=50, output_dim=4),
            node("mean", "GlobalAveragePooling1D", "words"),
            node("all", "Concatenate", {"xs": ["x", "mean"]}),
            node("a", "Dense", "all", units=1),
            node("b", "Dense", "all", units=4, activation="softmax"),
            node("c", "Dense", "all", units=3, activation="softmax"),
            node("d", "Dense", "all", units=1, activation="sigmoid"),
            node("size", "Output", "a", loss="mse"),
            node("grade", "Output", "b", loss="sparse_categorical_crossentropy"),
            node("kind", "Output", "c", loss="categorical_crossentropy"),
            node("yes", "Output", "d", loss="binary_crossentropy"),
            data={
                "inputs": {
                    "x": {"columns": ["x0", "x1"]},
                    "posts": {"column": "posts", "encode": "ids"},
                },
                "targets": {"kind": {"columns": list(KINDS)}},
                "split": {"kind": "column", "params": {"column": "part"}},
            },
        )
    )


def sound() -> Columns:
    rng = np.random.default_rng(0)
    hot = np.eye(3)[rng.integers(0, 3, ROWS)]
    return {
        "x0": rng.normal(size=ROWS),
        "x1": rng.normal(size=ROWS),
        "posts": rng.integers(0, 50, (ROWS, 3)),
        "size": rng.normal(size=ROWS),
        "grade": rng.integers(0, 4, ROWS),
        **{name: hot[:, place] for place, name in enumerate(KINDS)},
        "yes": rng.integers(0, 2, ROWS).astype(float),
        "part": np.where(np.arange(ROWS) % 5, "train", "val"),
    }


def as_csv(columns: Columns, file: Path) -> None:
    """Return values as CSV text: nan, inf and empty cells included."""
    plain = {
        name: [" ".join(map(str, row)) for row in values] if values.ndim > 1 else values
        for name, values in columns.items()
    }
    pacsv.write_csv(pa.table(plain), file)


def as_parquet(columns: Columns, file: Path) -> None:
    plain = {
        name: pa.array(list(values)) if values.ndim > 1 else pa.array(values)
        for name, values in columns.items()
    }
    pq.write_table(pa.table(plain), file)


WRITERS: dict[str, Callable[[Columns, Path], None]] = {"csv": as_csv, "parquet": as_parquet}


def put(value: Any, *names: str) -> Callable[[Columns, np.ndarray], None]:
    def spoil(columns: Columns, rows: np.ndarray) -> None:
        for name in names:
            columns[name] = columns[name].astype(float) if value % 1 else columns[name]
            columns[name][rows] = value

    return spoil


def put_id(value: int) -> Callable[[Columns, np.ndarray], None]:
    def spoil(columns: Columns, rows: np.ndarray) -> None:
        columns["posts"][rows, 1] = value

    return spoil


def second_class(columns: Columns, rows: np.ndarray) -> None:
    first = columns["h0"][rows] == 1
    columns["h1"][rows[first]] = 1
    columns["h0"][rows[~first]] = 1


@dataclass(frozen=True)
class Fault:
    """An error that is inserted into rows, and the expected diagnostic.

    Args:
        spoil: changes rows.
        code: of the diagnostic, by file format if it depends on it.
        at: the node or column in the diagnostic.
    """

    spoil: Callable[[Columns, np.ndarray], None]
    code: str | dict[str, str]
    at: str

    def in_file(self, kind: str) -> str:
        return self.code if isinstance(self.code, str) else self.code[kind]


INFINITE = {"csv": "number-unreadable", "parquet": "not-finite"}
FAULTS = {
    "a missing input": Fault(put(np.nan, "x1"), "not-finite", "x"),
    "an infinite input": Fault(put(np.inf, "x0"), INFINITE, "x"),
    "a missing target": Fault(put(np.nan, "size"), "not-finite", "size"),
    "an infinite target": Fault(put(-np.inf, "size"), INFINITE, "size"),
    "an id beyond the vocabulary": Fault(put_id(50), "id-out-of-vocabulary", "words"),
    "a negative id": Fault(put_id(-1), "id-negative", "posts"),
    "a class beyond the last": Fault(put(4, "grade"), "label-out-of-range", "grade"),
    "a class of -1": Fault(put(-1, "grade"), "label-out-of-range", "grade"),
    "a class of -100": Fault(put(-100, "grade"), "label-out-of-range", "grade"),
    "half a class": Fault(put(1.5, "grade"), "ids-not-whole", "grade"),
    "no class": Fault(put(0, *KINDS), "one-hot-empty", "kind"),
    "two classes": Fault(second_class, "one-hot-several", "kind"),
    "shares that are none": Fault(put(0.7, *KINDS), "not-distribution", "kind"),
    "a probability above 1": Fault(put(1.5, "yes"), "binary-out-of-range", "yes"),
    "a probability below 0": Fault(put(-0.5, "yes"), "binary-out-of-range", "yes"),
}


@pytest.fixture(scope="module")
def good() -> Columns:
    return sound()


@pytest.mark.parametrize("kind", WRITERS)
def test_a_sound_table_has_no_findings(good, kind, tmp_path):
    WRITERS[kind](good, tmp_path / f"d.{kind}")
    assert [str(each) for each in check_data(graph(), tmp_path / f"d.{kind}")] == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_in_its_rows(name, kind, good, tmp_path, figures):
    fault, chosen = FAULTS[name], chances(f"{name} {kind}")
    tries = cases(1, 2, 10)
    for _ in range(tries):
        rows = np.sort(np.array(chosen.sample(range(ROWS), chosen.choice([1, 3, 9]))))
        columns = {column: values.copy() for column, values in good.items()}
        fault.spoil(columns, rows)
        file = tmp_path / f"d.{kind}"
        WRITERS[kind](columns, file)
        (found,) = check_data(graph(), file)
        assert (found.code, found.node, found.severity) == (fault.in_file(kind), fault.at, "error")
        assert f"{len(rows)} of 100,000 rows" in found.message
        named = ", ".join(map(str, rows[:ROWS_SHOWN]))
        assert re.search(rf"rows? {named}(, \.\.\.)? \(counting from 0\)", found.place), found.place
        if kind == "csv":  # the first line is the header
            assert found.place.endswith(
                f"{', '.join(str(row + 2) for row in rows[:ROWS_SHOWN])} of the file"
            )
        assert found.found
        assert found.expected
        assert found.fixes
    figures(tables=tries)


@pytest.mark.parametrize("kind", WRITERS)
def test_columns_that_say_nothing_are_found_in_all_rows(kind, good, tmp_path):
    file = tmp_path / f"d.{kind}"
    WRITERS[kind]({**good, "x1": np.full(ROWS, 7.0)}, file)
    (found,) = check_data(graph(), file)
    assert (found.code, found.node, found.place) == ("column-constant", "x", "column x1")
    WRITERS[kind]({**good, "yes": np.ones(ROWS)}, file)
    (found,) = check_data(graph(), file)
    assert (found.code, found.node) == ("target-constant", "yes")


@pytest.mark.parametrize("kind", WRITERS)
def test_a_split_that_trains_on_one_class_only_is_found(kind, good, tmp_path):
    held_out = (good["part"] == "val").astype(float)
    WRITERS[kind]({**good, "yes": held_out}, tmp_path / f"d.{kind}")
    (found,) = check_data(graph(), tmp_path / f"d.{kind}")
    assert (found.code, found.node) == ("target-constant", "yes")
    assert "training rows" in found.message
