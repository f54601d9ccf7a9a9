"""Random seeds of training steps, for the random generators of torch."""

from __future__ import annotations

import torch

_UINT64_MAX = (1 << 64) - 1


def seed_step(seed: int, step: int, device: torch.device | None = None) -> None:
    """Seed torch's random generators on the CPU and on `device` for a training step.

    Why: the random numbers of a step depend only on the run's seed and the step number, so
        checkpoints need no generator state. torch.manual_seed would seed all backends, and take ten
        times as long.
    """
    step_seed = _hash(seed, step)
    torch.default_generator.manual_seed(step_seed)
    if device is not None and device.type == "cuda":
        torch.cuda.manual_seed(step_seed)
    if device is not None and device.type == "mps":
        torch.mps.manual_seed(step_seed)


def _hash(seed: int, step: int) -> int:
    """Return a 64-bit hash of a seed and a step number, computed by the finalizer of splitmix64.

    Why: torch's CPU generator uses the lower 32 bits only, so all bits have to be mixed.
    Source: Steele and others 2014, splitmix.
    """
    value = (seed * 0x9E3779B97F4A7C15 + (step + 1) * 0xD1B54A32D192ED03) & _UINT64_MAX
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & _UINT64_MAX
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & _UINT64_MAX
    return value ^ value >> 31
