"""How the ranks on one machine tell each other and their launcher how a run ended.

Why: torchrun restarts every rank that exits with an error, and its own exit code is always 1. So a
rank that ended as intended, for example with a diagnostic, exits with 0 and leaves its code here.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

from engine.core.diagnostic import Diagnostic, Fix, diagnostic_from_dict
from engine.core.formatting.shell import shell_path
from engine.runs.folder.run_json import RUN_FILE
from engine.runs.request import TrainRequest

ENV_NAME = "LAYERLOOM_LAUNCH_FOLDER"
_RUN, _EXIT_CODE, _FAILURE = "run", "exit-code", "failure.json"


class RankLostError(Exception):
    """Another rank has ended, so that this one can't continue. The launcher may restart all."""


class LaunchFolder:
    """A temporary folder of a launch, with the run, its exit code, and the failure of a rank."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @staticmethod
    def of_this_rank() -> LaunchFolder | None:
        """Return the folder of the launcher that started this process, if any."""
        path = os.environ.get(ENV_NAME)
        return LaunchFolder(Path(path)) if path and "RANK" in os.environ else None

    @property
    def run(self) -> Path | None:
        """The run folder, once rank 0 has created it."""
        text = self._read(_RUN)
        return Path(text) if text else None

    @property
    def exit_code(self) -> int | None:
        """The exit code of the run; None if rank 0 has not ended as intended."""
        text = self._read(_EXIT_CODE)
        return int(text) if text else None

    @property
    def failure(self) -> Diagnostic | None:
        """The diagnostic of a rank that could not continue."""
        text = self._read(_FAILURE)
        return diagnostic_from_dict(json.loads(text)) if text else None

    def set_run(self, run: Path) -> None:
        """Store the run folder."""
        self._write(_RUN, str(run.absolute()))

    def set_failure(self, diagnostic: Diagnostic) -> None:
        """Store why this rank could not continue; rank 0 reports it."""
        self._write(_FAILURE, json.dumps(diagnostic.to_dict()))

    def report(self, code: int) -> None:
        """Store the exit code of the run, if this is rank 0."""
        if is_main_rank():
            self._write(_EXIT_CODE, str(int(code)))

    def _read(self, name: str) -> str:
        file = self._path / name
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def _write(self, name: str, text: str) -> None:
        temporary = self._path / f"{name}.tmp"
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(self._path / name)


def is_main_rank() -> bool:
    """Return whether this process records the run: it is rank 0, or the only process."""
    return os.environ.get("RANK", "0") == "0"


def restart_count() -> int:
    """Return how often the launcher has restarted the ranks."""
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"))


def request_of_rank(request: TrainRequest) -> TrainRequest:
    """Return the request for this process, which a launcher may have restarted."""
    if not is_main_rank():  # rank 0 alone needs the run folder
        return replace(request, run=request.run if request.resume else None)
    folder = LaunchFolder.of_this_rank()
    run = (folder.run if folder else None) or request.run
    if restart_count() and run is not None and (run / RUN_FILE).exists():
        return replace(request, run=run, resume=True)
    return request


def rank_lost_diagnostic(found: str, run: Path | None) -> Diagnostic:
    """Return the diagnostic for a rank that ended without telling why."""
    fixes = [Fix("Start the same command again.")]
    if run is not None:
        command = f"engine train --run {shell_path(run)} --resume"
        fixes = [
            Fix(f"Resume from the last checkpoint: {command}."),
            Fix("Start with --max-restarts 3, and the launcher does this by itself."),
        ]
    return Diagnostic(
        "rank-lost",
        "one of several processes was lost",
        found=found,
        expected="all processes until the end",
        fixes=tuple(fixes),
    )


def report_failure(diagnostic: Diagnostic) -> None:
    """Store for the other ranks, if any, why this rank can't continue."""
    if folder := LaunchFolder.of_this_rank():
        folder.set_failure(diagnostic)


def lost_rank_failure(error: RankLostError, run: Path | None = None) -> Diagnostic | None:
    """Return the failure of a run that lost a rank; None if the launcher will restart all ranks."""
    folder = LaunchFolder.of_this_rank()
    if folder is not None and folder.failure is not None:
        return folder.failure
    is_restarted = restart_count() < int(os.environ.get("TORCHELASTIC_MAX_RESTARTS", "0"))
    return None if is_restarted else rank_lost_diagnostic(str(error), run)
