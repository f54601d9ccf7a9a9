"""Evaluation of a trained network on rows: scores, confusion matrix, calibration, curves."""
