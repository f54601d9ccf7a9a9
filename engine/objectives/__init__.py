"""Losses and metrics. Importing this package registers all of them."""

from engine.objectives import classification, metric, regression

__all__ = ["classification", "metric", "regression"]
