"""The launcher of several ranks on this machine: PyTorch's elastic launcher, torchrun."""

from __future__ import annotations

import logging
import os
import re
import socket
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Thread

from torch.distributed import TCPStore  # type: ignore[attr-defined]
from torch.distributed.elastic.multiprocessing import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.elastic.rendezvous import RendezvousError, RendezvousTimeoutError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from engine.core.codes.entry import ExitCode
from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.launch.torchrun import (
    EXIT_CODE,
    FOLDER_VARIABLE,
    RUN,
    Launch,
    rank_lost_diagnostic,
    read_left,
)
from engine.recipe.recipe import Device
from engine.runtime.device import require_devices, select_device
from engine.runtime.idle_cores import idle_core_count


def launch_ranks(
    launch: Launch, arguments: Sequence[str], device: Device | None, command: str = "train"
) -> int:
    """Run a command of `engine` in several processes; return the exit code of rank 0.

    Args:
        arguments: arguments of the command, which every rank gets.
        device: device that the command names, if any.

    Raises:
        DiagnosticError: devices-missing, before anything is started; rendezvous-failed, if the
            launchers of several machines do not meet; rank-lost, if a rank was lost and may not be
            restarted.
    """
    if device is not None:
        require_devices(select_device(device), launch.devices)
    if launch.nodes > 1 and launch.node_rank != 0:
        _require_launcher(launch)
    logging.disable(logging.CRITICAL)  # torchrun's own reports would repeat ours
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, idle_core_count() // launch.devices)))
    code, lost = int(ExitCode.OK), ""
    with tempfile.TemporaryDirectory(prefix="layerloom-") as folder:
        os.environ[FOLDER_VARIABLE] = folder
        try:
            elastic_launch(_config(launch), sys.executable)("-m", "engine", command, *arguments)
        except SignalException as error:
            code = 128 + int(error.sigval)
        except ChildFailedError as error:
            rank, failure = error.get_first_failure()
            lost = f"rank {rank}: exit code {failure.exitcode}"
        except RendezvousError as error:
            raise rendezvous_error(launch, error) from error
        left, run = (read_left(Path(folder), name) for name in (EXIT_CODE, RUN))
    if left:
        return int(left)
    if lost:
        run_path = Path(run) if run else None
        raise DiagnosticError(rank_lost_diagnostic(lost, run_path, launch.devices))
    return code


def _require_launcher(launch: Launch) -> None:
    """Check that what listens at the address of the rendezvous, if anything, is a launcher.

    Why: torch waits without a limit for the first answer of a program that listens there.
    """
    host, _, port = launch.rendezvous.rpartition(":")
    try:
        socket.create_connection((host, int(port)), launch.timeout).close()
    except (OSError, UnicodeError):  # the latter of a name that can't be a host's
        return  # torch tries it until the timeout, or hosts the rendezvous itself

    def connect() -> None:
        with suppress(RuntimeError):  # this is repeated, and reported, by the launch
            TCPStore(host, int(port), timeout=timedelta(seconds=launch.timeout))

    client = Thread(target=connect, daemon=True)
    client.start()
    client.join(launch.timeout)
    if client.is_alive():
        silent = RendezvousError("another program listens at this address, and does not respond")
        raise rendezvous_error(launch, silent)


def _config(launch: Launch) -> LaunchConfig:
    # torch may wait for a connection twice as long, since its pauses between attempts double.
    waits = {"join_timeout": launch.timeout, "read_timeout": max(1, launch.timeout // 2)}
    rendezvous: dict[str, object] = {**waits}
    if launch.node_rank is not None:
        rendezvous["is_host"] = launch.node_rank == 0
    return LaunchConfig(
        min_nodes=launch.nodes,
        max_nodes=launch.nodes,
        nproc_per_node=launch.devices,
        # Launchers with another number of nodes do not meet.
        run_id=f"layerloom-{launch.nodes}",
        rdzv_backend="c10d",
        rdzv_endpoint=launch.rendezvous if launch.nodes > 1 else "localhost:0",
        rdzv_configs=rendezvous,
        # Else the name of this machine, which need not be one that it can resolve.
        local_addr="localhost" if launch.nodes == 1 else None,
        max_restarts=launch.max_restarts,
    )


def rendezvous_error(launch: Launch, error: RendezvousError) -> DiagnosticError:
    """Return the error for launchers of several machines that did not meet."""
    is_late = isinstance(error, RendezvousTimeoutError)
    # The text ends with details and C++ stack frames.
    reason = re.split(r"\n|\. port: ", str(error.__cause__ or error))[0]
    return diagnostic_error(
        "rendezvous-failed",
        f"the rendezvous of {launch.nodes} machines failed",
        "Name a machine and a free port with --rendezvous, and reach it from all others.",
        "Start all machines with the same --nodes, and node 0 with --node-rank 0.",
        place=launch.rendezvous,
        found=f"fewer machines after {launch.timeout} s" if is_late else reason[:200],
        expected=f"the same command on each machine within {launch.timeout} s",
    )
