"""What a trained network gets right and wrong, worked out row by row into one record."""

from __future__ import annotations

from engine.runtime.evaluation.collect import silent
from engine.runtime.evaluation.record import evaluated

__all__ = ["evaluated", "silent"]
