"""Launchers that do not meet end with one diagnostic that names the address."""

import logging
import os
import re
import socket
import subprocess
import sys

import pytest

from engine.core.codes import ExitCode
from engine.core.diagnostic import DiagnosticError
from engine.events import EpochDone
from engine.launch.torchrun import FOLDER_VARIABLE, Launch
from engine.runs.log.event_log import read_events
from engine.runtime.distributed.launcher import launch_ranks
from tests.end_to_end.conftest import ROOT, in_process


@pytest.fixture
def port():
    """A port that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_an_address_that_does_not_answer_is_named(port, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv(FOLDER_VARIABLE, "")
    address = f"127.0.0.1:{port}"
    try:
        with pytest.raises(DiagnosticError) as error:
            launch_ranks(Launch(nodes=2, node_rank=1, rendezvous=address, timeout=1), [], None)
    finally:
        logging.disable(logging.NOTSET)
    (found,) = error.value.diagnostics
    assert (found.code, found.place) == ("rendezvous-failed", address)


def test_processes_of_one_machine_need_no_name_that_it_can_resolve(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv(FOLDER_VARIABLE, "")
    addresses = []

    def launch(config, _):
        addresses.append(config.local_addr)
        return lambda *_: None

    monkeypatch.setattr("engine.runtime.distributed.launcher.elastic_launch", launch)
    try:
        launch_ranks(Launch(devices=2), [], None)
    finally:
        logging.disable(logging.NOTSET)
    assert addresses == ["localhost"]


def started(*words, files=("no.loom.json", "--data", "no"), **variables):
    """Start `engine train` with options of a launcher."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, "-m", "engine", "train", *map(str, (*files, *words))]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", ["nobody listens", "no such host", "the port is in use", "another number of nodes"]
)
def test_every_failed_rendezvous_is_one_diagnostic(case, port):
    address = f"{'no-such-host.invalid' if case == 'no such host' else '127.0.0.1'}:{port}"
    words = ["--rendezvous", address, "--rendezvous-timeout", "5", "--nodes", "2"]
    with socket.socket() as other:
        if case == "the port is in use":
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("0.0.0.0", port))
            other.listen()
        is_host = case in ("the port is in use", "another number of nodes")
        launchers = [started(*words, "--node-rank", "0" if is_host else "1")]
        if case == "another number of nodes":
            launchers.append(started(*words, "--nodes", "3", "--node-rank", "1"))
        for launcher in launchers:
            (text,) = re.findall(r"(?s)error\[rendezvous-failed\].*", launcher.communicate()[1])
            assert launcher.returncode == ExitCode.IO
            assert f"where:    {address}" in text
            assert "Traceback" not in text
            assert "frame #" not in text


@pytest.mark.parametrize("node_rank", [["--node-rank", "1"], []])
def test_a_program_that_listens_and_does_not_answer_is_no_launcher(node_rank, port):
    words = ["--rendezvous", f"127.0.0.1:{port}", "--rendezvous-timeout", "2", "--nodes", "2"]
    with socket.create_server(("127.0.0.1", port)):
        launcher = started(*words, *node_rank)
        text = launcher.communicate(timeout=30)[1]
    assert launcher.returncode == ExitCode.IO
    assert "another program listens at this address, and does not respond" in text


@pytest.fixture
def penguins(tmp_path):
    """The arguments of a training that takes a few seconds."""
    graph = tmp_path / "p.loom.json"
    assert in_process("new", "penguins", graph).code == 0
    assert in_process("sample", "penguins", tmp_path / "d").code == 0
    settings = ("--epochs", "3", "--device", "cpu", "--threads", "1")
    return (graph, "--data", tmp_path / "d", *settings)


@pytest.mark.slow
def test_two_launchers_form_one_run_and_print_nothing_else(penguins, tmp_path, port):
    words = ["--run", tmp_path / "run", "--nodes", "2", "--rendezvous", f"127.0.0.1:{port}"]
    launchers = [started(*words, "--node-rank", rank, files=penguins) for rank in (0, 1)]
    texts = sorted(launcher.communicate()[1] for launcher in launchers)
    assert [launcher.returncode for launcher in launchers] == [0, 0]
    assert texts[0] == ""
    assert "2 processes of 1 thread" in texts[1]


@pytest.mark.slow
def test_the_launcher_of_each_machine_has_the_exit_code_of_a_failed_run(penguins, tmp_path, port):
    """Only one of them has rank 0, which reports the failure."""
    steep = '{"kind": "SGD", "params": {"learning_rate": 1e30}}'
    words = ["--nodes", "2", "--rendezvous", f"127.0.0.1:{port}", "--set", f"optimizer={steep}"]
    launchers = [started(*words, "--node-rank", rank, files=penguins) for rank in (0, 1)]
    texts = [launcher.communicate()[1] for launcher in launchers]
    assert [launcher.returncode for launcher in launchers] == [ExitCode.DIVERGED] * 2
    assert "".join(texts).count("error[diverged]") == 1


@pytest.mark.slow
def test_two_processes_in_bf16_give_the_losses_of_one(penguins, tmp_path):
    """Fabric connects nothing of its own, even in a job of Slurm."""
    job = {"SLURM_JOB_ID": "5", "SLURM_JOB_NAME": "x", "SLURM_NTASKS": "4", "SLURM_PROCID": "3"}
    losses = []
    for devices in (1, 2):
        run = tmp_path / f"run-{devices}"
        words = ["--precision", "bf16-mixed", "--devices", devices, "--run", run]
        launcher = started(*words, files=penguins, SLURM_LOCALID="3", SLURM_NODEID="1", **job)
        assert launcher.communicate()[1].count("Finished") == 1
        done = [event for event in read_events(run) if isinstance(event, EpochDone)]
        losses.append([event.train["loss"] for event in done])
    assert losses[1] == pytest.approx(losses[0], rel=2**-8)
