"""Training in several processes: rows per second, and the time that they add to a step.

Each process has one thread. Trainings take turns; ratios are computed for each round.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.child import ROOT, surroundings
from tests.bench.rows import BATCH, graph, table

ROWS, EPOCHS = 2_000, 5
STEPS, SMALL, LARGE, UNITS, DEPTH = 40, 64, 1024, 512, 4  # with a million parameters
AT_LEAST, AT_MOST = 1.6, 25  # times the rows per second of one process; ms added to a step


def dense_graph() -> bytes:
    """Return a network with `DEPTH` Dense layers, each with `UNITS` squared weights."""

    def node(name: str, kind: str, x: str = "", **params: object) -> dict[str, Any]:
        return {"name": name, "kind": kind, "params": params, "inputs": {"x": x} if x else {}}

    names = ["x", *(f"dense{index}" for index in range(DEPTH))]
    nodes = [
        node("x", "Input", shape=[UNITS]),
        *(node(name, "Dense", x, units=UNITS, activation="relu") for x, name in pairwise(names)),
        node("last", "Dense", names[-1], units=1),
        node("y", "Output", "last", loss="mse"),
    ]
    return json.dumps({"format": "layerloom", "version": 1, "graph": {"nodes": nodes}}).encode()


def dense_table(folder: Path, rows: int) -> Path:
    """Return a file of random rows for `dense_graph`."""
    rng = np.random.default_rng(1)
    path = folder / f"dense-{rows}.npz"
    np.savez(path, x=rng.normal(size=(rows, UNITS)).astype("float32"), y=rng.normal(size=(rows, 1)))
    return path


def step_seconds(file: Path, data: Path, folder: Path, processes: int, batch_size: int) -> float:
    """Train as `engine train` does; return the median time of a step, without the first epoch."""
    run = folder / "run"
    subprocess.run(
        [
            *(sys.executable, "-m", "engine", "train", file, "--data", data, "--run", run),
            *("--devices", str(processes), "--threads", "1", "--epochs", str(EPOCHS)),
            *("--set", f"batch_size={batch_size}", "--set", "validation_split=0"),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        env=surroundings(folder),
    )
    lines = (run / "events.jsonl").read_text(encoding="utf-8").splitlines()
    shutil.rmtree(run)
    events = [json.loads(line) for line in lines]
    steps = next(event["steps_per_epoch"] for event in events if event["kind"] == "run-started")
    _, *epochs = [event["seconds"] for event in events if event["kind"] == "epoch-done"]
    return statistics.median(epochs) / steps


def devices(rounds: int, folder: Path) -> str:
    """Measure one and two processes in turn, and return a table."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["### Devices", f"\n{rounds} rounds, one thread per process.\n"]
    lines += ["| | step of one process, ms | of two, ms | times the rows per second |"]
    lines += ["|---|---|---|---|"]

    def measure(label: str, file: Path, data: dict[int, Path], sizes: dict[int, int]) -> float:
        """Add a line to the table; return what two processes add to a step."""
        one, two = _medians(file, data, sizes, rounds)
        faster = one / two * sizes[2] / sizes[1]
        lines.append(f"| {label} | {one:.1f} | {two:.1f} | {faster:.2f} |")
        return two - one

    for name, size in BATCH.items():
        file = folder / f"{name}.loom.json"
        file.write_bytes(graph(name))
        path = table(folder, name, ROWS)
        measure(f"{name}, {size} rows", file, {1: path, 2: path}, {1: size, 2: size})
    file = folder / "dense.loom.json"
    file.write_bytes(dense_graph())
    path = dense_table(folder, STEPS * LARGE)
    measure(f"a million parameters, {LARGE} rows", file, {1: path, 2: path}, {1: LARGE, 2: LARGE})
    sizes = {n: n * SMALL for n in (1, 2)}
    tables = {n: dense_table(folder, STEPS * size) for n, size in sizes.items()}
    added = measure(f"a million parameters, {SMALL} rows for each process", file, tables, sizes)
    return "\n".join(
        [
            *lines,
            f"\nTwo processes add {added:.1f} ms to a step with a million parameters (at most "
            f"{AT_MOST}). With {LARGE} rows, they should reach {AT_LEAST} times the rows per "
            "second of one.\n",
        ]
    )


def _medians(
    file: Path, data: dict[int, Path], sizes: dict[int, int], rounds: int
) -> tuple[float, float]:
    """Return the median times of a step in ms, with one process and with two."""
    found: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(rounds):
        for count, times in found.items():
            times.append(step_seconds(file, data[count], file.parent, count, sizes[count]) * 1e3)
            print(f"{file.stem}, {count} processes: {times[-1]:.1f} ms", flush=True)
    return statistics.median(found[1]), statistics.median(found[2])
