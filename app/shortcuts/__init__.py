"""Keyboard shortcuts and mouse gestures: the keymap, its editor, and the cheat sheet."""
