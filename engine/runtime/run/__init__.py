"""A training in its run folder: recording events, resume, warm start."""
