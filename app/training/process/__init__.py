"""The training process: start, follow, control, find again."""
