"""The graphics view: zoom, background, minimap, drawing of large graphs."""
