"""A training run as a child process, and its live curves."""
