"""Input fields, switches and fix buttons."""
