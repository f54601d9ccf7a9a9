"""Readers of Parquet, Arrow and NumPy files."""
