"""The state of a Python model: graph, check report, and a torch network built on first use."""
