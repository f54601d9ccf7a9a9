"""The state of a Python model: graph, check report, and the torch network once it is needed."""
