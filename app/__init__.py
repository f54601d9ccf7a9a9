"""Layerloom's window: draws, checks and repairs the networks that the engine trains."""
