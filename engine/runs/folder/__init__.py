"""The files of a run folder: description, notes, trash, relocation."""
