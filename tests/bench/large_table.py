"""An unedited first training on a large CSV file, and the same network in PyTorch and pandas.

`python -m tests.bench.large_table WAY` trains once, and prints its figures as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.child import ROOT, figures_of

ROWS, FEATURES, EPOCHS = 2_000_000, 19, 1
UNITS, BINS, BATCH, BOUND = 256, 48, 1024, 3**0.5
WAYS = ("layerloom", "script")
MOST_TIME, MOST_MEMORY = 1.0, 1.2  # times those of the script


def write_table(path: Path) -> None:
    """Write numbers, and a target that depends on three of them."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, FEATURES)).round(3)
    table = pd.DataFrame(x, columns=[f"x{column}" for column in range(FEATURES)])
    noise = rng.normal(size=ROWS) * 0.3
    table["y"] = (np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + noise).round(3)
    table.to_csv(path, index=False)


def script(path: Path) -> float:
    """Train as one would without this project; return the mean squared error of validation."""
    import numpy as np
    import pandas as pd
    import torch
    from torch import nn

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("bins", torch.arange(BINS).float())
            self.layers = nn.Sequential(
                nn.Linear(FEATURES * (BINS + 1), UNITS), nn.SiLU(), nn.Dropout(0.1),
                nn.Linear(UNITS, UNITS), nn.SiLU(), nn.Dropout(0.1), nn.Linear(UNITS, 1),
            )  # fmt: skip

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            reached = ((x.unsqueeze(-1) + BOUND) * BINS / (2 * BOUND) - self.bins).clamp(0, 1)
            return self.layers(torch.cat([x, reached.flatten(1)], 1))[:, 0]

    frame, rng = pd.read_csv(path), np.random.default_rng(0)
    y = frame.pop("y").to_numpy("float32")
    x = frame.to_numpy("float32")
    del frame
    order = rng.permutation(len(y))
    validation, train = np.split(order, [len(y) // 10])
    ranks = np.linspace(0, 1, 257)
    for column in range(FEATURES):
        quantiles = np.quantile(x[train, column], ranks)
        x[:, column] = (2 * np.interp(x[:, column], quantiles, ranks) - 1) * BOUND
    y = (y - y[train].mean()) / y[train].std()
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
    network = Network()
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.002, weight_decay=0.3)
    steps = EPOCHS * -(-len(train) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(EPOCHS):
        network.train()
        for rows in torch.from_numpy(rng.permutation(train)).split(BATCH):
            loss = nn.functional.mse_loss(network(inputs[rows]), targets[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    network.eval()
    with torch.no_grad():
        errors = [
            (network(inputs[rows]) - targets[rows]).square().sum()
            for rows in torch.from_numpy(validation).split(BATCH)
        ]
    return float(sum(errors) / len(validation))


def command(path: Path) -> None:
    """Train the starter network of the table from an empty cache, as a newcomer does."""
    graph, run = path.with_name(f"{os.getpid()}.loom.json"), path.with_name(f"run-{os.getpid()}")
    engine, home = [sys.executable, "-m", "engine"], path.with_name(f"home-{os.getpid()}")
    env = {**os.environ, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}
    for words in (
        ["new", str(graph), "--from", str(path), "--target", "y"],
        ["train", str(graph), "--data", str(path), "--run", str(run), "--set", f"epochs={EPOCHS}"],
    ):
        subprocess.run([*engine, *words], cwd=ROOT, env=env, check=True, capture_output=True)


def train_once(way: str) -> dict[str, float]:
    """Return wall and CPU seconds, and the peak memory of the largest process in MB."""
    path, before = Path(os.environ["BENCH_FOLDER"]) / "table.csv", os.times()
    began = time.monotonic()
    if way == "script":
        script(path)
    else:
        command(path)
    after = os.times()
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return {
        "wall": time.monotonic() - began,
        "cpu": sum(after[:4]) - sum(before[:4]),
        "memory": max(resource.getrusage(each).ru_maxrss for each in who) / 1000,
    }


def large_table(rounds: int, folder: Path) -> str:
    """Measure both ways in turn and return a table."""
    folder.mkdir()
    write_table(folder / "table.csv")
    found = []
    for _ in range(rounds):
        found.append(
            {way: figures_of("large_table", folder, way) for way in ("layerloom", "script")}
        )
        print(found[-1], flush=True)
    lines = [
        f"### A large table\n\n`engine new` and `engine train` with {EPOCHS} epoch on a CSV file "
        f"of {ROWS:,} rows and {FEATURES + 1} columns, and the same network in PyTorch and pandas; "
        f"medians of {rounds}.\n",
        "| | layerloom | script | ratio | at most |",
        "|---|---|---|---|---|",
    ]
    for figure, most in (("wall", MOST_TIME), ("cpu", MOST_TIME), ("memory", MOST_MEMORY)):
        ours, theirs = (
            statistics.median(figures[way][figure] for figures in found) for way in WAYS
        )
        ratio = statistics.median(f["layerloom"][figure] / f["script"][figure] for f in found)
        unit = "MB" if figure == "memory" else "s"
        name = {"wall": "wall time", "cpu": "CPU time", "memory": "peak memory"}[figure]
        lines.append(f"| {name}, {unit} | {ours:.0f} | {theirs:.0f} | {ratio:.2f} | {most:g} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(json.dumps(train_once(sys.argv[1])))
