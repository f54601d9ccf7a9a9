"""Launchers that do not meet end with one diagnostic that names the address."""

import logging
import os
import socket
import subprocess
import sys

import pytest

from engine.core.diagnostic import DiagnosticError
from engine.launch.torchrun import FOLDER_VARIABLE, Launch
from engine.runtime.distributed.launcher import launch_ranks
from tests.end_to_end.conftest import ROOT


@pytest.fixture
def port():
    """A port that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    return number


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


def started(*words):
    """Start `engine train` with options of a launcher."""
    command = [sys.executable, "-m", "engine", "train", "no.loom.json", "--data", "no", *words]
    return subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True
    )


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
