"""Measurements before training: threads and precision, suggested loss weights."""
