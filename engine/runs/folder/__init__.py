"""The run folder on disk: its files, lock, notes, trash and relocation."""
