"""Losses and metrics as schemas: what an output is trained on and judged by."""
