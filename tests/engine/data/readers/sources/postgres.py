"""A PostgreSQL server with a cluster of its own in a temporary folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER, PASSWORD = "ada", "pass123"


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a server that asks for a password; yield its URL, without the password."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
    assert programs, "install postgresql (resources/apt-test.txt)"
    user = "postgres" if os.getuid() == 0 else None  # the server refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="layerloom-postgres-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def call(program: str, *words: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *words]
        # Its output goes to a file: the server would keep a pipe open.
        with (folder / "log").open("a") as log:
            done = subprocess.run(command, user=user, cwd=folder, stdout=log, stderr=log)
        assert done.returncode == 0, (folder / "log").read_text()

    try:
        (folder / "password").write_text(PASSWORD)
        if user:
            shutil.chown(folder, user)
            shutil.chown(folder / "password", user)
        call("initdb", "-A", "scram-sha-256", "-U", USER, f"--pwfile={folder}/password", "-N")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        call("pg_ctl", "-w", "-o", options, "start")
        try:
            yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"
        finally:
            call("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
