"""Live charts of losses and metrics."""
