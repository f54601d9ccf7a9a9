"""Form fields derived from schemas, targets of edits, and documentation of nodes."""
