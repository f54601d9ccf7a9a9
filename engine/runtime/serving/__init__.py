"""The prediction server: rows as JSON lines in, predictions out."""
