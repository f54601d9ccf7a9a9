"""Form fields derived from schemas, the targets of a form's edits, and node documentation."""
