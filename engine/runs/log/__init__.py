"""Append-only logs of a run: the event log, its step buffer, and the lock of the run folder."""
