"""Several processes train one run: lost ranks, signals and errors end like those of one process."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.numpy import load

from engine.core.codes import ExitCode
from engine.events import Warned
from engine.runs.log.event_log import read_events
from engine.runs.state.run_state import read_state
from tests.engine.runtime.distributed.ranks import assert_close
from tests.reliability import runs
from tests.reliability.subjects import remembering, rows, written

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
LONGEST = 10.0  # seconds until all processes have ended after a signal
EPOCHS = 20
SAID = "said.txt"  # what the training writes to stderr


def started(folder: Path, *arguments: str | Path, devices: int = 2) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "engine", "train", *map(str, arguments)]
    with (folder / SAID).open("wb") as said:
        return subprocess.Popen([*command, "--devices", str(devices)], cwd=folder, stderr=said)


def processes(run: Path) -> dict[int, int | None]:
    """Return the processes that train in a run folder, by id, with their ranks."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            environment = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"engine" in words and os.fsencode(run) in words:
            ranks = [int(word[5:]) for word in environment if word.startswith(b"RANK=")]
            found[int(folder.name)] = ranks[0] if ranks else None
    return found


def wait_for(run: Path, checkpoint: int) -> None:
    """Wait until a checkpoint of this step or of a later one was saved."""
    while not (run / "events.jsonl").exists():
        time.sleep(0.02)
    while (saved := read_state(run).checkpoint) is None or saved.step < checkpoint:
        time.sleep(0.02)


@pytest.fixture(scope="module")
def through(tmp_path_factory):
    """A run of two ranks that nothing disturbs, and the files of its training."""
    folder = tmp_path_factory.mktemp("ranks")
    files = written(
        folder, remembering(epochs=EPOCHS, checkpoint_every={"steps": 9}, threads=1), rows()
    )
    run = folder / "through"
    ended = started(folder, files[0], "--data", files[1], "--run", run)
    assert ended.wait() == 0, (folder / SAID).read_text()
    return run, files


@pytest.mark.parametrize(("rank", "checkpoint"), [(0, 1), (1, 27), (0, 54), (1, 72), (0, 99)])
def test_a_lost_rank_is_restarted_and_the_run_ends_the_same(through, tmp_path, rank, checkpoint):
    """The graph file is no longer there, as that of a window, which removes it after the start."""
    undisturbed, files = through
    run, graph = tmp_path / "run", Path(shutil.copy(files[0], tmp_path))
    launcher = started(tmp_path, graph, "--data", files[1], "--run", run, "--max-restarts", "3")
    wait_for(run, checkpoint)
    graph.unlink()
    lost = [pid for pid, number in processes(run).items() if number == rank]
    os.kill(lost[0], signal.SIGKILL)
    said = (tmp_path / SAID).read_text
    assert launcher.wait() == 0, said()
    assert "restart 1 of 3" in said()
    assert runs.curves(run) == runs.curves(undisturbed)
    assert runs.weights(run) == runs.weights(undisturbed)
    assert processes(run) == {}


def test_launchers_that_count_other_restarts_form_one_run_again(through, tmp_path):
    """A launcher whose rank is busy when another launcher starts again does not count the start."""
    undisturbed, files = through
    run = tmp_path / "run"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    words = [files[0], "--data", files[1], "--run", run, "--max-restarts", "3"]
    words += ["--nodes", "2", "--rendezvous", address, "--node-rank"]
    launchers = [started(tmp_path, *words, str(node), devices=1) for node in (0, 1)]
    wait_for(run, 27)
    ranks = {rank: pid for pid, rank in processes(run).items() if rank is not None}
    os.kill(ranks[0], signal.SIGSTOP)
    os.kill(ranks[1], signal.SIGKILL)
    time.sleep(2)
    os.kill(ranks[0], signal.SIGCONT)
    assert [launcher.wait() for launcher in launchers] == [0, 0]
    assert runs.weights(run) == runs.weights(undisturbed)


def test_a_lost_rank_without_restarts_is_reported_once_and_the_run_can_be_resumed(
    through, tmp_path
):
    undisturbed, files = through
    run = tmp_path / "run"
    launcher = started(tmp_path, files[0], "--data", files[1], "--run", run)
    wait_for(run, 30)
    lost = [pid for pid, number in processes(run).items() if number == 1]
    os.kill(lost[0], signal.SIGKILL)
    assert launcher.wait() == ExitCode.RUN
    assert (tmp_path / SAID).read_text().count("error[rank-lost]") == 1
    assert read_state(run).ended.code == "rank-lost"
    assert started(tmp_path, "--run", run, "--resume").wait() == 0
    assert runs.weights(run) == runs.weights(undisturbed)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, ExitCode.TERMINATED), (signal.SIGINT, ExitCode.INTERRUPTED)],
)
def test_a_signal_to_the_launcher_ends_all_ranks_and_the_run_can_be_resumed(
    through, tmp_path, number, code
):
    undisturbed, files = through
    run = tmp_path / "run"
    launcher = started(tmp_path, files[0], "--data", files[1], "--run", run)
    wait_for(run, 30)
    sent = time.monotonic()
    launcher.send_signal(number)
    assert launcher.wait() == code
    assert time.monotonic() - sent < LONGEST
    assert processes(run) == {}
    assert read_state(run).status(alive=False) == "stopped"
    assert started(tmp_path, "--run", run, "--resume").wait() == 0
    assert runs.weights(run) == runs.weights(undisturbed)


def resumed(folder: Path, devices: int, *arguments: str | Path) -> tuple[Path, list[str]]:
    """Return a run of two ranks that others resumed within an epoch, and the codes of warnings."""
    given = remembering(
        epochs=EPOCHS, checkpoint_every={"steps": 9}, threads=1, precision="float64"
    )
    files = written(folder, given, rows())
    run = folder / "run"
    launcher = started(folder, files[0], "--data", files[1], "--run", run, *arguments)
    wait_for(run, 30)
    launcher.send_signal(signal.SIGTERM)
    assert launcher.wait() == ExitCode.TERMINATED
    resume = started(folder, "--run", run, "--resume", devices=devices)
    assert resume.wait() == 0, (folder / SAID).read_text()
    warned = [event for event in read_events(run) if isinstance(event, Warned)]
    return run, [event.diagnostic["code"] for event in warned if "processes" in str(event)]


@pytest.mark.parametrize("devices", [1, 2, 3])
def test_a_cached_run_is_resumed_exactly_by_another_number_of_ranks(tmp_path, devices):
    (tmp_path / "one").mkdir()
    run, codes = resumed(tmp_path, devices, "--cache")
    files = tmp_path / "small.loom.json", tmp_path / "small.npz"
    whole = tmp_path / "one" / "run"
    one = started(tmp_path / "one", files[0], "--data", files[1], "--run", whole, devices=1)
    assert one.wait() == 0
    loaded = [load((path / "model.safetensors").read_bytes()) for path in (whole, run)]
    assert_close(*loaded, 1e-12)
    assert codes == ([] if devices == 2 else ["not-bit-identical"])


def test_a_streamed_run_that_other_ranks_resume_says_that_it_is_not_exact(tmp_path):
    _, codes = resumed(tmp_path, 3, "--stream")
    assert codes == ["data-streamed", "not-bit-identical", "data-streamed", "data-streamed"]


def test_two_equal_runs_write_equal_weights(through, tmp_path):
    undisturbed, files = through
    run = tmp_path / "run"
    assert started(tmp_path, files[0], "--data", files[1], "--run", run).wait() == 0
    written = [(folder / "model.safetensors").read_bytes() for folder in (undisturbed, run)]
    assert written[0] == written[1]


def test_ranks_end_when_their_launcher_is_killed(through, tmp_path):
    _, files = through
    run = tmp_path / "run"
    launcher = started(tmp_path, files[0], "--data", files[1], "--run", run)
    wait_for(run, 1)
    launcher.kill()
    launcher.wait()
    while processes(run):
        time.sleep(0.1)
    assert read_state(run).status(alive=False) == "stopped"


def test_an_error_is_reported_once_and_never_restarted(through, tmp_path):
    _, files = through
    missing = tmp_path / "missing.npz"
    launcher = started(tmp_path, files[0], "--data", missing, "--max-restarts", "3")
    assert launcher.wait() == ExitCode.DATA
    assert (tmp_path / SAID).read_text().count("error[") == 1
