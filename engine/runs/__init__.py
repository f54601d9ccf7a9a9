"""Run folders: events, state, control requests, evaluations and comparisons of training runs."""
