"""Evaluation of a run: scores, a page for each output, and tables of evaluated rows."""
