"""Optimizer updates on flat or sparse parameters: embeddings touch only the rows of a batch."""
