"""Actions of keys and menus on the canvas."""
