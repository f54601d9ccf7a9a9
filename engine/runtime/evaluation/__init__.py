"""Evaluation of a trained network on rows: scores, confusion matrix, calibration, curves."""

from __future__ import annotations

from engine.runtime.evaluation.predictions import ignore_progress
from engine.runtime.evaluation.record import evaluate_run

__all__ = ["evaluate_run", "ignore_progress"]
