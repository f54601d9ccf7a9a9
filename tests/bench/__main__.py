"""`./dev bench [NAMES]`: each contender in a fresh process, rounds interleaved.

A row is the median over rounds; a ratio is taken round by round, then its median. The peer is
Keras on its torch backend, with the same network, rows, batches and optimizer.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.editor import editor
from tests.bench.live import live

ROOT = Path(__file__).parents[2]
MOST_TO_IMPORT = 0.3  # CPU seconds, what a notebook's first cell costs
TRAINED = ("sequential", "question-answering", "posts")


def run(*words: str, folder: Path) -> dict[str, float]:
    """Run one contender in a process of its own, and answer what it measured."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.contender", *words],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "KERAS_BACKEND": "torch", "BENCH_FOLDER": str(folder)},
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed:\n{done.stderr}")
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def train(name: str, rounds: int, rows: int, folder: Path) -> None:
    """Compare training of one template with Keras, and print a table."""
    measured: dict[str, list[dict[str, float]]] = {"layerloom": [], "keras-torch": []}
    for _ in range(rounds):
        for contender, found in measured.items():
            found.append(run(contender, name, str(rows), folder=folder))
    print(f"\n{name}: {rows} rows, medians of {rounds} rounds")
    print(f"{'':<28}{'layerloom':>12}{'keras-torch':>13}{'ratio':>9}")
    for key, unit in (("epoch", "s"), ("predict", "s"), ("import", "s"), ("memory", "MB")):
        ours, theirs = ([each[key] for each in found] for found in measured.values())
        ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
        label = {"epoch": "an epoch", "import": "import and build", "memory": "peak memory"}
        print(
            f"{label.get(key, key) + ', ' + unit:<28}{statistics.median(ours):>12.3f}"
            f"{statistics.median(theirs):>13.3f}{ratio:>9.2f}"
        )


def commands(rounds: int, folder: Path) -> None:
    """Print the CPU time of the commands that have to feel instant."""
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
    """Answer the CPU seconds that a command takes."""
    before = os.times()
    subprocess.run(command, check=False, cwd=ROOT, capture_output=True)
    after = os.times()
    spent = after.children_user - before.children_user
    return spent + after.children_system - before.children_system


def main() -> None:
    """Run the benchmarks that were asked for, or all."""
    parser = argparse.ArgumentParser(prog="./dev bench")
    known = f"commands, window, live, {', '.join(TRAINED)}; else all"
    parser.add_argument("names", nargs="*", help=known)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1000)
    asked = parser.parse_args()
    names = asked.names or ["commands", "window", "live", *TRAINED]
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            if name == "commands":
                commands(max(asked.rounds, 5), Path(folder))
            elif name == "window":
                editor(asked.rounds, Path(folder) / "window")
            elif name == "live":
                live(asked.rounds, Path(folder) / "live")
            else:
                train(name, asked.rounds, asked.rows, Path(folder))


if __name__ == "__main__":
    main()
