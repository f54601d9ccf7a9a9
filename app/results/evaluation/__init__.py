"""Evaluation of a run: scores, a page for each output, and the rows behind them."""
