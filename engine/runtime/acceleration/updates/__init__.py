"""Optimizer updates on flat parameter buffers, and lazy updates of the rows of embeddings."""
