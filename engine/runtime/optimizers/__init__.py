"""Optimizers with Keras' formulas, gradient clipping, loss weighting."""
