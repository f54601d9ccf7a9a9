"""The state of a run, computed from its events: curves, best epoch, loss shares, warnings."""
