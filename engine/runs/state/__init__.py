"""The state of a run, folded from its events: curves, best epoch, shares of the loss, warnings."""
