"""What the form edits: fields read from schemas, the target of an edit, node documentation."""
