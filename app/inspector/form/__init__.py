"""Forms with a row for each field of a schema."""
