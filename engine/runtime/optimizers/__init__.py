"""Optimizers with Keras' formulas, and gradient clipping."""
