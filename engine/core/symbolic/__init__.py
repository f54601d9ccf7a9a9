"""Support for networks written in Python: symbolic tensors, layer calls, argument errors at the caller's line."""
