"""A sharded network: lost ranks, resumes, and the run folder that it leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from engine.runs.state.run_state import read_state
from engine.runtime.checkpoints.checkpoint import BEST_FILE, LATEST
from engine.runtime.inference.trained_model import TrainedModel
from tests.engine.runtime.small import scores_of
from tests.reliability import runs
from tests.reliability.subjects import remembering, rows, written
from tests.reliability.test_ranks import SAID, processes, started

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def engine(folder: Path, *words: str | Path) -> str:
    """Run a command of `engine` to its end, and return what it prints."""
    command = [sys.executable, "-m", "engine", *map(str, words)]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def arrays(run: Path) -> dict[str, np.ndarray]:
    return safetensors.numpy.load((run / "model.safetensors").read_bytes())


def with_shards(run: Path) -> set[str]:
    """Return the names of the checkpoints that have shards."""
    folders = run.glob("checkpoints/*.shards")
    return {folder.with_suffix(".safetensors").name for folder in folders}


@pytest.fixture(scope="module")
def through(tmp_path_factory):
    """A sharded run of two ranks that nothing disturbs, and the files of its training."""
    folder = tmp_path_factory.mktemp("sharded")
    recipe = {"epochs": 8, "checkpoint_every": {"steps": 3}, "threads": 1, "sharded": True}
    files = written(folder, remembering(**recipe), rows())
    run = folder / "through"
    ended = started(folder, files[0], "--data", files[1], "--run", run)
    assert ended.wait() == 0, (folder / SAID).read_text()
    return run, files


@pytest.fixture(scope="module")
def alone(through, tmp_path_factory):
    """The same run by one process."""
    _, files = through
    run = tmp_path_factory.mktemp("alone") / "run"
    engine(run.parent, "train", files[0], "--data", files[1], "--run", run)
    return run


def assert_close(run: Path, other: Path) -> None:
    """Check that two runs have the same losses and weights, up to rounding."""
    steps, others = read_state(run).steps, read_state(other).steps
    for name, curve in steps.items():
        values = dict(others[name])
        assert [value for _, value in curve] == pytest.approx(
            [values[step] for step, _ in curve], rel=1e-5, abs=1e-6
        ), name
    for name, value in arrays(other).items():
        np.testing.assert_allclose(arrays(run)[name], value, rtol=1e-4, atol=1e-5)


def test_a_sharded_run_equals_that_of_one_process(through, alone):
    run, _ = through
    assert_close(run, alone)
    found = [entry["code"] for entry in read_state(alone).warnings]
    assert "sharding-idle" in found


def test_each_rank_writes_its_part_of_a_checkpoint(through):
    run, _ = through
    latest = json.loads((run / "checkpoints" / LATEST).read_text())["file"]
    shards = (run / "checkpoints" / latest).with_suffix(".shards")
    first, second = (safetensors.numpy.load_file(file) for file in sorted(shards.iterdir()))
    kernel = arrays(run)["read/kernel"].T
    parts = [file["read.rnn.weight_ih_l0"] for file in (first, second)]
    assert [len(part) for part in parts] == [len(kernel) / 2] * 2
    assert {
        folder.with_suffix(".safetensors").name for folder in shards.parent.glob("*.shards")
    } == (runs.whole_checkpoints(run))


@pytest.mark.parametrize("weights", ["final", "best", "last"])
def test_the_run_folder_opens_like_any_other(through, alone, weights):
    run, files = through
    scores = [scores_of(TrainedModel.open(path, weights, "cpu"), files[1]) for path in (run, alone)]
    assert scores[0] == pytest.approx(scores[1], rel=1e-4)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_lost_inside_a_checkpoint_is_restarted_and_the_run_ends_the_same(
    through, tmp_path, rank
):
    undisturbed, files = through
    run = tmp_path / "run"
    launcher = started(tmp_path, files[0], "--data", files[1], "--run", run, "--max-restarts", "3")
    checkpoints = run / "checkpoints"
    while not (checkpoints / BEST_FILE).exists():
        time.sleep(0.02)
    known = set(checkpoints.glob("*.shards"))
    while not set(checkpoints.glob("*.shards")) - known:
        pass
    lost = [pid for pid, number in processes(run).items() if number == rank]
    os.kill(lost[0], signal.SIGKILL)
    assert launcher.wait() == 0, (tmp_path / SAID).read_text()
    assert runs.curves(run) == runs.curves(undisturbed)
    assert runs.weights(run) == runs.weights(undisturbed)
    assert with_shards(run) == runs.whole_checkpoints(run)


@pytest.mark.parametrize("devices", ["1", "2", "3"])
def test_a_stopped_run_is_resumed_by_another_number_of_ranks(through, tmp_path, devices):
    undisturbed, files = through
    run = tmp_path / "run"
    launcher = started(tmp_path, files[0], "--data", files[1], "--run", run)
    while read_state(run).step < 20:
        time.sleep(0.02)
    launcher.send_signal(signal.SIGTERM)
    launcher.wait()
    engine(tmp_path, "train", "--run", run, "--resume", "--devices", devices)
    if devices == "2":
        assert runs.weights(run) == runs.weights(undisturbed)
    else:
        assert_close(run, undisturbed)


def test_rows_are_evaluated_and_predicted_by_several_ranks_as_by_one(through, tmp_path):
    run, files = through
    found = []
    for devices in ("1", "3"):
        out = tmp_path / f"{devices}.npz"
        options = ("--data", files[1], "--devices", devices)
        engine(tmp_path, "predict", run, *options, "--out", out, "--interval", "0.8")
        scores = json.loads(engine(tmp_path, "evaluate", run, *options, "--json"))
        found.append((dict(np.load(out)), scores))
    (one, scores), (other, other_scores) = found
    assert scores == other_scores
    assert one.keys() == other.keys()
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name])


def test_an_error_of_several_ranks_is_reported_once(through, tmp_path):
    run, _ = through
    command = [sys.executable, "-m", "engine", "evaluate", run, "--data", "none.csv"]
    ended = subprocess.run([*command, "--devices", "2"], capture_output=True, text=True)
    alone = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == alone.returncode != 0
    assert ended.stderr == alone.stderr
