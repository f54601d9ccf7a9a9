"""Numbers, sizes, durations and counts as text, shared by terminal, report and window."""
