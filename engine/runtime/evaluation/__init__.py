"""What a trained network gets right and wrong, worked out row by row into one record."""

from __future__ import annotations

from engine.runtime.results.collect import silent
from engine.runtime.results.record import evaluated

__all__ = ["evaluated", "silent"]
