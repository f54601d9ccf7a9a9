"""The Keras-like Python API: layers called on symbolic tensors, `Model`, `Sequential`, `fit`."""
