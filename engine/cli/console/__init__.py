"""Output of the commands: tables, progress, diagnostics, crash reports."""
