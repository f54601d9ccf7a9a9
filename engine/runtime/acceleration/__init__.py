"""Accelerations of training, behind `accelerate`: plain torch computes the same without it.

None of them changes results beyond rounding errors. Each is tested against plain torch.
"""

from engine.runtime.acceleration.interface import accelerate

__all__ = ["accelerate"]
