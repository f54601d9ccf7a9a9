"""Measures reading, profiles, checks and splits of large tables; prints one JSON line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from sklearn.model_selection import GroupShuffleSplit, StratifiedShuffleSplit

from engine.data.checks.data_check import DataRequirements, EmbeddingInput, check_dataset
from engine.data.dataset.dataset import Dataset
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.profile.table_profile import profile_table
from engine.data.readers.table_file import open_table
from engine.data.splits.table_split import split_table
from engine.data.table.column_types import text_column
from engine.data.table.table import IN_MEMORY_PATH, Table
from engine.recipe.recipe import Recipe
from engine.recipe.split import GroupSplit, StratifiedSplit
from tests.bench.parts.part import Part, alone, beside

FOLDER = Path(os.environ["BENCH_FOLDER"])
ROWS = 1_000_000
TEST = 0.1
RNG = np.random.default_rng(1)


def measured() -> Iterator[Part]:
    yield read()
    yield profile()
    yield checked()
    yield from split()


def turns(count: int) -> Iterator[tuple[int, int]]:
    """Yield the arguments of calls that need none."""
    yield from ((at, at) for at in range(count))


def read() -> Part:
    """Measure a CSV file as text columns, with and without a search for errors."""
    path, rows = FOLDER / "t.csv", 300_000
    lines = (f'{row},{row / 7:.6f},"w {row % 9}"\n' for row in range(rows))
    path.write_text("a,b,c\n" + "".join(lines), encoding="utf-8")
    text = pacsv.ConvertOptions(column_types=dict.fromkeys("abc", pa.large_string()))
    parse = pacsv.ParseOptions(newlines_in_values=True)
    return beside(
        f"CSV of {rows:,} rows, read",
        lambda _: open_table(path),
        "pyarrow",
        lambda _: pacsv.read_csv(path, parse_options=parse, convert_options=text),
        turns(15),
    )


def profile() -> Part:
    """Measure the statistics of numbers, numbers as text, categories and sentences."""
    words = np.array(["red", "green", "dark blue", ""])[np.arange(ROWS) % 4]
    columns = {
        "x": RNG.normal(size=ROWS),
        "n": text_column(map(str, range(ROWS))),
        "c": text_column(words.tolist()),
        "t": text_column([f"row {row} is one of {row % 977} more words" for row in range(ROWS)]),
    }
    table = Table(IN_MEMORY_PATH, columns)
    label = f"profile of {ROWS:,} rows"
    return beside(label, lambda _: profile_table(table), "pyarrow", partial(described, columns),
                  turns(3))  # fmt: skip


def described(columns: dict[str, object], _: int) -> None:
    """Compute with pyarrow what pandas' `describe` does: counts, extremes, quantiles, top."""
    for name in ("x", "n"):
        numbers = pc.cast(pa.array(columns[name]), pa.float64())
        for statistic in (pc.min_max, pc.mean, pc.stddev):
            statistic(numbers)
        pc.quantile(numbers, [0.25, 0.5, 0.75])
    for name in ("c", "t"):
        counts = pc.value_counts(columns[name])
        pc.max(counts.field("counts"))


def checked() -> Part:
    """Measure the check of 100 MB of word ids, one of which is out of range."""
    rows = 100_000
    words = RNG.integers(0, 50, (rows, 250), dtype=np.int32)
    words[77_777, 100] = 50
    targets = {"income": np.eye(10, dtype=np.float32)[RNG.integers(0, 10, rows)]}
    dataset = Dataset({"posts": words}, targets, FittedEncoders())
    income = TargetSpec("income", (10,), "onehot", 10, "categorical_crossentropy")
    required = DataRequirements((income,), (EmbeddingInput("words", "posts", 50, 8),))
    label = f"data check of {rows:,} rows of 250 words"
    return alone(label, lambda _: check_dataset(dataset, required), range(5))


def split() -> Iterator[Part]:
    """Measure splits by a column of 1,000 different texts."""
    column = text_column([f"group {row}" for row in RNG.integers(0, 1000, ROWS)])
    table, cells = Table(IN_MEMORY_PATH, {"y": column}), np.asarray(column).astype(str)
    recipe, blank = Recipe(seed=1), np.zeros(ROWS)
    for title, ours, theirs, given in (
        ("stratified", StratifiedSplit, StratifiedShuffleSplit, {"y": cells}),
        ("group", GroupSplit, GroupShuffleSplit, {"groups": cells}),
    ):
        settings = ours(column="y", validation=0.0, test=TEST)
        peer = theirs(n_splits=1, test_size=TEST, random_state=1)
        yield beside(
            f"{title} split of {ROWS:,} rows",
            lambda _, settings=settings: split_table(table, settings, recipe),
            f"scikit-learn's {theirs.__name__}",
            lambda _, peer=peer, given=given: next(peer.split(blank, **given)),
            turns(3),
        )


if __name__ == "__main__":
    print(json.dumps(list(measured())))
