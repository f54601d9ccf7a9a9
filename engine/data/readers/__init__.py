"""Readers of table files, image folders and JSON records, and the registry of file formats."""
