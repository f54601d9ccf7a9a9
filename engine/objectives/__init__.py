"""What a head is trained on and measured by. Importing it fills both families."""

from engine.objectives import classification, metric, regression

__all__ = ["classification", "metric", "regression"]
