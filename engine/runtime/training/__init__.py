"""The training loop: a generator of events over steps and epochs."""
