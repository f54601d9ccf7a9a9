"""The state of a run, folded from its events: curves, best epoch, loss shares, warnings."""
