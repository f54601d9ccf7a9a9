"""The layer palette and the add menu, to search layer types and add them to the canvas."""
