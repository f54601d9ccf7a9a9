"""If the training process or the window is killed, the other continues and loses no step."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from engine.runs.folder.run_folder import RunFolder
from engine.runs.log.lock import lock_holder
from engine.runs.state.run_state import read_state, run_status
from tests.app.training.conftest import set_epochs
from tests.reliability import runs
from tests.reliability.seed import chances
from tests.tiers import SOAK, cases

ROOT = Path(__file__).parents[3]
ENDLESS = 1_000_000
CHILDREN, WINDOWS = cases(1, 5, 50), cases(1, 2, 20)
SOON = 1.0 if SOAK else 15.0  # seconds; the quick tier may run on a busy machine
LONG = 120_000  # milliseconds; limit for startup there


def trains(warm, folder: Path, run: Path, epochs: int = ENDLESS):
    """Start a training as in a terminal, and wait for its first checkpoint."""
    child = warm.start(
        "engine", "train", folder / "tiny.loom.json", "--data", folder / "rows.csv",
        "--run", run, "--epochs", epochs, "--set", "checkpoint_every.steps=5",
    )  # fmt: skip
    child.until((run / "checkpoints" / "latest.json").exists)
    return child


def seen_to_die(panel, qtbot, kill) -> float:
    """Kill a training; return the seconds until the panel reports it and offers to resume."""
    kill()
    killed = time.monotonic()
    qtbot.waitUntil(lambda: panel.state == "idle" and panel.resumable, timeout=60_000)
    took = time.monotonic() - killed
    assert panel.bar.isEnabled()
    return took


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_a_trainer_of_the_windows_own_that_is_killed_is_seen_and_gone_on_with(
    document, make_panel, tmp_path, qtbot, figures
):
    """The window resumes the same run each time; its curve has no missing or repeated steps."""
    chosen, took = chances("children"), []
    panel = make_panel(tmp_path)
    panel.set_data(tmp_path / "rows.csv")
    set_epochs(panel._workspace.session, ENDLESS)
    assert panel.train()
    run = panel.run_process.run
    for _ in range(CHILDREN):
        qtbot.waitUntil(lambda: panel.state == "running", timeout=LONG)
        step = panel.displayed_run.curves.step
        qtbot.waitUntil(lambda step=step: panel.displayed_run.curves.step > step, timeout=LONG)
        qtbot.waitUntil((run / "checkpoints" / "latest.json").exists, timeout=LONG)
        qtbot.wait(chosen.randint(0, 100))
        pid = panel.run_process.pid
        assert pid, "it trains"
        took.append(seen_to_die(panel, qtbot, lambda pid=pid: os.kill(pid, signal.SIGKILL)))
        assert panel.resume()
    qtbot.waitUntil(lambda: panel.state == "running", timeout=LONG)
    panel.stop()
    qtbot.waitUntil(lambda: panel.state == "idle", timeout=LONG)
    same_as_the_folder(panel, run)
    figures(kills=CHILDREN, seen=len(took), seconds_until_seen_at_most=max(took))
    assert max(took) < SOON


def same_as_the_folder(panel, run: Path) -> None:
    """Assert that the displayed curves equal the events of the run."""
    state, curves = read_state(run), panel.displayed_run.curves
    assert curves.step == state.step
    for name, curve in state.steps.items():
        np.testing.assert_array_equal(curves.steps[name].values, curve.values)
    for name, points in state.validation.items():
        assert curves.validation[name].values == points.values


@pytest.fixture
def windows(tmp_path):
    """Return a function that starts training windows; all are killed at the end."""
    started: list[subprocess.Popen] = []

    def start() -> tuple[subprocess.Popen, Path]:
        script = Path(__file__).with_name("training.py")
        window = subprocess.Popen(
            [sys.executable, str(script), tmp_path / "tiny.loom.json", tmp_path / "rows.csv"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
        )  # fmt: skip
        started.append(window)
        said = window.stdout.readline()
        assert said.startswith("trains "), said
        return window, Path(said.removeprefix("trains ").strip())

    yield start
    for each in started:
        each.kill()
        each.wait()
        each.stdout.close()


def trains_for(document, epochs: int, **recipe) -> None:
    """Set the number of epochs in the file of the document."""
    told = json.loads(document.path.read_bytes())
    told["recipe"] |= {"epochs": epochs, **recipe}
    document.path.write_text(json.dumps(told))


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_a_window_that_is_killed_leaves_its_training_at_work_and_finds_it_again(
    warm, document, make_panel, windows, tmp_path, qtbot, figures
):
    """The run ends like an undisturbed one, and the new window shows its full curve."""
    trains_for(document, cases(250, 500, 1_000), checkpoint_every={"epochs": 50})
    through, found = tmp_path / "through", 0
    given = (tmp_path / "tiny.loom.json", "--data", tmp_path / "rows.csv", "--run", through)
    assert warm.engine("train", *given).code == 0
    chosen = random.Random(chances("windows").random())
    for _ in range(WINDOWS):
        window, run = windows()
        time.sleep(chosen.uniform(0, 0.3))
        window.kill()
        assert window.wait() == -signal.SIGKILL
        alive = lock_holder(run) is not None
        panel = make_panel(tmp_path)
        if alive:
            qtbot.waitUntil(lambda panel=panel: panel.displayed_run is not None, timeout=LONG)
            found += panel.displayed_run.run == run
        qtbot.waitUntil(
            lambda run=run: run_status(RunFolder.open(run))[0] == "finished", timeout=LONG
        )
        if not alive:
            panel.attach(panel._workspace.session, run)
        qtbot.waitUntil(lambda panel=panel: panel.state == "idle", timeout=LONG)
        same_as_the_folder(panel, run)
        assert runs.curves(run) == runs.curves(through)
        assert runs.weights(run) == runs.weights(through)
        panel.run_process.detach()
    figures(kills=WINDOWS, found_at_work_again=found, ended_identical=WINDOWS)
    assert found
