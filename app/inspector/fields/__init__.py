"""Form fields derived from schemas, what a form edits (nodes or recipe), and texts about nodes."""
