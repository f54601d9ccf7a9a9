"""Evaluation results: scores, rows, the page of each output."""
