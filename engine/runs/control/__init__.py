"""Control requests to a live run, and the settings they change."""
