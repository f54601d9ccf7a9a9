"""Commands on another machine, and copies to and from it, by the programs `ssh` and `rsync`.

Users, keys, ports and everything else about the connection are set in the configuration of ssh.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from shlex import join, quote

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.formatting.shell import shell_path

# Never ask for a password, and notice a lost connection within a minute.
_OPTIONS = (
    "-oBatchMode=yes", "-oConnectTimeout=20", "-oServerAliveInterval=15", "-oServerAliveCountMax=3",
)  # fmt: skip
_SSH_FAILED = 255  # exit code of ssh if the connection failed
# Exit codes of rsync after a lost connection: start, protocol, partial transfer by a signal, time.
_RSYNC_LOST = (5, 10, 12, 20, 30, 35, _SSH_FAILED)
_FILES_VANISHED = 24  # exit code of rsync if files were deleted while it copied


class ConnectionLostError(Exception):
    """The connection to a host failed or was lost; its text is the last message of ssh."""


class SshHost:
    """A machine that ssh can reach without a password.

    Args:
        name: a host of ssh's configuration, or USER@HOST.

    Raises:
        DiagnosticError: usage, if the name would be taken for an option.
    """

    def __init__(self, name: str) -> None:
        if not name or name.startswith("-") or not name.isprintable() or " " in name:
            raise DiagnosticError(_invalid_name(name))
        self.name = name

    def run(self, script: str) -> str:
        """Run a shell script on the host, and return its output.

        Raises:
            ConnectionLostError: if the connection failed or was lost.
            DiagnosticError: host-unprepared, if the script failed.
        """
        done = _run(self.command(script))
        message = last_line(done.stderr)
        if done.returncode == _SSH_FAILED:
            raise ConnectionLostError(message)
        if done.returncode:
            raise DiagnosticError(
                Diagnostic(
                    "host-unprepared",
                    f"a command failed on {self.name}",
                    place=self.name,
                    found=message or f"exit code {done.returncode}",
                    expected="a folder that can be written, and a POSIX shell",
                    fixes=(Fix("Name another folder on that machine with --remote-folder."),),
                )
            )
        return done.stdout.decode("utf-8", "replace")

    def start(self, script: str) -> subprocess.Popen[bytes]:
        """Start a shell script on the host, with unbuffered pipes.

        It gets its own process session, so that Ctrl-C in the terminal does not end the connection.
        """
        return subprocess.Popen(
            self.command(script),
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def command(self, script: str) -> list[str]:
        """Return the ssh command that runs a shell script on the host."""
        return ["ssh", *_OPTIONS, self.name, f"exec sh -c {quote(script)}"]

    def upload(self, source: Path, folder: str) -> None:
        """Copy a file or folder into a folder on the host, whose parent folder has to exist.

        What is there already is not copied.

        Raises:
            ConnectionLostError: if the connection was lost.
            DiagnosticError: copy-failed.
        """
        self._copy([str(source.absolute()), f"{self.name}:{folder}/"])

    def download(self, folder: str, target: Path, excluded: Sequence[str] = ()) -> None:
        """Copy the contents of a folder on the host into a local folder, without `excluded`.

        Raises:
            ConnectionLostError: if the connection was lost.
            DiagnosticError: copy-failed.
        """
        rules = [f"--exclude={pattern}" for pattern in excluded]
        self._copy([*rules, f"{self.name}:{folder}/", str(target.absolute())])

    def _copy(self, arguments: Sequence[str]) -> None:
        # --protect-args: paths are not parsed by the shell of the host.
        options = ["--archive", "--protect-args", "--partial-dir=.rsync-partial"]
        done = _run(["rsync", *options, f"--rsh={join(['ssh', *_OPTIONS])}", *arguments])
        message = last_line(re.sub(rb"(?m)^rsync error:.*$", b"", done.stderr)) or "no message"
        if done.returncode in _RSYNC_LOST:
            raise ConnectionLostError(message)
        if done.returncode not in (0, _FILES_VANISHED):
            raise DiagnosticError(
                Diagnostic(
                    "copy-failed",
                    "rsync could not copy everything",
                    place=" to ".join(arguments[-2:]),
                    found=message,
                    expected="readable files, and enough space on both machines",
                    fixes=(Fix("Check the named file, then type the command again."),),
                )
            )


def last_line(output: bytes) -> str:
    """Return the last line of an output that is not empty, "" if there is none."""
    lines = output.decode("utf-8", "replace").split("\n")
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True
        )
    except FileNotFoundError as error:
        raise DiagnosticError(_missing_program(command[0])) from error


def _missing_program(program: str) -> Diagnostic:
    package = {"ssh": "openssh-client"}.get(program, program)
    return Diagnostic(
        "program-missing",
        f"the program {program} is not installed on this machine",
        found=f"no {program}",
        expected="ssh and rsync",
        fixes=(Fix(f"Type: sudo apt-get install {package}"),),
    )


def _invalid_name(name: str) -> Diagnostic:
    return Diagnostic(
        "usage",
        "the host has no valid name",
        found=f"--on {shell_path(name)}",
        expected="a host of the ssh configuration, or USER@HOST",
        fixes=(Fix("Write a name with which `ssh NAME` connects."),),
    )
