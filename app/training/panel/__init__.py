"""The training panel: run controls, loss table, status."""
