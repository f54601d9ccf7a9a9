"""Trains one contender in its own process and prints its figures as one JSON line.

`layerloom` trains as `engine train` does, without a run folder. Peers train on the same rows.
"""

from __future__ import annotations

import json
import os
import re
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.moment import Moment, now

BEGAN = time.perf_counter()


def layerloom(
    name: str, rows: int, epochs: int, words: int | None = None, depth: int = 0
) -> Iterator[Moment]:
    """Train a template; yield when it is ready and at the end of each epoch."""
    from engine.cli.torch_import import import_torch

    import_torch()
    from engine.check.report import check_project
    from engine.data.prepared_data import prepare_data
    from engine.events import EpochDone
    from engine.graph.serialization.file import parse
    from engine.runtime.training.builder import build_training
    from engine.runtime.training.loop import fit
    from tests.bench.rows import graph, table

    report = check_project(parse(graph(name, words, depth)).project, [f"epochs={epochs}"])
    data = table(Path(os.environ["BENCH_FOLDER"]), name, rows, words)
    training = build_training(prepare_data(report, data, None))
    yield now()
    for event in fit(training):
        if isinstance(event, EpochDone):
            yield now()


def peer(who: str, name: str, rows: int, epochs: int) -> Iterator[Moment]:
    """Train the same model with a peer library; yield at the same moments as `layerloom`."""
    import numpy as np

    from tests.bench.peers import PEERS
    from tests.bench.rows import BATCH, table

    path = table(Path(os.environ["BENCH_FOLDER"]), name, rows)
    with np.load(path, allow_pickle=False) as file:
        data = {key: file[key] for key in file}
    return PEERS[who](name, data, BATCH[name], epochs)


def measured(moments: Iterator[Moment]) -> dict[str, float]:
    """Return the figures of a training from the moments at which it is ready and epochs end.

    Units: seconds; megabytes; `foreign` is the share of the CPU that other processes used.
    """
    ready = next(moments)
    busy = _busy()
    ends = [ready, *moments]
    last = ends[-1]
    passed = (last.wall - ready.wall) * (os.cpu_count() or 1)
    others = max(0.0, _busy() - busy - (last.work - ready.work))
    pairs = list(zip(ends, ends[1:], strict=False))
    epochs = [end.wall - begin.wall for begin, end in pairs]
    spent = [end.work - begin.work for begin, end in pairs]
    apart = getattr(sys.modules.get("tests.bench.peers"), "Apart", None)
    return {
        "ready": ready.wall - BEGAN - (apart.seconds if apart else 0.0),
        "first": epochs[0],
        "epoch": statistics.median(epochs[1:] or epochs),
        "fastest": min(epochs),
        "whole": last.wall - BEGAN - (apart.seconds if apart else 0.0),
        "cpu": statistics.median(spent[1:] or spent),
        "memory": _most_memory(),
        "foreign": others / passed,
    }


def _most_memory() -> float:
    """Return the peak memory of this process in megabytes.

    Why: `getrusage` also counts memory of the parent process, from before exec.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return float(re.search(r"VmHWM:\s*(\d+)", status)[1]) / 1024  # type: ignore[index]


def _busy() -> float:
    """Return the CPU seconds used on this machine so far, summed over all processors."""
    try:
        first = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    except OSError:
        return 0.0
    user, nice, system = map(int, first[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    who, template, count, passes, *more = sys.argv[1:]
    if who == "layerloom":
        found = layerloom(template, int(count), int(passes), *map(int, more))
    else:
        found = peer(who, template, int(count), int(passes))
    print(json.dumps(measured(found)))
