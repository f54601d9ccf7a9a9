"""The check of another machine before a training: connection, programs, version of Layerloom."""

from __future__ import annotations

from importlib.metadata import version
from shlex import quote

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.launch.ssh import SshHost, missing_program

DEFAULT_FOLDER = "layerloom"  # below the home folder of the user on the host
_PROGRAMS = ("rsync", "flock", "engine")
_SCRIPT = """cd || exit 1
mkdir -p {folder}/jobs {folder}/data && cd {folder} || exit 1
PATH="$PWD/.venv/bin:$PATH:$HOME/.local/bin"
echo "folder=$PWD"
for program in {programs}; do echo "$program=$(command -v $program)"; done
echo "version=$(engine --version 2>&1)"
"""


def check_host(host: SshHost, folder: str) -> tuple[str, str]:
    """Check that a training can be started on a host, and create the remote folder.

    The command `engine` is searched in the virtual environment `.venv` of the remote folder, on the
    path of the host, and in ~/.local/bin.

    Args:
        folder: the remote folder; a relative path is below the user's home folder.

    Returns:
        The absolute paths of the remote folder and of the command `engine`.

    Raises:
        DiagnosticError: with a diagnostic for each thing that is missing, and what to type.
    """
    folder = folder.removeprefix("~/")
    script = _SCRIPT.format(folder=quote(folder), programs=" ".join(_PROGRAMS))
    # Lines without "=" are messages that the login shell prints.
    lines = (line.partition("=") for line in host.run(script).decode().splitlines())
    found = {key: value for key, _, value in lines}
    missing = [name for name in _PROGRAMS[:2] if not found.get(name)]
    diagnostics = [missing_program(name, host.name) for name in missing]
    local = f"layerloom {version('layerloom')}"
    if not found.get("engine") or found["version"] != local:
        environment = quote(f"{folder}/.venv")
        install = f"{environment}/bin/python -m pip install {local.replace(' ', '==')}"
        line = quote(f"python3 -m venv {environment} && {install}")
        diagnostics.append(
            Diagnostic(
                "host-unprepared",
                "Layerloom is not installed on the host, or has another version",
                place=host.name,
                found=found["version"] if found.get("engine") else "no command engine",
                expected=f"{local}, as on this machine",
                fixes=(Fix(f"Type: ssh {quote(host.name)} {line}"),),
            )
        )
    if diagnostics:
        raise DiagnosticError(*diagnostics)
    return found["folder"], found["engine"]
