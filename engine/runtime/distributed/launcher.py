"""The launcher of several ranks on this machine: PyTorch's elastic launcher, torchrun."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from engine.core.codes.entry import ExitCode
from engine.core.diagnostic import DiagnosticError
from engine.launch.launch_folder import ENV_NAME, LaunchFolder, rank_lost_diagnostic
from engine.launch.torchrun import Launch, torchrun_command
from engine.recipe.recipe import Device
from engine.runtime.device import require_devices, select_device


def launch_ranks(
    launch: Launch, arguments: Sequence[str], device: Device | None, command: str = "train"
) -> int:
    """Run a command of `engine` in several processes; return the exit code of rank 0.

    Args:
        arguments: arguments of the command, which every rank gets.
        device: device that the command names, if any.

    Raises:
        DiagnosticError: devices-missing, before anything is started; rank-lost, if a rank was lost
            and may not be restarted.
    """
    if device is not None:
        require_devices(select_device(device), launch.devices)
    logging.disable(logging.CRITICAL)  # torchrun's own reports would repeat ours
    from torch.distributed import run
    from torch.distributed.elastic.multiprocessing import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    cores = os.cpu_count() or 1
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, cores // launch.devices)))
    signal_number, lost = 0, ""
    with tempfile.TemporaryDirectory(prefix="layerloom-") as path:
        os.environ[ENV_NAME] = path
        # The launcher is a module; its arguments follow "python -m torch.distributed.run".
        words = torchrun_command(launch, arguments, command=command)
        options = run.parse_args(words[3:])  # type: ignore[no-untyped-call]
        try:
            run.run(options)  # type: ignore[no-untyped-call]
        except SignalException as error:
            signal_number = int(error.sigval)
        except ChildFailedError as error:
            rank, failure = error.get_first_failure()
            lost = f"rank {rank}: exit code {failure.exitcode}"
        folder = LaunchFolder(Path(path))
        code, run_path = folder.exit_code, folder.run
    if code is not None:
        return code
    if lost:
        raise DiagnosticError(rank_lost_diagnostic(lost, run_path))
    return 128 + signal_number if signal_number else ExitCode.OK
