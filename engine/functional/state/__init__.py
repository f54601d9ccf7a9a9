"""The state of a model in Python: its graph, its report, and its torch network once needed."""
