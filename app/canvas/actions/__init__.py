"""Actions that keys and menus trigger on the canvas."""
