"""Training from Parquet shards, streamed and from the cache: rows per second and peak memory.

`python -m tests.bench.stream WAY SHARDS` trains once, and prints its figures as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.bench.child import figures_of

ROWS, FEATURES, UNITS, BATCH, EPOCHS = 50_000, 28, 64, 500, 3
FEW = 2  # the number of shards whose memory is the base
AT_LEAST, AT_MOST = 0.9, 300  # times the rows per second of the cache; MB more than two shards


def write_shards(folder: Path, count: int) -> None:
    """Write Parquet files of 28 numbers, a label and a target."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True)
    for index in range(count):
        rng = np.random.default_rng(index)
        numbers = rng.normal(size=(ROWS, FEATURES)).astype("float32")
        labels = rng.choice(["red", "green", "blue"], ROWS)
        columns = {f"x{column}": numbers[:, column] for column in range(FEATURES)}
        target = np.sin(numbers[:, 0]) + numbers[:, 1] * (labels == "red") > 0
        table = pa.table({**columns, "label": labels, "y": target.astype("int8")})
        pq.write_table(table, folder / f"part-{index:05}.parquet")


def graph() -> bytes:
    """Return the network, as large as that of TensorFlow's tutorial on overfitting (HIGGS)."""

    def node(name: str, kind: str, x: Any = None, **params: object) -> dict[str, Any]:
        inputs = x if isinstance(x, dict) else {"x": x} if x else {}
        return {"name": name, "kind": kind, "params": params, "inputs": inputs}

    names = [f"x{column}" for column in range(FEATURES)]
    nodes = [
        node("x", "Input", shape=[FEATURES]),
        node("label", "Input", shape=[3]),
        node("both", "Concatenate", {"xs": ["x", "label"]}),
        node("first", "Dense", "both", units=UNITS, activation="relu"),
        node("second", "Dense", "first", units=UNITS, activation="relu"),
        node("third", "Dense", "second", units=UNITS, activation="relu"),
        node("last", "Dense", "third", units=1, activation="sigmoid"),
        node("y", "Output", "last", loss="binary_crossentropy", metrics=["accuracy"]),
    ]
    recipe = {"batch_size": BATCH, "epochs": EPOCHS, "validation_split": 0.1, "threads": 1}
    data = {"inputs": {"x": {"columns": names}}}
    whole = {"format": "layerloom", "version": 1, "graph": {"nodes": nodes}, "recipe": recipe}
    return json.dumps({**whole, "data": data}).encode()


def train_once(way: str, shards: int) -> dict[str, float]:
    """Train on the first shards; return rows per second of the last epochs and peak memory."""
    from engine.events import EpochDone
    from engine.runs.request import TrainRequest
    from engine.runtime.run.runner import train

    folder = Path(os.environ["BENCH_FOLDER"])
    file, some = folder / "stream.loom.json", folder / f"some-{shards}"
    file.write_bytes(graph())
    some.mkdir(exist_ok=True)
    for part in sorted((folder / "shards").iterdir())[:shards]:
        if not (some / part.name).exists():
            (some / part.name).hardlink_to(part)
    is_streamed = way == "stream"
    request = TrainRequest(file, some, cache=None if is_streamed else True, stream=is_streamed)
    ends = [
        (time.monotonic(), time.process_time())
        for _, event in train(request)
        if isinstance(event, EpochDone)
    ]
    seconds, cpu = (
        statistics.median(end - start for start, end in pairwise(times))
        for times in zip(*ends, strict=True)
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000  # KiB on Linux
    return {"rows": shards * ROWS / seconds, "cpu": cpu / shards / ROWS * 1e6, "memory": memory}


def stream(rounds: int, folder: Path, shards: int) -> str:
    """Measure both ways in turn and return a table.

    Memory is that of first trainings, which read all rows three times before. Speed is that of the
    rounds after them.
    """
    write_shards(folder / "shards", shards)
    ways = ("cache", "stream")
    first = {
        (way, count): figures_of("stream", folder, way, count)
        for way in ways
        for count in (FEW, shards)
    }
    print(first, flush=True)
    found: list[dict[str, dict[str, float]]] = []
    for _ in range(rounds):
        found.append({way: figures_of("stream", folder, way, shards) for way in ways})
        print(found[-1], flush=True)

    def median(way: str, figure: str) -> float:
        return statistics.median(figures[way][figure] for figures in found)

    speed, cpu = (
        statistics.median(figures["stream"][name] / figures["cache"][name] for figures in found)
        for name in ("rows", "cpu")
    )
    more = first["stream", shards]["memory"] - first["stream", FEW]["memory"]
    lines = [f"### Stream of {shards} shards", f"\n{ROWS:,} rows a shard, {rounds} rounds.\n"]
    lines += ["| | rows a second | CPU µs a row | peak memory, MB | with 2 shards, MB |"]
    lines += ["|---|---|---|---|---|"]
    for way in ways:
        memory, few = (first[way, count]["memory"] for count in (shards, FEW))
        rows, used = median(way, "rows"), median(way, "cpu")
        lines.append(f"| {way} | {rows:,.0f} | {used:.2f} | {memory:,.0f} | {few:,.0f} |")
    lines.append(
        f"\nThe stream has {speed:.2f} times the rows per second of the cache (at least "
        f"{AT_LEAST}) and {cpu:.2f} times its CPU time, and takes {more:,.0f} MB more than with "
        f"two shards (at most {AT_MOST})."
    )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    print(json.dumps(train_once(sys.argv[1], int(sys.argv[2]))))
