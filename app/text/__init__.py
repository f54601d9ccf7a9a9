"""Text helpers: numbers, phrases, fuzzy search, node names."""
