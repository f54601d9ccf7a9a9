"""The runs of a document: a table, their curves over one another, and what differs."""
