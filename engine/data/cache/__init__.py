"""Rows that were encoded once, kept in files that are mapped into memory."""
