"""Readers of tables: a registry of file formats, image folders, and JSON records."""
