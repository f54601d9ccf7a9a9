"""Files to tables: a registry of formats, image folders, records."""
