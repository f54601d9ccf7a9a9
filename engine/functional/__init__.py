"""Networks written in Python as the Keras book does: layers called on tensors, Model, fit."""
