"""Support for networks in Python: symbolic tensors, layer calls, errors with the caller's line."""
