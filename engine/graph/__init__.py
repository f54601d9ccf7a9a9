"""The document: a project as a value, and everything that turns one into another."""
