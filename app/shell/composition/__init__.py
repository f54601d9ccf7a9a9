"""Creates the controllers and dialogs of a window, and holds the objects that actions act on."""
