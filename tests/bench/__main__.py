"""`./dev bench [NAMES]`: each contender in a fresh process, rounds interleaved.

Rows are medians over rounds; ratios are computed per round, then their median. "training" compares
both models, with 1,000 and 20,000 rows, with all peers. "parts" measures searches, panels, layouts,
checks, files, profiles and splits one by one. "growth" measures how the time of an epoch scales,
"loop" the overhead of a training step, "devices" one process and two, "stream" training from shards
(`--shards` of 50,000 rows), "large" a table of 2,000,000 rows beside a script. "tables" compares
scores on real data sets with scikit-learn, LightGBM and CatBoost; it takes hours. "series" compares
time series with models on lags and LSTMs. These two run only by name.
`--write` replaces the tables of README.md that were measured, and keeps all others.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.data import data
from tests.bench.devices import devices
from tests.bench.editor import editor
from tests.bench.growth import growth
from tests.bench.large_table import large_table
from tests.bench.live import live
from tests.bench.loop import loop
from tests.bench.parts.table import parts
from tests.bench.real_sets.runner import tables as real_tables
from tests.bench.real_sets.series import series
from tests.bench.stream import stream
from tests.bench.training import TRAINED, compare, machine
from tests.bench.written import write

ROOT = Path(__file__).parents[2]
PRINTED = {"data": data, "window": editor, "live": live}
TABLES = {"parts": parts, "growth": growth, "loop": loop, "devices": devices, "large": large_table}
REAL = {
    "series": lambda asked: series(asked.seeds, asked.engine),
    "tables": lambda asked: real_tables(
        asked.set, asked.seeds, asked.engine, asked.largest, asked.write
    ),
}
MOST_TO_IMPORT = 0.3  # CPU seconds for the first cell of a notebook


def commands(rounds: int, folder: Path) -> None:
    """Print the CPU time of the commands that must respond immediately."""
    file = folder / "posts-longer.loom.json"
    engine = [sys.executable, "-m", "engine"]
    subprocess.run([*engine, "new", "posts-longer", str(file)], check=True, cwd=ROOT,
                   capture_output=True)  # fmt: skip
    data = folder / "posts-data"
    subprocess.run([*engine, "sample", "posts", str(data)], check=True, cwd=ROOT,
                   capture_output=True)  # fmt: skip
    print(f"\ncommands on posts-longer, CPU seconds, medians of {rounds} runs")
    bare = statistics.median(cpu([sys.executable, "-c", ""]) for _ in range(rounds))
    for label, *words in (
        ("check", "check", str(file)),
        ("check --data", "check", str(file), "--data", str(data)),
        ("summary", "summary", str(file)),
        ("layers", "layers"),
        ("--help", "--help"),
    ):
        taken = statistics.median(cpu([*engine, *words]) for _ in range(rounds))
        print(f"  engine {label:<14}{taken:>8.3f}   a bare Python {bare:.3f}")
    written = [sys.executable, "-c", "from engine import Input, layers"]
    taken = statistics.median(cpu(written) for _ in range(rounds))
    print(f"  {'import Input, layers':<21}{taken:>8.3f}   at most {MOST_TO_IMPORT}")


def cpu(command: list[str]) -> float:
    """Return the CPU seconds that a command takes."""
    before = os.times()
    subprocess.run(command, check=False, cwd=ROOT, capture_output=True)
    after = os.times()
    spent = after.children_user - before.children_user
    return spent + after.children_system - before.children_system


def main() -> None:
    """Run the named benchmarks, or all."""
    parser = argparse.ArgumentParser(prog="./dev bench")
    known = ", ".join(["commands", *PRINTED, *TABLES, *REAL, "stream", "training", *TRAINED])
    parser.add_argument("names", nargs="*", help=f"{known}; else all but series and tables")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, action="append", help="of one model; repeatable")
    parser.add_argument("--shards", type=int, default=20, help="of stream")
    parser.add_argument("--set", action="append", default=[], help="of tables; repeatable")
    parser.add_argument("--seeds", type=int, help="of series, tables; 0 only prints what is known")
    parser.add_argument("--largest", type=int, help="of tables: the most rows of a set")
    parser.add_argument("--engine", type=Path, help="of series, tables: the checkout that competes")
    parser.add_argument("--write", action="store_true", help="into tests/bench/README.md")
    asked = parser.parse_args()
    names = asked.names or ["commands", *PRINTED, *TABLES, "stream", "training"]
    counts, tables = asked.rows or [1000, 20_000], []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            if name == "commands":
                commands(max(asked.rounds, 5), Path(folder))
            elif name in PRINTED:
                PRINTED[name](asked.rounds, Path(folder) / name)
            elif name == "stream":
                tables.append(told(stream(asked.rounds, Path(folder) / name, asked.shards)))
            elif name in REAL:
                tables.append(told(REAL[name](asked)))
            elif name in TABLES:
                tables.append(told(TABLES[name](asked.rounds, Path(folder) / name)))
            else:
                for model in TRAINED if name == "training" else (name,):
                    for rows in counts:
                        tables.append(told(compare(model, rows, asked.rounds, Path(folder))))
    if asked.write:
        write(tables, machine())


def told(table: str) -> str:
    """Print a table and return it."""
    print(f"\n{table}", flush=True)
    return table


if __name__ == "__main__":
    main()
