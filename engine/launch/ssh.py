"""Commands on another machine, and copies to and from it, by the programs `ssh` and `rsync`.

Users, keys, ports and everything else about the connection are set in the configuration of ssh.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path
from shlex import join, quote

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix

# Exit codes after a lost connection: of ssh (255), and of rsync.
_LOST = (5, 10, 12, 20, 30, 35, 255)
_FILES_VANISHED = 24  # exit code of rsync if files were deleted while it copied


class ConnectionLostError(DiagnosticError):
    """The connection to a host failed or was lost."""


class SshHost:
    """A machine that ssh can reach without a password. All commands share one connection.

    Args:
        name: a host of ssh's configuration, or USER@HOST.
    """

    def __init__(self, name: str) -> None:
        if name.startswith("-") or not name.isprintable() or len(name.split()) != 1:
            raise DiagnosticError(
                _diagnostic(
                    "usage", name, "the host has no valid name", found=f"--on {name}",
                    expected="a host of ~/.ssh/config, or USER@HOST",
                    fix="Write a name with which `ssh NAME` connects.",
                )
            )  # fmt: skip
        self.name = name
        folder = tempfile.mkdtemp(prefix="layerloom-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._ssh = [
            *("ssh", "-oBatchMode=yes", "-oConnectTimeout=20"),  # never ask for a password
            *("-oServerAliveInterval=15", "-oServerAliveCountMax=3"),  # notice a lost connection
            *("-oControlMaster=auto", f"-oControlPath={folder}/s", "-oControlPersist=60"),
        ]

    def run(self, script: str) -> bytes:
        """Run a shell script on the host, and return its output.

        Raises:
            ConnectionLostError: if the connection failed or was lost.
            DiagnosticError: host-unprepared, if the script failed or ssh is not installed here.
        """
        return self._call([*self._ssh, self.name, f"exec sh -c {quote(script)}"])

    def upload(self, source: Path, folder: str) -> None:
        """Copy a file or folder into a folder on the host, whose parent folder has to exist.

        What is there already is not copied. The errors are those of `run`.
        """
        self._rsync(str(source.absolute()), f"{self.name}:{folder}/")

    def download(self, folder: str, target: Path, excluded: Sequence[str]) -> None:
        """Copy the contents of a folder on the host to a local folder, without `excluded` names.

        The errors are those of `run`.
        """
        rules = [f"--exclude=/{name}" for name in (*excluded, "*.tmp-*")]
        self._rsync(*rules, f"{self.name}:{folder}/", str(target.absolute()))

    def _rsync(self, *arguments: str) -> None:
        # --protect-args: paths are not parsed by the shell of the host.
        options = ("-a", "--copy-links", "--protect-args", "--partial-dir=.rsync-partial")
        self._call(["rsync", *options, f"--rsh={join(self._ssh)}", *arguments])

    def _call(self, command: list[str]) -> bytes:
        try:
            # In its own session, so that Ctrl-C in the terminal does not end it.
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True
            )
        except FileNotFoundError as error:
            raise DiagnosticError(missing_program(command[0])) from error
        output = re.sub(r"(?m)^rsync error:.*$", "", done.stderr.decode("utf-8", "replace"))
        message = output.strip().rpartition("\n")[2].strip() or "no message"
        if done.returncode in _LOST:
            raise ConnectionLostError(_connection_diagnostic(self.name, message))
        if done.returncode not in (0, _FILES_VANISHED):
            raise DiagnosticError(
                _diagnostic(
                    "host-unprepared", self.name, "a command on the host or a copy has failed",
                    found=message, expected="a remote folder that can be written",
                    fix="Correct what the message names, or name another --remote-folder.",
                )
            )  # fmt: skip
        return done.stdout


def missing_program(program: str, host: str = "") -> Diagnostic:
    """Return the diagnostic for a program that is missing on a host, "" for this machine."""
    package = {"ssh": "openssh-client", "flock": "util-linux"}.get(program, program)
    remote = f"ssh -t {quote(host)} " if host else ""
    return _diagnostic(
        "host-unprepared", host or "this machine", f"the program {program} is not installed",
        found=f"no {program}", expected=f"the program {program}",
        fix=f"Type: {remote}sudo apt-get install {package}",
    )  # fmt: skip


def _connection_diagnostic(host: str, message: str) -> Diagnostic:
    fix = f"Type: ssh {quote(host)} true, which has to succeed without a question."
    if "Permission denied" in message:
        fix = f"Type: ssh-copy-id {quote(host)}"
    expected = "a connection without a password or a question"
    text = "there is no connection to the host"
    return _diagnostic("host-unreachable", host, text, message, expected, fix)


def _diagnostic(
    code: str, place: str, message: str, found: str, expected: str, fix: str
) -> Diagnostic:
    return Diagnostic(
        code, message, place=place, found=found[:300], expected=expected, fixes=(Fix(fix),)
    )
