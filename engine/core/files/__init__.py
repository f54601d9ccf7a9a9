"""Atomic file writes and the wording of operating-system errors."""
