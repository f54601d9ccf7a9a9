"""Training on more rows than memory may hold, in memory that does not grow with them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.graph.serialization.file import dumps
from tests.engine.runtime.small import node, project

ROOT = Path(__file__).parents[3]
FEATURES = 200
# Everything that is held at once is smaller here, so that small tables are large ones.
CHILD = """
import json, re, resource, sys
from pathlib import Path
import numpy, torch
from engine.core.diagnostic import DiagnosticError
from engine.core.exceptions import diagnostic_from_exception
from engine.data.dataset import shuffle
from engine.data.cache import table_head
from engine.runs.request import TrainRequest
from engine.runtime.run.runner import train

shuffle.GROUP_BYTES, table_head.CHUNK_BYTES = 2**21, 2**20
folder, cache, room = Path(sys.argv[1]), json.loads(sys.argv[2]), int(sys.argv[3])
numpy.ones((300, 300)) @ numpy.ones((300, 300))  # BLAS keeps buffers
if room:
    used = int(re.search(r"VmData:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
    limit = used * 1024 + room
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
torch.zeros(1) + 1
try:
    request = TrainRequest(folder / "g.loom.json", folder / "rows", run=folder / sys.argv[4],
                           cache=cache)
    told = list(train(request))
    last = told[-1][1].kind
except (DiagnosticError, MemoryError) as error:
    last = diagnostic_from_exception(error).code
print(json.dumps([last, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024]))
"""


def table(folder, rows):
    """Write a table of 800 bytes a row, and a network for it."""
    place = folder / "rows"
    place.mkdir(parents=True)
    x = np.random.default_rng(0).normal(size=(rows, FEATURES)).astype("f4")
    np.save(place / "x.npy", x)
    np.save(place / "y.npy", x[:, :3].sum(axis=1))
    given = project(
        node("x", "Input", shape=[FEATURES]),
        node("d", "Dense", "x", units=4),
        node("last", "Dense", "d", units=1),
        node("y", "Output", "last", loss="mse"),
        data={"inputs": {"x": {"column": "x", "scale": "standardize"}}},
        epochs=1,
        batch_size=500,
    )
    (folder / "g.loom.json").write_text(dumps(given))
    return folder


def trained(folder, cache, room=0, name="run"):
    """Return how a training in a process of its own ended, and the most memory that it took."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), json.dumps(cache), str(room), name],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={
            **os.environ,
            "LAYERLOOM_CACHE": str(folder / "cache"),
            # What is reserved but not used is not to count.
            "ARROW_DEFAULT_MEMORY_POOL": "system",
            "MALLOC_ARENA_MAX": "1",
        },
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_a_table_of_four_times_the_memory_is_trained_on_by_itself(tmp_path):
    folder = table(tmp_path, 400_000)  # 320 MB
    room = 80_000_000
    assert trained(folder, None, room)[0] == "run-finished"
    assert list((folder / "cache").glob("*/rows.npy"))
    assert trained(folder, False, room, "memory")[0] in ("out-of-memory", "data-too-large")


@pytest.mark.slow
def test_eight_times_the_rows_take_no_more_memory(tmp_path):
    peaks = []
    for count in (20_000, 160_000):
        folder = table(tmp_path / str(count), count)
        ends = [trained(folder, True, name=name) for name in ("built", "opened")]
        assert {end for end, _ in ends} == {"run-finished"}
        peaks.append([peak for _, peak in ends])
    for one, eight in zip(*peaks, strict=True):
        assert eight <= 1.1 * one, f"{one:,} bytes, and {eight:,} for eight times the rows"
