"""Engine commands as child processes: start, output parsing, and JSON messages."""
