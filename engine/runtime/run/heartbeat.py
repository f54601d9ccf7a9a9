"""Signs of life of a run: memory in use, and how fast rows go by."""

from __future__ import annotations

import time

import torch

from engine.events import Heartbeat
from engine.runs.folder.posix import memory_in_use
from engine.runtime.training.control import BEAT
from engine.runtime.training.loop import Training


class Pulse:
    """Says now and then that a training lives.

    Args:
        training: the one that is watched.
    """

    def __init__(self, training: Training) -> None:
        self._training = training
        self._told = time.monotonic()
        self.restart()

    def restart(self) -> None:
        """Count the rows that go by from now on."""
        training = self._training
        self._since = time.monotonic() - training.idle
        self._rows = training.rows

    @property
    def due(self) -> bool:
        """True if nothing was said for a while."""
        return time.monotonic() - self._told >= BEAT

    def beat(self, phase: str) -> Heartbeat:
        """Return a sign of life.

        Args:
            phase: what the run is busy with.
        """
        training = self._training
        self._told = time.monotonic()
        seconds = self._told - training.idle - self._since
        rows = training.rows - self._rows
        self.restart()
        return Heartbeat(
            phase=phase,
            step=training.progress.step,
            memory=memory_in_use(),
            device_memory=_device_memory(training.place.device),
            rows_a_second=rows / seconds if rows and seconds > 0 else 0.0,
        )


def _device_memory(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device)
    return torch.mps.current_allocated_memory() if device.type == "mps" else 0
