"""A host on loopback: a real sshd with keys of its own, and Layerloom installed in a folder."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAME = "box"  # the host's name in the configuration of ssh


@dataclass
class SshServer:
    """A running sshd.

    Args:
        folder: keys, configuration and a folder "bin" with a program ssh that uses them.
        remote: the remote folder, in whose virtual environment Layerloom is installed.
        port: the port that sshd listens on.
    """

    folder: Path
    remote: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start sshd, and wait until it listens."""
        sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
        assert sshd, "install openssh-server (resources/apt-test.txt)"
        self.process = subprocess.Popen(
            [sshd, "-D", "-E", self.folder / "sshd.log", "-f", self.folder / "sshd_config"]
        )
        while not self._listens():
            assert self.process.poll() is None, (self.folder / "sshd.log").read_text()
            time.sleep(0.01)

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            return True
        return False

    def cut(self) -> None:
        """Kill sshd and the process of every connection, as if the network failed."""
        assert self.process is not None
        for pid in _children(self.process.pid):
            for process in (*_children(pid), pid):  # the privileged process and that of the user
                with suppress(ProcessLookupError):
                    os.kill(process, 9)
        self.stop()

    def stop(self) -> None:
        """End sshd; connections stay open."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def install(self, command: str = f'exec {sys.executable} -P -m engine "$@"') -> None:
        """Write the command `engine` of the remote folder's virtual environment."""
        engine = self.remote / ".venv" / "bin" / "engine"
        engine.parent.mkdir(parents=True, exist_ok=True)
        variables = f"PYTHONPATH={ROOT} OMP_NUM_THREADS=1 CUDA_VISIBLE_DEVICES="
        engine.write_text(f"#!/bin/sh\nexport {variables}\n{command}\n")
        engine.chmod(0o755)


def _children(pid: int) -> list[int]:
    """Return the children of a process that belong to sshd itself."""
    listed = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", str(pid)], stdout=subprocess.PIPE)
    words = [line.split(maxsplit=1) for line in listed.stdout.decode().splitlines()]
    return [int(child) for child, name in words if name.startswith("sshd")]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def ssh_server(folder: Path) -> Iterator[SshServer]:
    """Run an sshd that accepts a key in `folder`; `folder`/bin has to be put on the PATH."""
    server = SshServer(folder, folder / "remote folder", _free_port())
    for key in ("host_key", "user_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key])
    shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
    host_key = (folder / "host_key.pub").read_text()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{server.port} {host_key}")
    (folder / "sshd_config").write_text(
        f"Port {server.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nPidFile none\nStrictModes no\nUsePAM no\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        # With this SHLVL, bash does not read ~/.bashrc.
        f'SetEnv SHLVL=1 "HOME={folder}"\n'
    )
    (folder / "config").write_text(
        f"Host {NAME} *\n  HostName 127.0.0.1\n  Port {server.port}\n"
        f"  IdentityFile {folder}/user_key\n  IdentitiesOnly yes\n"
        f"  UserKnownHostsFile {folder}/known_hosts\n  GlobalKnownHostsFile /dev/null\n"
    )
    program = folder / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/config "$@"\n')
    program.chmod(0o755)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # what its service makes at boot
    server.install()
    server.start()
    try:
        yield server
    finally:
        server.cut() if server.process else None
