"""Readers of CSV and JSON lines, whose errors name the line."""
