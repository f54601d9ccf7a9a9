"""Run folders: run.json, notes, trash, relocation."""
