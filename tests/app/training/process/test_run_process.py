"""A training is a real child process; whatever becomes of it, the window knows and says so."""

import gc
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

from app.documents.session import Session
from app.processes import engine_process
from app.training.process import run_process
from app.training.process.outcome import TrainingOutcome
from app.training.process.run_files import create_run_folder, user_data_folder
from app.training.process.run_process import RunProcess
from engine.events import Event, StepsDone
from engine.runs.folder.run_folder import RunFolder
from engine.runs.log.lock import RunLock
from engine.runs.state.run_state import read_state, run_status
from tests.app.training.conftest import saved, set_epochs, write_rows

ENDLESS = 1_000_000


class Watched(QObject):
    """A training and what it told."""

    def __init__(self, folder: Path, project, columns=("x1", "x2", "a", "b"), epochs=ENDLESS):
        super().__init__()
        self.session = saved(folder, project)
        self.events: list[Event] = []
        self.outcomes: list[TrainingOutcome] = []
        self.silences: list[int] = []
        self.training = RunProcess(self)
        self.training.events.connect(self.events.extend)
        self.training.finished.connect(self.outcomes.append)
        self.training.silent.connect(self.silences.append)
        set_epochs(self.session, epochs)
        assert self.training.start(self.session, write_rows(folder / "rows.csv", columns))
        self.run = self.training.run

    def has_begun(self) -> bool:
        return any(isinstance(event, StepsDone) for event in self.events)

    def has_ended(self) -> bool:
        return bool(self.outcomes)


@pytest.fixture
def watch(qapp, project, tmp_path) -> Iterator[Callable[..., Watched]]:
    """Start a training, which is killed after the test."""
    started: list[Watched] = []

    def start(**words) -> Watched:
        started.append(Watched(tmp_path, project, **words))
        return started[-1]

    yield start
    for watched in started:
        if watched.training is not None:
            watched.training.kill()
    qapp.processEvents()


@pytest.mark.slow
def test_stop_saves_and_says_so(watch, qtbot):
    watched = watch()
    qtbot.waitUntil(watched.has_begun)
    watched.training.stop()
    assert watched.training.stopping
    qtbot.waitUntil(watched.has_ended)
    assert watched.outcomes[0].kind == "stopped"
    assert read_state(watched.run).checkpoint is not None


@pytest.mark.slow
def test_a_halted_child_is_reported_and_a_killed_one_too(watch, qtbot, monkeypatch):
    watched = watch()
    qtbot.waitUntil(watched.has_begun)
    monkeypatch.setattr(run_process, "SILENCE_SECONDS", 1)
    os.kill(watched.training.pid, signal.SIGSTOP)
    qtbot.waitUntil(lambda: bool(watched.silences and watched.silences[-1]))
    os.kill(watched.training.pid, signal.SIGCONT)
    qtbot.waitUntil(lambda: watched.silences[-1] == 0)
    os.kill(watched.training.pid, signal.SIGKILL)
    qtbot.waitUntil(watched.has_ended)
    (outcome,) = watched.outcomes
    assert outcome.kind == "crashed"
    assert "SIGKILL" in outcome.text
    assert "memory" in outcome.text


def test_a_run_whose_files_are_deleted_has_failed(watch, qtbot):
    watched = watch()
    qtbot.waitUntil(watched.has_begun)
    watched.run.rename(watched.run.with_name("elsewhere"))
    qtbot.waitUntil(watched.has_ended, timeout=20_000)
    (outcome,) = watched.outcomes
    assert outcome.kind == "failed"
    assert outcome.text.startswith("The training failed: ")
    assert "run.json" in outcome.text


@pytest.mark.slow
def test_data_that_does_not_fit_is_refused_with_the_node(watch, qtbot):
    watched = watch(columns=("x1", "x2", "a"))
    qtbot.waitUntil(watched.has_ended)
    (outcome,) = watched.outcomes
    assert outcome.kind == "not-started"
    assert outcome.node == "b"
    assert outcome.diagnostics[0].node == "b"
    assert "b" in outcome.text
    assert not watched.run.exists(), "nothing was trained, so nothing is left"
    assert list(watched.run.parent.iterdir()) == []


@pytest.mark.slow
def test_a_training_that_nobody_watches_goes_on_to_its_end(watch, qtbot):
    """As when the window is closed, or killed."""
    watched = watch(epochs=120)
    qtbot.waitUntil(watched.has_begun)
    run, pid = watched.run, watched.training.pid
    watched.training.deleteLater()
    watched.training = None
    qtbot.wait(0)
    gc.collect()
    assert os.getsid(pid) == pid, "it has a session of its own"
    qtbot.waitUntil(lambda: run_status(RunFolder.open(run))[0] == "finished")
    qtbot.waitUntil(lambda: engine_process.reap_detached() == 0)


def test_a_child_that_never_starts_is_told_at_once(project, tmp_path, monkeypatch, qtbot):
    monkeypatch.setattr("sys.executable", str(tmp_path / "no-python"))
    training = RunProcess()
    session = saved(tmp_path, project)
    with qtbot.waitSignal(training.finished, timeout=1000) as told:
        assert not training.start(session, write_rows(tmp_path / "rows.csv"))
    (outcome,) = told.args
    assert outcome.kind == "crashed"
    assert "could not be started" in outcome.text
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_training_that_has_no_room_leaves_nothing_behind(project, tmp_path, monkeypatch, qtbot):
    """No run folder stays where the snapshot of the graph can't be written."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "no-such-folder"))
    training = RunProcess()
    session = saved(tmp_path, project)
    with qtbot.waitSignal(training.finished, timeout=1000) as told:
        assert not training.start(session, write_rows(tmp_path / "rows.csv"))
    assert told.args[0].kind == "not-started"
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_document_never_saved_has_its_runs_at_the_users_own_place(
    qapp, project, tmp_path, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    run = create_run_folder(Session(project))
    assert run == user_data_folder() / "runs" / "untitled-001"
    assert create_run_folder(Session(project)).name == "untitled-002"
    assert tmp_path in run.parents


def test_a_folder_that_can_not_be_written_does_not_stop_a_training(
    qapp, project, tmp_path, monkeypatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    session = saved(tmp_path / "mine", project)
    (tmp_path / "mine" / "runs").write_text("in the way")
    assert create_run_folder(session) == user_data_folder() / "runs" / "tiny-001"


def test_the_mirror_of_another_machine_is_not_killed(qapp, tmp_path, monkeypatch):
    """Its process id is unknown; 0 would be the process group of the window."""
    lock = RunLock(tmp_path)
    (tmp_path / "remote.json").touch()
    sent: list[tuple[int, ...]] = []
    monkeypatch.setattr(os, "kill", lambda *words: sent.append(words))
    monkeypatch.setattr("socket.gethostname", lambda: "another")
    training = RunProcess()
    training.attach(tmp_path)
    assert training.running
    training.kill()
    training.detach()
    lock.release()
    assert sent == []
