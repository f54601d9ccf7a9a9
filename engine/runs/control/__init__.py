"""Control requests to a run that is being trained, and the settings that they change."""
