"""Weights in Keras' layout and order, in memory and in files."""
