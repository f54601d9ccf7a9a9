"""Commands on another machine, and copies to and from it, by the programs `ssh` and `rsync`.

Users, keys, ports and everything else about the connection are set in the configuration of ssh.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import weakref
from importlib.metadata import version
from shlex import join, quote

from engine.core.diagnostic import Diagnostic, DiagnosticError

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
        self.name = name
        folder = tempfile.mkdtemp(prefix="layerloom-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._ssh = [
            *("ssh", "-oBatchMode=yes", "-oConnectTimeout=20"),  # never ask for a password
            *("-oServerAliveInterval=15", "-oServerAliveCountMax=3"),  # notice a lost connection
            *("-oControlMaster=auto", f"-oControlPath={folder}/s", "-oControlPersist=60"),
            "--",  # so that a name never counts as an option
        ]

    def run(self, script: str) -> bytes:
        """Run a shell script on the host, and return its output.

        Raises:
            ConnectionLostError: if the connection failed or was lost.
            DiagnosticError: host-unprepared, if the script failed or ssh is not installed here.
        """
        return self._call([*self._ssh, self.name, f"exec sh -c {quote(script)}"])

    def copy(self, source: str, target: str, *options: str) -> None:
        """Copy a file or folder by rsync, with these options; what is there already is not copied.

        A path on the host begins with `HOST:`, as for rsync. The errors are those of `run`.
        """
        # --protect-args: paths are not parsed by the shell of the host.
        fixed = ("-a", "--copy-links", "--protect-args", "--partial-dir=.rsync-partial")
        self._call(["rsync", *fixed, *options, f"--rsh={join(self._ssh)}", source, target])

    def _call(self, command: list[str]) -> bytes:
        try:
            # In its own session, so that Ctrl-C in the terminal does not end it.
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True
            )
        except FileNotFoundError as error:
            fix = "Type: sudo apt-get install openssh-client rsync"
            found = f"no program {command[0]}"
            raise DiagnosticError(unprepared("this machine", found, fix)) from error
        if done.returncode in (0, _FILES_VANISHED):
            return done.stdout
        output = re.sub(r"(?m)^rsync error:.*$", "", done.stderr.decode("utf-8", "replace"))
        message = output.strip().rpartition("\n")[2].strip()[:300] or "no message"
        if done.returncode in _LOST:
            raise ConnectionLostError(_unreachable(self.name, message))
        fix = "Correct what the message names, or name another --remote-folder."
        raise DiagnosticError(unprepared(self.name, message, fix))


def unprepared(place: str, found: str, fix: str) -> Diagnostic:
    """Return the diagnostic for a machine that can't be used until something is done."""
    return Diagnostic.error(
        "host-unprepared",
        "the machine is not prepared for training over ssh",
        fix,
        place=place,
        found=found,
        expected=f"ssh, rsync, flock, a folder to write, and layerloom {version('layerloom')}",
    )


def _unreachable(host: str, message: str) -> Diagnostic:
    key_is_missing = "Permission denied" in message
    command = f"ssh-copy-id {quote(host)}" if key_is_missing else f"ssh {quote(host)} true"
    return Diagnostic.error(
        "host-unreachable",
        "there is no connection to the host",
        f"Type: {command}",
        place=host,
        found=message,
        expected="a connection without a password or another prompt",
    )
