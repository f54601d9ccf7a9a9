"""The check of another machine before a training: connection, programs, version of Layerloom."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from shlex import quote

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.launch.ssh import ConnectionLostError, SshHost

DEFAULT_FOLDER = "layerloom"  # below the home folder of the user on the host
_KEYS = ("folder", "rsync", "flock", "engine", "version")
_SCRIPT = """mkdir -p {folder}/jobs {folder}/data && cd {folder} || exit 1
PATH="$PWD/.venv/bin:$PATH:$HOME/.local/bin"
echo "folder=$PWD"
for program in rsync flock engine; do echo "$program=$(command -v "$program")"; done
echo "version=$(engine --version 2>&1)"
"""


@dataclass(frozen=True, slots=True)
class HostEnvironment:
    """What a host offers: the absolute paths of the remote folder and of the command `engine`."""

    folder: str
    engine: str


def check_host(host: SshHost, folder: str) -> HostEnvironment:
    """Check that a training can be started on a host, and create the remote folder.

    The command `engine` is searched in the virtual environment `.venv` of the remote folder, on the
    path of the host, and in ~/.local/bin.

    Args:
        folder: the remote folder; a relative path is below the user's home folder.

    Raises:
        DiagnosticError: with a diagnostic for each thing that is missing, and what to type.
    """
    folder = folder.removeprefix("~/")
    try:
        output = host.run(_SCRIPT.format(folder=quote(folder)))
    except ConnectionLostError as error:
        raise DiagnosticError(connection_diagnostic(host.name, str(error))) from error
    # Other lines are messages that the login shell prints.
    lines = (line.partition("=") for line in output.splitlines())
    found = {key: value for key, _, value in lines if key in _KEYS}
    diagnostics = [
        _missing_program(host.name, program, package)
        for program, package in {"rsync": "rsync", "flock": "util-linux"}.items()
        if not found.get(program)
    ]
    local = version("layerloom")
    if not found.get("engine") or found.get("version") != f"layerloom {local}":
        diagnostics.append(_engine_diagnostic(host.name, folder, found, local))
    if diagnostics:
        raise DiagnosticError(*diagnostics)
    return HostEnvironment(found["folder"], found["engine"])


def connection_diagnostic(host: str, message: str) -> Diagnostic:
    """Return the diagnostic for a failed connection; `message` is the last line of ssh's output."""
    login = f"ssh {quote(host)}"
    if "Permission denied" in message:
        code, problem = "host-denied", "the login without a password is not possible"
        expected, fix = "a key that the host accepts", f"Type: ssh-copy-id {quote(host)}"
    elif "verification failed" in message:
        code, problem = "host-denied", "the key of the host is not known or has changed"
        expected = "a known key of the host"
        fix = f"Type: {login}, and compare the key before you accept it."
    else:
        code, problem = "host-unreachable", "there is no connection to the host"
        expected = "a running machine, and its name in ~/.ssh/config"
        fix = f"Type: {login} true, which has to succeed."
    return Diagnostic(
        code,
        problem,
        place=host,
        found=message or "no connection",
        expected=expected,
        fixes=(Fix(fix),),
    )


def _missing_program(host: str, program: str, package: str) -> Diagnostic:
    return Diagnostic(
        "program-missing",
        f"the program {program} is not installed on the host",
        place=host,
        found=f"no {program}",
        expected="rsync and flock",
        fixes=(Fix(f"Type: ssh -t {quote(host)} sudo apt-get install {package}"),),
    )


def _engine_diagnostic(host: str, folder: str, found: dict[str, str], local: str) -> Diagnostic:
    environment = quote(f"{folder}/.venv")
    install = (
        f"python3 -m venv {environment} && "
        f"{environment}/bin/python -m pip install layerloom=={local}"
    )
    return Diagnostic(
        "host-unprepared",
        "Layerloom is not installed on the host, or has another version",
        place=host,
        found=found["version"] if found.get("engine") else "no command engine",
        expected=f"layerloom {local}, as on this machine",
        fixes=(Fix(f"Type: ssh {quote(host)} {quote(install)}"),),
    )
