"""A run on another machine, over a real sshd, is mirrored as if it was trained here."""

import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.events import ControlTaken, RunFinished, RunStopped, StepsDone
from engine.launch.mirror import load_job
from engine.launch.remote_run import train_remotely
from engine.runs.control.requests import append_request, send_and_wait
from engine.runs.folder.run_folder import RunFolder
from engine.runs.log.lock import lock_holder
from engine.runs.request import TrainRequest
from engine.runs.state.run_state import run_status
from tests.ssh_host import NAME

GRAPH = Path("resources/templates/penguins.loom.json")


@pytest.fixture
def request_(tmp_path):
    """A request to train on the host."""
    graph, data = tmp_path / "my net.loom.json", tmp_path / "the data"
    graph.write_bytes(GRAPH.read_bytes())
    data.mkdir()
    (tmp_path / "rows").write_text("x\n1\n")
    (data / "train.csv").symlink_to(tmp_path / "rows")
    (tmp_path / "link").symlink_to(data)
    return TrainRequest(graph, tmp_path / "link", run=tmp_path / "run")


@pytest.fixture
def train(server):
    """A function that trains on the host, or resumes the run in a folder."""

    def call(request, stop=lambda: ""):
        if not isinstance(request, TrainRequest):
            request = TrainRequest(None, None, run=request, resume=True)
        name = "" if request.resume else NAME
        return train_remotely(request, name, str(server.remote), (), stop, print)

    return call


def remote_run(run):
    return Path(load_job(run).folder) / "run"


def is_equal(run):
    """Return whether the events are those of the host, byte by byte."""
    name = "events.jsonl"
    return (run / name).read_bytes() == (remote_run(run) / name).read_bytes()


def test_the_mirror_is_an_ordinary_run_while_and_after_it_is_trained(request_, train):
    run = request_.run
    seen = []
    for folder, event in train(request_):
        assert folder.path == run
        if not seen:
            assert run_status(folder)[0] == "running"
            assert folder.record["paths"]["graph"] == str(request_.graph)
            assert folder.record["paths"]["data"] == str(request_.data)
            assert folder.graph_bytes() == b"graph"
        if isinstance(event, RunFinished):
            assert folder.weights_path.read_bytes() == b"weights"
        seen.append(event)
    assert [event.last for event in seen if isinstance(event, StepsDone)] == list(range(1, 41))
    assert run_status(RunFolder.open(run))[0] == "finished"
    assert is_equal(run)
    assert lock_holder(run) is None


@pytest.mark.slow
def test_files_are_copied_to_the_host_and_a_second_run_shares_the_data(request_, server, train):
    run, graph = request_.run, request_.graph
    list(train(request_))
    copies = load_job(run).copies
    assert Path(f"{copies}{graph}").read_bytes() == graph.read_bytes()
    table = Path(f"{copies}{request_.data}/train.csv")
    assert not table.is_symlink()
    before = table.stat()
    removed = table.with_name("removed.csv")
    removed.touch()
    list(train(TrainRequest(graph, request_.data)))
    assert table.stat() == before
    assert not removed.exists(), "it would be a shard of the table there"
    assert (graph.parent / "runs" / "my net-001" / "model.safetensors").exists()


def test_control_requests_reach_the_run_and_a_checkpoint_is_copied_when_asked(
    request_, server, train
):
    (server.remote / "long").touch()
    run = request_.run
    events = train(request_)
    next(events)
    trained = threading.Thread(target=lambda: list(events))
    trained.start()
    request, response = send_and_wait(run, "checkpoint")
    assert response.id == request.id
    while not (run / "checkpoints" / "latest.json").exists():
        time.sleep(0.01)
    assert not (run / "model.safetensors").exists()
    send_and_wait(run, "pause")
    assert run_status(RunFolder.open(run))[0] == "paused"
    send_and_wait(run, "stop")
    trained.join()
    assert is_equal(run)


@pytest.mark.slow
def test_a_signal_stops_the_run_there(request_, server, train):
    (server.remote / "long").touch()
    signals = iter(["", "", *["SIGINT"] * 1000])
    *_, (_, taken), (_, last) = train(request_, lambda: next(signals))
    assert isinstance(taken, ControlTaken)
    assert isinstance(last, RunStopped)
    assert run_status(RunFolder.open(request_.run))[0] == "stopped"


def test_a_lost_connection_is_made_again_and_continues_at_its_byte(request_, server, train):
    seen = []
    for _, event in train(request_):
        seen.append(event.seq)
        if len(seen) in (5, 12):
            server.cut()
            server.start()
    assert seen == list(range(1, len(seen) + 1))
    assert is_equal(request_.run)


@pytest.mark.slow
def test_a_request_without_a_connection_is_sent_with_the_next_one(request_, server, train):
    (server.remote / "long").touch()
    for _, event in train(request_):
        if event.seq == 5:
            server.cut()
            append_request(request_.run, "stop")
            server.start()
    assert isinstance(event, RunStopped)


@pytest.mark.slow
def test_a_killed_mirror_is_picked_up_while_the_training_continues(request_, train):
    events = train(request_)
    first = [next(events)[1].seq for _ in range(5)]
    events.close()
    assert lock_holder(request_.run) is None
    rest = [event.seq for _, event in train(request_.run)]
    assert [*first, *rest] == list(range(1, len(first + rest) + 1))
    assert is_equal(request_.run)


def test_a_training_without_events_is_not_forgotten_without_a_connection(request_, server, train):
    (server.remote / "long").touch()
    events, run = train(request_), request_.run
    next(events)
    events.close()
    (run / "run.json").unlink()
    server.stop()
    with pytest.raises(DiagnosticError) as error:
        list(train(run))
    assert error.value.diagnostics[0].code == "host-unreachable"
    assert load_job(run) is not None


@pytest.mark.slow
def test_a_stopped_run_is_resumed_on_its_host_without_late_requests(request_, server, train):
    (server.remote / "long").touch()
    signals = iter(["", "", *["SIGINT"] * 1000])
    *_, (_, stopped) = train(request_, lambda: next(signals))
    append_request(request_.run, "stop")
    (server.remote / "long").rename(server.remote / "mistake")
    with pytest.raises(DiagnosticError, match="a mistake"):
        list(train(request_.run))
    (server.remote / "mistake").unlink()
    *_, (_, last) = train(request_.run)
    assert isinstance(last, RunFinished)
    assert last.attempt == stopped.attempt + 1
    assert is_equal(request_.run)


def test_a_second_signal_kills_the_run_there(request_, server, train):
    (server.remote / "long").touch()
    events = train(request_)
    next(events)
    with pytest.raises(SystemExit):
        events.throw(SystemExit(143))
    lock = remote_run(request_.run).parent / ".lock"
    assert subprocess.run(["flock", "-n", lock, "true"]).returncode == 0
    assert run_status(RunFolder.open(request_.run))[0] == "crashed"


def test_a_pattern_is_copied_with_its_folder_and_a_url_is_left_to_the_host(request_, server, train):
    pattern = request_.data / "tr*.csv"
    list(train(replace(request_, data=pattern, test=Path("s3://bucket/t.csv"))))
    folder = RunFolder.open(request_.run)
    assert folder.record["paths"]["data"] == str(pattern)
    assert Path(f"{load_job(request_.run).copies}{request_.data}/train.csv").exists()


@pytest.mark.slow
def test_a_mistake_found_there_is_reported_here_and_leaves_nothing(request_, server, train):
    (server.remote / "mistake").touch()
    with pytest.raises(DiagnosticError) as error:
        list(train(request_))
    assert error.value.diagnostics[0].message == "a mistake"
    assert not request_.run.exists()


@pytest.mark.slow
def test_a_crash_there_is_reported_and_the_run_can_be_resumed(request_, server, train):
    (server.remote / "crash").touch()
    with pytest.raises(DiagnosticError) as error:
        list(train(request_))
    (found,) = error.value.diagnostics
    assert (found.code, found.found) == ("remote-crashed", "it crashed")
    assert run_status(RunFolder.open(request_.run))[0] == "crashed"
    *_, (_, last) = train(request_.run)
    assert isinstance(last, RunFinished)


def test_a_mistake_in_the_graph_is_found_before_a_connection_is_made(request_, server, train):
    server.stop()
    request_.graph.write_text('{"format": "layerloom"}')
    with pytest.raises(DiagnosticError) as error:
        list(train(request_))
    assert error.value.diagnostics[0].code != "host-unreachable"
    assert not request_.run.exists()
