"""Benchmark of the window: CPU time, limits, and a comparison with stock NodeGraphQt."""

from __future__ import annotations

import statistics
from pathlib import Path

from tests.bench.child import figures_of

# Limits in milliseconds of CPU time, for a thousand nodes if not stated: too short to notice.
MOST = {
    "start to first painted window": 800,
    "open and paint the file": 600,
    "pan, overview": 16,
    "zoom, overview": 16,
    "pan, readable": 33,
    "zoom, readable": 33,
    "drag a node, a move": 16,
    "edit a parameter, checked and painted": 30,
    "tidy": 300,
    "undo of that": 400,
    "5,000 nodes: open, lay out and paint": 3000,
    "5,000 nodes: pan, overview": 16,
    "5,000 nodes: zoom, overview": 16,
    "5,000 nodes: edit near the end, checked and painted": 150,
    "5,000 nodes: edit at the start, checked and painted": 800,
    "5,000 nodes: shape of the Input restored": 800,
}


def editor(rounds: int, folder: Path) -> None:
    """Measure the window and stock NodeGraphQt, and print a table."""
    for name in ("window", "stock"):
        figures_of(name, folder / "first")  # writes the bytecode caches for later starts
    ours = [figures_of("window", folder / str(at)) for at in range(rounds)]
    theirs = [figures_of("stock", folder / str(at)) for at in range(max(rounds // 3, 1))]
    print(f"\nthe window with 1,000 nodes, CPU milliseconds off screen, medians of {rounds} runs")
    print(f"{'':<54}{'layerloom':>10}{'at most':>10}{'stock NodeGraphQt':>20}{'ratio':>8}")
    for label in ours[0]:
        value = statistics.median(run[label] for run in ours)
        line = f"{label:<54}{value:>10.1f}{MOST.get(label, ''):>10}"
        if label in theirs[0]:
            stock = statistics.median(run[label] for run in theirs)
            line += f"{stock:>20.1f}{value / stock:>8.2f}"
        print(line)
