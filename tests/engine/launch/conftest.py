"""A host on loopback, and a project to train on it."""

import os
import sys

import pytest

from tests.ssh_host import ssh_server

LIGHT = f'exec {sys.executable} -P -m tests.engine.launch.light_engine "$@"'


@pytest.fixture
def server(tmp_path_factory, monkeypatch):
    """A host named "box" whose command `engine` is that of tests/engine/launch/light_engine.py."""
    folder = tmp_path_factory.mktemp("ssh")
    monkeypatch.setenv("PATH", f"{folder}/bin:{os.environ['PATH']}")
    with ssh_server(folder) as server:
        server.install(LIGHT)
        yield server
