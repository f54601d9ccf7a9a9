"""Heartbeat events of a run: memory in use and training throughput."""

from __future__ import annotations

import time

import torch

from engine.events import Heartbeat
from engine.runs.log.posix import resident_memory
from engine.runtime.training.control import HEARTBEAT_SECONDS
from engine.runtime.training.training import Training


class HeartbeatSource:
    """Creates heartbeats: regular events with the memory use and throughput of a training."""

    def __init__(self, training: Training) -> None:
        self._training = training
        self._last_beat = time.monotonic()
        self.restart()

    def restart(self) -> None:
        """Start a new measurement of the throughput."""
        self._start = self._training.clock
        self._start_row_count = self._training.rows_seen

    @property
    def is_due(self) -> bool:
        """True if it is time for the next heartbeat."""
        return time.monotonic() - self._last_beat >= HEARTBEAT_SECONDS

    def heartbeat(self, phase: str) -> Heartbeat:
        """Return a heartbeat for the activity `phase`, and restart the throughput measurement."""
        training = self._training
        self._last_beat = time.monotonic()
        seconds = training.clock - self._start
        row_count = training.rows_seen - self._start_row_count
        self.restart()
        return Heartbeat(
            phase=phase,
            step=training.progress.step,
            memory=resident_memory(),
            device_memory=_device_memory(training.device_context.device),
            rows_a_second=row_count / seconds if row_count and seconds > 0 else 0.0,
        )


def _device_memory(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.memory_allocated(device)
    return torch.mps.current_allocated_memory() if device.type == "mps" else 0
