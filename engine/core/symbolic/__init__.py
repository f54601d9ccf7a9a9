"""Support for networks in Python: symbolic tensors, layer calls, errors at the line of the call."""
