"""Benchmark of tables: reading, encoding, checks and cache, with limits and a manual baseline."""

from __future__ import annotations

import statistics
from pathlib import Path

from tests.bench.child import figures_of

ROWS, TRAINED = 1_000_000, 200_000
MOST_TO_READ = 1.5  # times as long as pyarrow with the best library for each type
MOST_TO_SEE = 1.0  # seconds until the window shows the first rows
MOST_TO_AUDIT = 2.0  # seconds for 100 MB
MOST_FROM_CACHE = 1.05  # times as long as an epoch from memory
MOST_MEMORY = 1.1  # times the memory for an eighth of the rows


def data(rounds: int, folder: Path) -> None:
    """Measure reading, data checks and the cache in each round, and print tables."""
    folder.mkdir(parents=True, exist_ok=True)
    figures_of("tables", folder, "theirs", ROWS)  # writes the table and the bytecode caches
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(figures_of("tables", folder, "ours", ROWS))
        theirs.append(figures_of("tables", folder, "theirs", ROWS))
    print(f"\na CSV of {ROWS:,} rows and six columns, CPU seconds, medians of {rounds} rounds")
    print(f"{'':<30}{'layerloom':>10}{'by hand':>10}{'ratio':>8}{'at most':>9}")
    for label in ("read", "encode", "both"):
        pair = [[each[label] for each in found] for found in (ours, theirs)]
        ratio = statistics.median(a / b for a, b in zip(*pair, strict=True))
        most = MOST_TO_READ if label == "both" else ""
        mine, other = map(statistics.median, pair)
        print(f"{label:<30}{mine:>10.2f}{other:>10.2f}{ratio:>8.2f}{most:>9}")
    audit = statistics.median(each["audit"] for each in ours)
    print(f"{'audit, for 100 MB':<30}{audit:>10.2f}{'':>18}{MOST_TO_AUDIT:>9}")
    shown = [figures_of("tables", folder, "seen", ROWS) for _ in range(rounds)]
    print("\nthe same table in the window, seconds of wall time")
    for label, name, most in (("first rows", "first", MOST_TO_SEE), ("all rows", "whole", ""),
                              ("statistics and histograms", "facts", "")):  # fmt: skip
        print(f"{label:<30}{statistics.median(e[name] for e in shown):>10.2f}{'':>18}{most:>9}")
    _cached(rounds, folder)


def _cached(rounds: int, folder: Path) -> None:
    built = figures_of("tables", folder, "cache", TRAINED)
    found: dict[str, list[dict[str, float]]] = {"memory": [], "cache": []}
    for _ in range(rounds):
        for name, runs in found.items():
            runs.append(figures_of("tables", folder, name, TRAINED))
    pair = [[each["epoch"] for each in found[name]] for name in ("cache", "memory")]
    ratio = statistics.median(a / b for a, b in zip(*pair, strict=True))
    cache, memory = map(statistics.median, pair)
    print(f"\ntraining on {TRAINED:,} rows, an epoch in CPU seconds")
    print(f"{'':<30}{'cache':>10}{'memory':>10}{'ratio':>8}{'at most':>9}")
    print(f"{'an epoch':<30}{cache:>10.2f}{memory:>10.2f}{ratio:>8.2f}{MOST_FROM_CACHE:>9}")
    print(f"{'ready, the first time, s':<30}{built['ready']:>10.2f}")
    ready = [statistics.median(each["ready"] for each in found[n]) for n in ("cache", "memory")]
    print(f"{'ready, s':<30}{ready[0]:>10.2f}{ready[1]:>10.2f}")
    eighth = figures_of("tables", folder, "cache", ROWS // 8)["memory"]
    whole = figures_of("tables", folder, "cache", ROWS)["memory"]
    print(f"{'peak memory at ' + f'{ROWS // 8:,} rows, MB':<38}{eighth:>10.0f}")
    print(f"{'peak memory at ' + f'{ROWS:,} rows, MB':<38}{whole:>10.0f}"
          f"{whole / eighth:>10.2f}{MOST_MEMORY:>9}")  # fmt: skip
