"""A minimal case for each diagnostic of training on another machine, over a real sshd."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from engine.core.diagnostic import Diagnostic
from engine.launch.remote_run import check_host, train_remotely
from engine.launch.ssh import SshHost
from engine.runs.request import TrainRequest
from tests.reliability.findings_runs import refused
from tests.ssh_host import NAME, ROOT, SshServer, ssh_server

Found = Iterable[Diagnostic]


def on_host(prepare: Callable[[SshServer], object], act: Callable[[SshServer], Found]) -> Any:
    """Return a case: `prepare` changes the host, and `act` returns what is then reported."""

    def case(folder: Path) -> Found:
        with ssh_server(folder) as server:
            prepare(server)
            with patch.dict(os.environ, PATH=f"{folder}/bin:{os.environ['PATH']}"):
                return act(server)

    return case


def checked(server: SshServer) -> Found:
    return refused(check_host, SshHost(NAME), str(server.remote))


def trained(server: SshServer) -> Found:
    """Return the diagnostics of a training whose process crashes on the host."""
    (server.remote / "crash").touch()
    server.install(f'exec {sys.executable} -P -m tests.engine.launch.light_engine "$@"')
    graph = ROOT / "resources" / "templates" / "penguins.loom.json"
    request = TrainRequest(graph, graph, run=server.folder / "run")
    return refused(lambda: list(train_remotely(request, NAME, str(server.remote), (), str, str)))


def nothing(server: SshServer) -> None:
    """Leave the host as it is."""


ACTS: dict[str, Callable[[Path], Found]] = {
    "host-unreachable": on_host(lambda server: server.stop(), checked),
    "host-unprepared": on_host(lambda server: server.install("echo layerloom 0.0.1"), checked),
    "remote-crashed": on_host(nothing, trained),
}
