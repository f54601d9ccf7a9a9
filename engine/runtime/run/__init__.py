"""Training in a run folder: recording of events, resume, repeat, warm start."""
