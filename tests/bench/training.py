"""Training compared with peers: fresh processes in turn, medians with range, ratios per round."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import random
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
TRAINED = ("posts", "question-answering")
EPOCHS = {1_000: 10, 20_000: 3}
OWN = ("layerloom", "layerloom, torch alone")
# For each contender: its name in `contender.py`, environment variables and required packages.
CONTENDERS: dict[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    OWN[0]: ("layerloom", {}, ()),
    OWN[1]: ("layerloom", {"LAYERLOOM_NATIVE": "0"}, ()),
    "plain PyTorch": ("plain", {}, ()),
    "Lightning": ("lightning", {}, ("lightning",)),
    "Keras on JAX": ("keras", {"KERAS_BACKEND": "jax"}, ("keras", "jax")),
    "Keras on TensorFlow": ("keras", {"KERAS_BACKEND": "tensorflow"}, ("keras", "tensorflow")),
    "Keras on PyTorch": ("keras", {"KERAS_BACKEND": "torch"}, ("keras",)),
}
Figures = dict[str, float]
Rounds = dict[str, list[Figures]]


def compare(name: str, rows: int, rounds: int, folder: Path) -> str:
    """Train one model with every installed peer, and return a table."""
    epochs = EPOCHS.get(rows, 3)
    there = {who: given for who, given in CONTENDERS.items() if all(map(_found, given[2]))}
    measured: Rounds = {who: [] for who in there}
    for turn in range(rounds):
        for who in _shuffled(list(there), turn):
            word, variables, _ = there[who]
            measured[who].append(run(word, name, rows, epochs, variables=variables, folder=folder))
    absent = [who for who in CONTENDERS if who not in there]
    title = f"### {name}, {rows:,} rows, {epochs} epochs, {rounds} rounds\n"
    note = f"\nNot installed here: {', '.join(absent)}.\n" if absent else ""
    return "\n".join([title, *_lines(measured), note])


def _shuffled(names: list[str], turn: int) -> list[str]:
    """Return names in a different order for each round, the same in each benchmark.

    Why: a process affects the next one through caches and the clock frequency.
    """
    return random.Random(turn).sample(names, len(names))


def run(
    word: str, *words: object, variables: dict[str, str] | None = None, folder: Path
) -> Figures:
    """Train in a new process and return its figures."""
    env = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "BENCH_FOLDER": str(folder)}
    # Installed packages have bytecode caches; let the source tree have them, too.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.contender", word, *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, check=False, env={**env, **(variables or {})},
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{word} {' '.join(map(str, words))} failed:\n{done.stderr}")
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def _found(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _lines(measured: Rounds) -> Iterator[str]:
    yield (
        "| | epoch, ms (fastest to slowest round) | times layerloom | start to end, s | times "
        "layerloom | ready, s | fastest epoch, ms | CPU an epoch, s | peak MB | used by others |"
    )
    yield "|" + "---|" * 10
    ours = measured[OWN[0]]
    for who, found in measured.items():
        epoch, whole = _spread(found, "epoch", 1e3), _spread(found, "whole")
        yield (
            f"| {who} | {epoch[1]:,.0f} ({epoch[0]:,.0f} to {epoch[2]:,.0f}) | "
            f"{_ratio(found, ours, 'epoch'):.2f} | {whole[1]:.1f} | "
            f"{_ratio(found, ours, 'whole'):.2f} | {_spread(found, 'ready')[1]:.2f} | "
            f"{min(each['fastest'] for each in found) * 1e3:,.0f} | "
            f"{_spread(found, 'cpu')[1]:.2f} | {_spread(found, 'memory')[1]:,.0f} | "
            f"{_spread(found, 'foreign')[2]:.0%} |"
        )


def _spread(found: list[Figures], key: str, unit: float = 1.0) -> tuple[float, float, float]:
    values = [each[key] * unit for each in found]
    return min(values), statistics.median(values), max(values)


def _ratio(found: list[Figures], ours: list[Figures], key: str) -> float:
    """Return the median over rounds of the ratio to our time."""
    return statistics.median(a[key] / b[key] for a, b in zip(found, ours, strict=True))


def machine() -> str:
    """Return the environment of the measurement: processor, threads, versions."""
    import torch

    model = next(
        (line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")),
        platform.machine(),
    )
    return (
        f"{model}, {os.cpu_count()} processors, {torch.get_num_threads()} threads of torch "
        f"({torch.backends.cpu.get_cpu_capability()}), Python {platform.python_version()}, torch "
        f"{torch.__version__}, {platform.system()} {platform.release()}.\n\n{_rates(torch)}\n"
    )


def _cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _rates(torch: object) -> str:
    """Return the matrix product and copy rates of this machine: the best of ten."""
    from time import perf_counter

    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)  # type: ignore[attr-defined]
    large, to = torch.ones(1 << 24), torch.empty(1 << 24)  # type: ignore[attr-defined]

    def best(work: object) -> float:
        times = []
        for _ in range(10):
            began = perf_counter()
            work()  # type: ignore[operator]
            times.append(perf_counter() - began)
        return min(times)

    products = 2 * 1024**3 / best(lambda: a @ b) / 1e9
    copies = 2 * 4 * (1 << 24) / best(lambda: to.copy_(large)) / 1e9
    return f"It multiplies at {products:,.0f} GFLOP/s and copies at {copies:,.0f} GB/s."
