"""The event log of a run and the state that is folded from it."""
