"""Use of a trained run: predictions, scores, export to PyTorch."""
