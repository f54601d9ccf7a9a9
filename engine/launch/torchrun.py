"""torchrun, PyTorch's elastic launcher: what it starts, and this process as one that it started.

Why: torchrun restarts every process that exits with an error, and its own exit code is always 1. So
a rank that ends as intended, for example with a diagnostic, exits with 0 and leaves its code to the
launcher, in a folder.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from engine.core.diagnostic import Diagnostic, Fix
from engine.core.files.atomic_write import write_bytes
from engine.core.formatting.shell import shell_path
from engine.runs.folder.run_json import RUN_FILE
from engine.runs.request import TrainRequest

FOLDER_VARIABLE = "LAYERLOOM_LAUNCH_FOLDER"
RUN, EXIT_CODE = "run", "exit-code"  # the files in the launcher's folder


@dataclass(frozen=True, slots=True)
class Launch:
    """How many processes train one run, and how their launchers find each other.

    Args:
        devices: number of processes on each node; each has one device.
        nodes: number of machines; each starts its own launcher.
        node_rank: number of this machine, from 0. The launcher of node 0 hosts the rendezvous. None
            if the launchers determine this from the address of the rendezvous.
        rendezvous: address at which the launchers of several nodes meet, as HOST:PORT.
        timeout: how many seconds a launcher waits for the others.
        max_restarts: how often the launcher restarts the processes after one of them was lost.
    """

    devices: int = 1
    nodes: int = 1
    node_rank: int | None = None
    rendezvous: str = ""
    timeout: int = 60
    max_restarts: int = 0

    @property
    def needs_launcher(self) -> bool:
        """Whether one process, without a launcher, is not enough."""
        return self.devices * self.nodes > 1 or self.max_restarts > 0


class RankLostError(Exception):
    """Another rank has ended, so that this one can't continue. The launcher may restart all.

    Args:
        failure: the diagnostic with which that rank has ended; None if it was lost.
    """

    def __init__(self, message: str, failure: Diagnostic | None = None) -> None:
        super().__init__(message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Rank:
    """A process that trains a run, alone or together with others.

    Args:
        number: number of the rank, from 0. Rank 0 records the run.
        size: number of ranks.
        local_number, local_size: number of the rank and number of ranks on this machine.
        restart_count: how often the ranks were restarted, `max_restarts` times at most.
        is_launched: whether a launcher started this process.
        folder: the launcher's folder; None without a launcher, or with a plain torchrun.
    """

    number: int = 0
    size: int = 1
    local_number: int = 0
    local_size: int = 1
    restart_count: int = 0
    max_restarts: int = 0
    is_launched: bool = False
    folder: Path | None = None

    @property
    def may_restart(self) -> bool:
        """Whether the launcher starts all ranks again if one is lost now."""
        return self.restart_count < self.max_restarts

    def leave(self, name: str, text: str) -> None:
        """Leave a text to the launcher: the run folder, or the exit code of the run."""
        if self.folder is not None:
            write_bytes(self.folder / name, text.encode())

    def exit(self, code: int) -> int:
        """Return the exit code of this process, where `code` is that of the command.

        Rank 0 knows how the run ended. Another rank knows an error that all ranks have found.
        """
        if self.folder is None:
            return code
        if code or self.number == 0:
            self.leave(EXIT_CODE, str(code))
        return 0

    def request(self, request: TrainRequest) -> TrainRequest:
        """Return the request for this rank. After a restart, it resumes the run.

        Then the graph is that of the run, since its file may have been changed or removed.
        """
        left = read_left(self.folder, RUN) if self.folder else ""
        run = Path(left) if left else request.run
        is_restarted = bool(left) or self.restart_count > 0
        if is_restarted and run is not None and (run / RUN_FILE).exists():
            return replace(request, graph=None, run=run, resume=True)
        if self.number and not request.resume:  # rank 0 alone needs the run folder
            return replace(request, run=None)
        return request


def current_rank() -> Rank:
    """Return this process as a rank: 0 of 1, unless a launcher started it."""
    variables = os.environ
    if "TORCHELASTIC_RUN_ID" not in variables:  # as torch.distributed.is_torchelastic_launched
        return Rank()
    folder = variables.get(FOLDER_VARIABLE)
    return Rank(
        number=int(variables["RANK"]),
        size=int(variables["WORLD_SIZE"]),
        local_number=int(variables.get("LOCAL_RANK", "0")),
        local_size=int(variables.get("LOCAL_WORLD_SIZE", "1")),
        restart_count=int(variables.get("TORCHELASTIC_RESTART_COUNT", "0")),
        max_restarts=int(variables.get("TORCHELASTIC_MAX_RESTARTS", "0")),
        is_launched=True,
        folder=Path(folder) if folder else None,
    )


def read_left(folder: Path, name: str) -> str:
    """Return the text that a rank has left in the launcher's folder, "" if there is none."""
    file = folder / name
    return file.read_text(encoding="utf-8") if file.exists() else ""


def resume_command(run: Path, devices: int) -> str:
    """Return the command that resumes a run with as many devices."""
    several = f" --devices {devices}" if devices > 1 else ""
    return f"engine train --run {shell_path(run)} --resume{several}"


def rank_lost_diagnostic(found: str, run: Path | None, devices: int) -> Diagnostic:
    """Return the diagnostic for a rank that ended without telling why.

    Args:
        found: what is known of the rank.
        run: the run folder, if it was created.
        devices: number of processes on this machine.
    """
    fixes = [Fix("Start the same command again.")]
    if run is not None:
        fixes = [
            Fix(f"Resume from the last checkpoint: {resume_command(run, devices)}."),
            Fix("Start with --max-restarts 3, and the launcher does this by itself."),
        ]
    return Diagnostic.error(
        "rank-lost",
        "one of several processes was lost",
        *fixes,
        found=found,
        expected="all processes until the end",
    )


def restarted_diagnostic(rank: Rank) -> Diagnostic:
    """Return the warning that the launcher has started all ranks again, since one was lost."""
    return Diagnostic.warning(
        "rank-lost",
        "one of several processes was lost, so all were started again",
        "Look for the reason, such as too little memory: dmesg | tail.",
        found=f"restart {rank.restart_count} of {rank.max_restarts}",
        expected="all processes until the end",
    )
