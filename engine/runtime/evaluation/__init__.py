"""Evaluation of a trained network on rows: scores, confusion matrix, calibration, curves."""

from __future__ import annotations

from engine.runtime.evaluation.collect import silent
from engine.runtime.evaluation.record import evaluated

__all__ = ["evaluated", "silent"]
