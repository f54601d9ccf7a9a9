"""Curve data without Qt: series, running means, caches, remaining time."""
