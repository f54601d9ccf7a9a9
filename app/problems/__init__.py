"""What the checks found, and one click to mend it."""
