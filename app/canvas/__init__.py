"""The graph canvas: graphics items, gestures and edit actions on top of NodeGraphQt's view."""
