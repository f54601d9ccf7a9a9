"""Benchmark of live display: its cost for the window, with limits, and for the training process.

Times are CPU times, which depend little on other processes, unless they are called wall time.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from tests.bench.child import ROOT, figures_of, surroundings

MOST = {
    "thread's share of a core": 0.5,
    "longest work for a frame, ms": 50,
    "latest frame, ms of wall time": 50,
    "open a million steps, first time, s": 1,
    "open a million steps, s": 1,
    "redraw a chart of it, ms": 33,
    "overlay 100 runs, read and drawn, s": 1,
}
ROUNDS = 10
NETWORK, EPOCHS = "penguins", 150  # small, so that writing events is a large part of the time
ATTACHED = 1.02  # times the CPU time of a training without a window


def live(rounds: int, folder: Path) -> None:
    """Measure a window that shows live runs, then trainings with and without it; print tables."""
    found = [figures_of("live_window", folder / str(at)) for at in range(rounds)]
    print(f"\nthe window while it watches runs, CPU time, medians of {rounds} runs")
    print(f"{'':<40}{'layerloom':>10}{'at most':>10}")
    for label in found[0]:
        value = statistics.median(run[label] for run in found)
        print(f"{label:<40}{value:>10.3g}{MOST.get(label, ''):>10}")
    trainers(ROUNDS, folder / "trainers")


def trainers(rounds: int, folder: Path) -> None:
    """Train alternately with and without a window that follows, and print the cost of a step."""
    beside, apart = folder / "beside", folder / "apart"
    for place in (beside, apart):
        place.mkdir(parents=True)
        _engine("new", NETWORK, str(place / f"{NETWORK}.loom.json"))
    _engine("sample", NETWORK, str(folder / "data"))
    watched = beside / f"{NETWORK}.loom.json"
    window = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.live_window", "watch", str(watched)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=surroundings(folder),
    )  # fmt: skip
    costs: dict[Path, list[float]] = {beside: [], apart: []}
    try:
        for at in range(rounds):
            for place, found in costs.items():
                found.append(_step(place, folder / "data", at))
    finally:
        window.terminate()
    told, _ = window.communicate(timeout=30)
    seen = len(told.splitlines())
    pairs = zip(costs[beside], costs[apart], strict=True)
    ratio = statistics.median(a / b for a, b in pairs)
    with_it, without = (statistics.median(found) * 1000 for found in costs.values())
    print(f"\nthe trainer, CPU milliseconds a step, medians of {rounds} rounds in turn")
    print(f"{'with a window that watches':<40}{with_it:>10.2f}")
    print(f"{'without':<40}{without:>10.2f}")
    print(f"{'ratio':<40}{ratio:>10.4f}{ATTACHED:>10}")
    print(f"{'runs that the window followed':<40}{seen:>10}{rounds:>10}")


def _step(place: Path, data: Path, number: int) -> float:
    """Train a network and return the CPU seconds of a step."""
    run = place / "runs" / f"{NETWORK}-{number:03}"
    before = os.times()
    _engine("train", str(place / f"{NETWORK}.loom.json"), "--data", str(data), "--run", str(run),
            "--epochs", str(EPOCHS), "--threads", "1")  # fmt: skip
    after = os.times()
    spent = after.children_user - before.children_user
    spent += after.children_system - before.children_system
    status = json.loads((run / "status.json").read_bytes())
    return spent / float(status["step"])


def _engine(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "engine", *words], cwd=ROOT, check=True,
                   capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"})  # fmt: skip
