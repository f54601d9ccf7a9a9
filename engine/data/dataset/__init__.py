"""Encoded rows in memory or on disk, in shuffled batches."""
