"""Training in several processes: rows per second, and the time that they add to a step.

Each process has one thread. Trainings take turns. Two trainings of one process each, which run at
the same time and exchange nothing, show how much of the second processor this machine gives.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tests.bench.child import ROOT, surroundings
from tests.bench.rows import BATCH, graph, table

ROWS, EPOCHS = 2_000, 5
STEPS, SMALL, LARGE, UNITS, DEPTH = 40, 64, 1024, 512, 4  # with a million parameters
PICTURES, SIDE, FILTERS = 256, 32, (32, 64, 64)
AT_LEAST, AT_MOST = 1.6, 25  # times the rows per second of one process; ms added to a step
Chain = list[tuple[str, dict[str, object]]]


class Way(NamedTuple):
    """A way to train: so many trainings at the same time, of so many processes each."""

    trainings: int
    processes: int


ONE, TWO, APART = Way(1, 1), Way(1, 2), Way(2, 1)


def chain_graph(shape: list[int], layers: Chain) -> bytes:
    """Return a network whose layers, each a kind with parameters, follow one another."""
    chain: Chain = [("Input", {"shape": shape}), *layers, ("Dense", {"units": 1})]
    names = ["x", *(f"layer{index}" for index in range(1, len(chain)))]
    nodes: list[dict[str, Any]] = [
        {"name": name, "kind": kind, "params": params, "inputs": {}}
        for name, (kind, params) in zip(names, chain, strict=True)
    ]
    nodes.append({"name": "y", "kind": "Output", "params": {"loss": "mse"}, "inputs": {}})
    for before, node in pairwise(nodes):
        node["inputs"] = {"x": before["name"]}
    return json.dumps({"format": "layerloom", "version": 1, "graph": {"nodes": nodes}}).encode()


def random_table(folder: Path, shape: list[int], rows: int) -> Path:
    """Return a file of random rows for a network of `chain_graph`."""
    rng = np.random.default_rng(1)
    path = folder / f"{'-'.join(map(str, (rows, *shape)))}.npz"
    x = rng.normal(size=(rows, *shape)).astype("float32")
    np.savez(path, x=x, y=rng.normal(size=(rows, 1)))
    return path


def step_seconds(file: Path, data: Path, way: Way, batch_size: int) -> float:
    """Train as `engine train` does; return the median time of a step, without the first epoch.

    `batch_size` is that of each of the trainings.
    """
    folder = file.parent
    runs = [folder / f"run{index}" for index in range(way.trainings)]
    trainings = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "engine", "train", file, "--data", data, "--run", run),
                *("--devices", str(way.processes), "--threads", "1", "--epochs", str(EPOCHS)),
                *("--set", f"batch_size={batch_size}", "--set", "validation_split=0"),
            ],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=surroundings(folder),
        )
        for run in runs
    ]
    codes = [training.wait() for training in trainings]
    if any(codes):
        sys.exit(f"a training of {file.name} failed")
    times = [_epoch_seconds(run) for run in runs]
    for run in runs:
        shutil.rmtree(run)
    return statistics.median(seconds for run_times in times for seconds in run_times)


def _epoch_seconds(run: Path) -> list[float]:
    """Return the time of a step in each epoch of a run but the first."""
    lines = (run / "events.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    steps = next(event["steps_per_epoch"] for event in events if event["kind"] == "run-started")
    _, *epochs = [event["seconds"] for event in events if event["kind"] == "epoch-done"]
    return [seconds / steps for seconds in epochs]


def devices(rounds: int, folder: Path) -> str:
    """Measure one and two processes in turn, and return a table."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["### Devices", f"\nRounds: {rounds}; one thread per process.\n"]
    lines += ["| | one process, ms a step | two, ms | rows per second, two to one | two apart |"]
    lines += ["|---|---|---|---|---|"]

    def measure(label: str, file: Path, data: Path, size: int) -> None:
        ways = {ONE: size, TWO: size, APART: size // 2}
        ms = _medians(file, {way: (data, each) for way, each in ways.items()}, rounds)
        together, apart = ms[ONE] / ms[TWO], ms[ONE] / ms[APART]
        name = f"{label}, {size} rows"
        lines.append(f"| {name} | {ms[ONE]:.1f} | {ms[TWO]:.1f} | {together:.2f} | {apart:.2f} |")

    for name, size in BATCH.items():
        file = folder / f"{name}.loom.json"
        file.write_bytes(graph(name))
        measure(name, file, table(folder, name, ROWS), size)
    file = folder / "dense.loom.json"
    file.write_bytes(
        chain_graph([UNITS], [("Dense", {"units": UNITS, "activation": "relu"})] * DEPTH)
    )
    measure("a million parameters", file, random_table(folder, [UNITS], STEPS * LARGE), LARGE)
    tables = {
        way: (random_table(folder, [UNITS], STEPS * size), size)
        for way, size in ((ONE, SMALL), (TWO, 2 * SMALL))
    }
    ms = _medians(file, tables, rounds)
    added, faster = ms[TWO] - ms[ONE], 2 * ms[ONE] / ms[TWO]
    name = f"a million parameters, {SMALL} rows for each process"
    lines.append(f"| {name} | {ms[ONE]:.1f} | {ms[TWO]:.1f} | {faster:.2f} | |")

    file, shape = folder / "pictures.loom.json", [SIDE, SIDE, 3]
    convolutions: Chain = [
        ("Conv2D", {"filters": filters, "kernel_size": 3, "activation": "relu"})
        for filters in FILTERS
    ]
    file.write_bytes(chain_graph(shape, [*convolutions, ("GlobalAveragePooling2D", {})]))
    measure("pictures", file, random_table(folder, shape, 4 * PICTURES), PICTURES)
    return "\n".join(
        [
            *lines,
            f"\nTwo processes add {added:.1f} ms to a step with a million parameters (at most "
            f"{AT_MOST}). Where a step computes long enough, they should reach {AT_LEAST} times "
            "the rows per second of one, but cannot reach more than two trainings apart.\n",
        ]
    )


def _medians(file: Path, work: Mapping[Way, tuple[Path, int]], rounds: int) -> dict[Way, float]:
    """Return the median time of a step in ms, for each way with its data and batch size."""
    found: dict[Way, list[float]] = {way: [] for way in work}
    for _ in range(rounds):
        for way, (data, size) in work.items():
            found[way].append(step_seconds(file, data, way, size) * 1e3)
            print(f"{file.stem}, {way}: {found[way][-1]:.1f} ms", flush=True)
    return {way: statistics.median(times) for way, times in found.items()}
