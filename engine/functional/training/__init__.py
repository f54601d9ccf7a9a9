"""`compile`, `fit`, `evaluate` and `predict` on arrays."""
