"""Layerloom's engine: check, compile and train drawn networks, without a window."""
