"""Measures reading and encoding a table, each contender in its own process; prints one JSON line.

The baseline reads with pyarrow and encodes with the best library for each type: pyarrow's
dictionary_encode for labels, scikit-learn's scalers for numbers.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path

FOLDER = Path(os.environ["BENCH_FOLDER"])
CITIES = [f"city {number}" for number in range(20)]
EPOCHS = 3  # the first one is a warm-up


def project(**recipe):
    """Return a project: scaled numbers, one label as an index, one label one-hot encoded."""
    from engine.graph.serialization.file import parse

    def node(name, kind, inputs=None, **params):
        return {"name": name, "kind": kind, "params": params, "inputs": inputs or {}}

    given = {
        "format": "layerloom", "version": 1,
        "graph": {"nodes": [
            node("size", "Input", shape=[3]),
            node("city", "Input", shape=[], dtype="int32"),
            node("kind", "Input", shape=[3]),
            node("place", "Embedding", {"x": "city"}, input_dim=20, output_dim=8),
            node("all", "Concatenate", {"xs": ["size", "place", "kind"]}),
            node("deep", "Dense", {"x": "all"}, units=32, activation="relu"),
            node("last", "Dense", {"x": "deep"}, units=1),
            node("price", "Output", {"x": "last"}, loss="mse"),
        ]},
        "recipe": {"device": "cpu", "validation_split": 0.0, "batch_size": 256, **recipe},
        "data": {
            "inputs": {
                "size": {"columns": ["height", "width", "age"], "scale": "standardize"},
                "city": {"column": "city"}, "kind": {"column": "kind"},
            },
            "targets": {"price": {"column": "price", "scale": "standardize"}},
        },
    }  # fmt: skip
    return parse(json.dumps(given).encode()).project


def csv(rows: int) -> Path:
    """Write a table of six columns, once per benchmark."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import csv

    path = FOLDER / f"{rows}.csv"
    if not path.exists():
        rng = np.random.default_rng(1)
        city = pa.array(CITIES).take(pa.array(rng.integers(20, size=rows)))
        kind = pa.array(["new", "old", "used"]).take(pa.array(rng.integers(3, size=rows)))
        height, width = rng.normal(170, 9, rows).round(2), rng.normal(size=rows).round(5)
        age = rng.integers(0, 99, rows)
        price = (height * 3 + width * 90 - age + rng.normal(size=rows)).round(3)
        columns = {"height": height, "width": width, "age": age, "city": city, "kind": kind,
                   "price": price}  # fmt: skip
        csv.write_csv(pa.table(columns), path)
    return path


def checked(**recipe):
    from engine.check.report import check_project as sound

    return sound(project(**recipe))


def ours(rows: int) -> dict[str, float]:
    """Read and encode, then check the data."""
    import pyarrow.compute  # noqa: F401 - loaded before timing starts, as in the baseline
    import pyarrow.csv  # noqa: F401

    from engine.data.checks.graph_requirements import check_against_graph
    from engine.data.dataset.graph_dataset import encode_for_graph
    from engine.data.readers.table_file import open_table

    report = checked()
    path = csv(rows)
    began = time.process_time()
    table = open_table(path)
    was_read = time.process_time()
    dataset = encode_for_graph(report, table)
    encoded = time.process_time()
    check_against_graph(report, dataset)
    audited = time.process_time()
    size = path.stat().st_size / 1e8
    return {"read": was_read - began, "encode": encoded - was_read, "both": encoded - began,
            "audit": (audited - encoded) / size}  # fmt: skip


def theirs(rows: int) -> dict[str, float]:
    """Read and encode by hand, with other libraries."""
    import numpy as np
    from pyarrow import csv as reader
    from sklearn.preprocessing import StandardScaler

    path = csv(rows)
    began = time.process_time()
    table = reader.read_csv(path)
    was_read = time.process_time()
    size = np.column_stack([table[name].to_numpy() for name in ("height", "width", "age")])
    made = [StandardScaler().fit_transform(size).astype("float32")]
    price = table["price"].to_numpy().reshape(-1, 1)
    made.append(StandardScaler().fit_transform(price).astype("float32"))
    for name in ("city", "kind"):
        coded = table[name].combine_chunks().dictionary_encode()
        order = np.argsort(np.argsort(coded.dictionary.to_pylist()))
        numbers = order[coded.indices.to_numpy()]
        made.append(numbers.astype("int32") if name == "city" else np.eye(3, dtype="f4")[numbers])
    encoded = time.process_time()
    assert all(len(each) == rows for each in made)
    return {
        "read": was_read - began,
        "encode": encoded - was_read,
        "both": encoded - began,
    }


def trained(rows: int, use: bool) -> dict[str, float]:
    """Train from memory or from the cache."""
    from engine.data.cache.policy import CacheSettings
    from engine.data.prepared_data import prepare_data
    from engine.events import EpochDone
    from engine.runtime.training.builder import build_training
    from engine.runtime.training.loop import fit

    began = time.perf_counter()
    caching = CacheSettings(use, FOLDER / "cache")
    prepared = prepare_data(checked(epochs=EPOCHS), csv(rows), None, caching=caching)
    ready = time.perf_counter() - began
    spent: list[float] = []
    training = build_training(prepared)
    before = time.process_time()
    for event in fit(training):
        if isinstance(event, EpochDone):
            spent.append(time.process_time() - before)
            before = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"epoch": statistics.median(spent[1:]), "ready": ready, "memory": peak}


def seen(rows: int) -> dict[str, float]:
    """Read a table as the window does after a file is chosen; wall time."""
    path = csv(rows)
    began = time.perf_counter()
    from app.documents.table_contents import read_contents
    from engine.recipe.csv_dialect import Dialect

    at: dict[str, float] = {}

    def tell(known):
        if known.head is not None or known.table is not None:
            at.setdefault("first", time.perf_counter() - began)
        if known.table is not None:
            at.setdefault("whole", time.perf_counter() - began)

    read_contents(path, Dialect(), tell)
    return {**at, "facts": time.perf_counter() - began}


def main() -> None:
    what, rows = sys.argv[1], int(sys.argv[2])
    contenders = {
        "ours": ours,
        "theirs": theirs,
        "seen": seen,
        "memory": lambda rows: trained(rows, False),
        "cache": lambda rows: trained(rows, True),
    }
    print(json.dumps(contenders[what](rows)))


if __name__ == "__main__":
    main()
