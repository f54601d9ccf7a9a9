"""A real training on another machine gives the run that a training here gives, whatever breaks."""

import os
import signal
import subprocess
import sys
import time

import pytest

from engine.events import EpochDone, StepsDone
from engine.runs.control.requests import send_and_wait
from engine.runs.folder.run_folder import RunFolder
from engine.runs.log.event_log import events_end, last_event, read_events
from engine.runs.log.lock import lock_holder
from engine.runs.state.run_state import run_status
from tests.end_to_end.conftest import ROOT
from tests.ssh_host import NAME, ssh_server

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("ssh")
    monkeypatch.setenv("PATH", f"{folder}/bin:{os.environ['PATH']}")
    with ssh_server(folder) as server:
        yield server


@pytest.fixture
def project(engine):
    """A graph file and data in the working folder, and the run of a training here."""
    engine("new", "penguins", "p.loom.json")
    engine("sample", "penguins", "d")
    assert engine(*TRAIN, "--run", "here").code == 0


TRAIN = ["train", "p.loom.json", "--data", "d", "--epochs", "300", "--threads", "1"]


def start(*words):
    """Start a command, which runs on while the test does."""
    return subprocess.Popen(
        [sys.executable, "-m", "engine", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_events(run, size):
    while events_end(run) < size:
        time.sleep(0.02)


def test_the_weights_are_those_of_an_undisturbed_training_here(server, project, tmp_path, engine):
    """The connection is lost, then the mirror is killed, while the training continues."""
    run = tmp_path / "there"
    command = [*TRAIN, "--run", run, "--on", NAME, "--remote-folder", server.remote]
    mirror = start(*command)
    wait_for_events(run, 1000)
    assert mirror.poll() is None
    server.cut()
    time.sleep(2)
    assert mirror.poll() is None
    server.start()
    wait_for_events(run, 2 * events_end(run))  # live events after the connection was lost
    mirror.send_signal(signal.SIGKILL)
    assert "No connection to box" in mirror.communicate()[1]
    assert lock_holder(run) is None
    assert not RunFolder.open(run).weights_path.exists()
    resumed = start("train", "--run", run, "--resume")
    assert "Finished: all epochs are done" in resumed.communicate()[1]
    assert resumed.returncode == 0
    here, there = tmp_path / "here", run
    assert (there / "model.safetensors").read_bytes() == (here / "model.safetensors").read_bytes()
    assert curves(there) == curves(here)
    assert {event.attempt for event in read_events(there)} == {1}
    assert engine("evaluate", run, "--data", "d/test.csv").code == 0


def curves(run):
    """Return the losses of all steps, and the scores of all epochs."""
    events = list(read_events(run))
    losses = [loss for event in events if isinstance(event, StepsDone) for loss in event.loss]
    return losses, [event.validation for event in events if isinstance(event, EpochDone)]


def test_ctrl_c_stops_the_run_there_and_it_is_resumed_there(server, project, tmp_path):
    run = tmp_path / "there"
    mirror = start(*TRAIN, "--run", run, "--on", NAME, "--remote-folder", server.remote)
    wait_for_events(run, 1000)
    send_and_wait(run, "pause")
    assert run_status(RunFolder.open(run))[0] == "paused"
    mirror.send_signal(signal.SIGINT)
    assert f"Next: engine train --run {run} --resume" in mirror.communicate()[1]
    assert mirror.returncode == 130
    assert run_status(RunFolder.open(run))[0] == "stopped"
    resumed = start("train", "--run", run, "--resume", "--on", NAME)
    assert "Finished: all epochs are done" in resumed.communicate()[1]
    assert last_event(run).attempt == 2
    here, there = tmp_path / "here", run
    assert (there / "model.safetensors").read_bytes() == (here / "model.safetensors").read_bytes()
